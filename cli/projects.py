"""Opening a project for a verb: errors stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import say
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.selection import Selection
    from voicepipe.settings import Settings


def load_valid_project(session: Session) -> Project:
    """Read a project that is to be rendered; warnings are counted, since `check` shows them.

    Raises:
        InputError: The project has errors.
    """
    from voicepipe.pipeline.opening import open_valid

    project, _ = open_valid(session.root, on_event=lambda _: None)
    tell_warnings(session, project.n_warnings)
    return project


def settings_of(session: Session) -> Settings:
    """Read the project's settings alone.

    Raises:
        InputError: There are none, or they have errors.
    """
    from voicepipe.pipeline.project import usable_settings

    return usable_settings(session.root)


def tell_warnings(session: Session, n_warnings: int) -> None:
    """Say that there are warnings, and where to read them."""
    if n_warnings:
        say(session, warnings_told(n_warnings))


def warnings_told(n_warnings: int) -> str:
    """Say how many there are, in one sentence."""
    return f"{counted(n_warnings, 'warning')}: `voicepipe check` shows them"


def filters(
    languages: Sequence[str] | None,
    scenes: Sequence[str] | None,
    speakers: Sequence[str] | None,
    nodes: Sequence[str] | None,
    lines: Sequence[str] | None,
) -> Selection:
    """Take up the filters a person gave; whether the project has such names is asked later."""
    from voicepipe.pipeline.selection import Selection

    return Selection(
        languages=frozenset(languages or ()),
        scenes=frozenset(scenes or ()),
        speakers=frozenset(speakers or ()),
        nodes=frozenset(nodes or ()),
        lines=frozenset(lines or ()),
    )

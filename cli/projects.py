"""Opening a project for a verb: errors stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import say
from voicepipe.pipeline.project import Project, load_project
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.pipeline.selection import Selection


def load_valid_project(session: Session, *, release: bool = False) -> Project:
    """Read a project that is to be rendered; warnings are counted, since `check` shows them.

    Raises:
        InputError: The project has errors.
    """
    project = load_project(session.root, release=release)
    project.require_valid()
    tell_warnings(session, project.n_warnings)
    return project


def tell_warnings(session: Session, n_warnings: int) -> None:
    """Say that there are warnings, and where to read them."""
    if n_warnings:
        say(session, f"{counted(n_warnings, 'warning')}: `voicepipe check` shows them")


def selection_of(
    project: Project,
    languages: Sequence[str] | None,
    scenes: Sequence[str] | None,
    speakers: Sequence[str] | None,
    nodes: Sequence[str] | None,
    lines: Sequence[str] | None,
) -> Selection:
    """Check the filters a person gave.

    Raises:
        UsageError: A name the project does not have.
    """
    from voicepipe.pipeline.selection import select

    return select(
        project,
        languages=languages or (),
        scenes=scenes or (),
        speakers=speakers or (),
        nodes=nodes or (),
        lines=lines or (),
    )

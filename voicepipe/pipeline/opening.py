"""Opening a project for a render or a plan: errors stop it, warnings are counted and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.engines.registry import ENGINES
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.selection import EVERYTHING, Selection, resolve
from voicepipe.workers.events import ProjectRead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from voicepipe.pipeline.project import Project
    from voicepipe.workers.events import RenderEvent

    Listener = Callable[[RenderEvent], None]


def open_valid(
    root: Path,
    selection: Selection = EVERYTHING,
    *,
    release: bool = False,
    engines: Mapping[str, str] = ENGINES,
    on_event: Listener,
) -> tuple[Project, Selection]:
    """Read a project that is to be rendered or planned.

    Args:
        root: The folder `voicepipe.yaml` is in.
        selection: Of lines that are meant, as a person wrote it.
        release: Hold it to what a release needs.
        engines: Name → `module:class`.
        on_event: Told `ProjectRead`.

    Returns:
        The project, and the selection in the project's own names.

    Raises:
        InputError: The project has errors.
        UsageError: The selection names what the project does not have.
    """
    project = load_project(root, release=release, engines=engines)
    project.require_valid()
    on_event(ProjectRead(bank=project.settings.bank, n_warnings=project.n_warnings))
    return project, resolve(project, selection)

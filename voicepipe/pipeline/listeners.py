"""Who listens to the clips of a project on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault
from voicepipe.qc.examining import Examiner, ExaminerSetup
from voicepipe.settings_qc import ANALYSERS, SIGNAL_ONLY

if TYPE_CHECKING:
    from voicepipe.pipeline.project import Project
    from voicepipe.settings import Settings
    from voicepipe.settings_qc import Extent


def examiner_for(project: Project, extent: Extent | None) -> ExaminerSetup | None:
    """Say who listens to clips in this run.

    Args:
        project: Its settings say who is asked to pass a clip.
        extent: `full`: all who are asked; `signal`: that analyser alone; `off`: nobody; None:
            those who are asked and work here.

    Raises:
        EnvironmentFault: `full` was asked for, and one of them lacks something.
    """
    if extent == "off":
        return None
    setup = asked_setup(project, extent)
    lacking = Examiner(setup).unavailable
    if lacking and extent == "full":
        name, why = next(iter(lacking.items()))
        raise EnvironmentFault(
            f"{name} cannot judge here: {why}",
            remedy="install it, or leave out `--qc full`: what nobody judges is shown as such",
        )
    able = tuple(name for name in setup.analysers if name not in lacking)
    return replace(setup, analysers=able) if able else None


def asked_setup(project: Project, extent: Extent | None) -> ExaminerSetup:
    """Say who is asked to listen, whether they work here or not; otherwise as `examiner_for`."""
    asked = asked_analysers(project.settings)
    if extent == "signal":
        asked = tuple(name for name in asked if name in SIGNAL_ONLY)
    return ExaminerSetup(analysers=asked, root=project.root)


def asked_analysers(settings: Settings) -> tuple[str, ...]:
    """Name everyone who is asked to pass a clip of any language or voice, in their order."""
    parts = (*settings.qc.languages.values(), *settings.qc.voices.values())
    asked = {*settings.qc.analysers}.union(*(part.analysers or () for part in parts))
    return tuple(name for name in ANALYSERS if name in asked)

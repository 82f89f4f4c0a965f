"""Who listens to the clips of a project on this machine."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.qc.examining import Examiner, ExaminerSetup
from voicepipe.settings_qc import ANALYSERS, EXTENTS, SIGNAL_ONLY

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.settings_qc import Extent, QcSettings


VARIABLE: Final = "VOICEPIPE_QC"
"""Names who listens on this machine: `full`, `signal` or `off`."""


def examiner_for(root: Path, settings: QcSettings, extent: Extent | None) -> ExaminerSetup | None:
    """Say who listens to clips in this run.

    Args:
        root: The project's folder.
        settings: Say who is asked to pass a clip.
        extent: `full`: all who are asked; `signal`: that analyser alone; `off`: nobody; None: as
            the environment says, or else those who are asked and work here.

    Raises:
        UsageError: The environment says something else.
        EnvironmentFault: `full` was asked for, and one of them lacks something.
    """
    extent = extent or _of_environment()
    if extent == "off":
        return None
    setup = asked_setup(root, settings, extent)
    lacking = Examiner(setup).unavailable
    if lacking and extent == "full":
        name, why = next(iter(lacking.items()))
        raise EnvironmentFault(
            f"{name} cannot judge here: {why}",
            remedy="install it, or leave out `--qc full`: what nobody judges is shown as such",
        )
    able = tuple(name for name in setup.analysers if name not in lacking)
    return replace(setup, analysers=able, needs_all=extent == "full") if able else None


def asked_setup(root: Path, settings: QcSettings, extent: Extent | None) -> ExaminerSetup:
    """Say who is asked to listen, whether they work here or not; otherwise as `examiner_for`."""
    asked = asked_analysers(settings)
    if (extent or _of_environment()) == "signal":
        asked = tuple(name for name in asked if name in SIGNAL_ONLY)
    return ExaminerSetup(analysers=asked, root=root)


def _of_environment() -> Extent | None:
    said = os.environ.get(VARIABLE, "")
    for extent in EXTENTS:
        if said == extent:
            return extent
    if said:
        raise UsageError(
            f'{VARIABLE} is "{said}"', remedy=f"set it to {', '.join(EXTENTS)}, or to nothing"
        )
    return None


def asked_analysers(settings: QcSettings) -> tuple[str, ...]:
    """Name everyone who is asked to pass a clip of any language or voice, in their order."""
    parts = (*settings.languages.values(), *settings.voices.values())
    asked = {*settings.analysers}.union(*(part.analysers or () for part in parts))
    return tuple(name for name in ANALYSERS if name in asked)

"""From the settings to what a clip of a language and a voice is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.qc.findings import Reason
from voicepipe.qc.thresholds import default_limits
from voicepipe.qc.verdicts import Standard
from voicepipe.settings_qc import NEVER

if TYPE_CHECKING:
    from voicepipe.settings_qc import QcLimits, QcSettings


def standard_for(settings: QcSettings, *, language: str, voice: str) -> Standard:
    """Say what a clip is held to.

    What the settings say of a voice holds over what they say of a language, that over what they
    say of the project, and that over the defaults of the language.

    Args:
        settings: Of the project.
        language: The line's, as the settings list it.
        voice: Who speaks.
    """
    analysers = settings.analysers
    limits = default_limits(language)
    _change(limits, settings.limits)
    for part in (settings.languages.get(language), settings.voices.get(voice)):
        if part is not None:
            _change(limits, part.limits)
            analysers = part.analysers or analysers
    return Standard(analysers=tuple(dict.fromkeys(analysers)), limits=limits)


def _change(limits: dict[Reason, float], changes: QcLimits) -> None:
    for name, value in changes.named().items():
        reason = Reason(name)
        if value == NEVER:
            limits.pop(reason, None)
        else:
            limits[reason] = float(value)

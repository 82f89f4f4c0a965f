"""The diagnostics of quality control: VP700-VP719."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

UNKNOWN_VOICE: Final = CodeInfo(
    code="VP700",
    title="limits for a voice that does not exist",
    severity=Severity.ERROR,
    explanation=(
        "`qc.voices` in voicepipe.yaml holds what differs for single voices, by the names of their "
        "files in the voices folder. Limits for a name that no voice has would hold for nobody, "
        "and the voice that was meant would be judged by others.\n\n"
        "    qc:\n      voices:\n        captain: {limits: {unlike_voice: 0.7}}"
    ),
)

CODES: Final = (UNKNOWN_VOICE,)
"""Every code of this room."""

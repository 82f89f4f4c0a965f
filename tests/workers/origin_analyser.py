"""An analyser for tests: its findings say how the process it listens in came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from origin_engine import origin
from toy_analysers import Pitch

from voicepipe.qc.findings import Findings

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts

PATHS = (("intelligibility", "origin_analyser:Origin"),)


class Origin(Pitch):
    """Finds no fault."""

    name = "intelligibility"

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        return Findings(scores={name: float(number) for name, number in origin().items()})

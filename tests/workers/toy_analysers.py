"""Analysers for tests: they hear the pitch of a tone, and count how often they were asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.qc.findings import Fault, Findings

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts

COUNTED = "TOY_ANALYSERS_COUNTED"
"""Names a file that grows by a letter for every clip that is listened to."""
PATHS = (("signal", "toy_analysers:Pitch"), ("intelligibility", "toy_analysers:NotInstalled"))


def pitch_hz(clip: AudioClip) -> float:
    """Count the crossings of a tone."""
    crossings = np.count_nonzero(np.diff(np.signbit(clip.samples)))
    return float(crossings / 2 / clip.duration_s)


class Pitch:
    """Every clip has a gap, the longer the higher its tone is."""

    name, revision = "signal", "1"

    def unavailable(self) -> str:
        return ""

    def not_judged(self, line: LineFacts) -> str:
        return "it knows no Klingon" if line.language == "tlh" else ""

    def reads(self) -> tuple[Path, ...]:
        return ()

    def depends_on(self, line: LineFacts) -> str:
        return "0" * 12

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        counted = os.environ.get(COUNTED)
        if counted:
            with Path(counted).open("a") as file:
                file.write("x")
        pitch = pitch_hz(clip)
        return Findings(scores={"word_error": pitch}, faults=(Fault(reason="gap", value=pitch),))


class Comparer(Pitch):
    """Tells what the voice's first clip holds."""

    name = "speaker"

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        return Findings(heard=line.voice.clips[0].path.read_text("ascii"))


class NotInstalled(Pitch):
    """Is not installed."""

    name = "intelligibility"

    def unavailable(self) -> str:
        return "toys are not installed"

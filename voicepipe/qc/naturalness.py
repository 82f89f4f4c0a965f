"""How natural a clip sounds: the opinion score that listeners would give, predicted."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.resample import resample
from voicepipe.hashing import short_hash
from voicepipe.installation import install_remedy, package_file
from voicepipe.model.encoders.opinion_score import (
    SAMPLE_RATE,
    WEIGHTS_SHA256,
    OpinionScore,
)
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.words_alone import spoken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts

_RULES: Final = 1
_PACKAGE: Final = "distillmos"
_WEIGHTS: Final = Path("weights", "distill_mos_v7.pt")
_SHORTEST_S: Final = 0.5
_SILENT: Final = 1e-4


class NaturalnessAnalyser:
    """Predicts a mean opinion score with Distill-MOS (Stahl and Gamper, 2025; MIT)."""

    name = "naturalness"

    @property
    def revision(self) -> str:
        """Of these rules and of the weights."""
        return f"{_RULES}-{WEIGHTS_SHA256[:12]}"

    def unavailable(self) -> str:
        """Say which packages are missing."""
        is_there = package_file(_PACKAGE, _WEIGHTS) is not None
        return "" if is_there else f"{_PACKAGE} not installed: {install_remedy('qc')}"

    def not_judged(self, line: LineFacts) -> str:  # noqa: ARG002 - of the protocol
        """It judges any speech."""
        return ""

    def reads(self) -> tuple[Path, ...]:
        """It reads nothing of the project."""
        return ()

    def depends_on(self, line: LineFacts) -> str:  # noqa: ARG002 - of the protocol
        """Nothing but the sound."""
        return short_hash([])

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        """Predict a score."""
        samples = resample(spoken(clip, line), SAMPLE_RATE).samples
        if not len(samples) or float(np.abs(samples).max()) < _SILENT:
            return Findings(not_judged="a silent clip has no naturalness")
        score = self._score(samples)
        fault = Fault(reason=Reason.UNNATURAL.value, value=score, end_s=clip.duration_s)
        return Findings(scores={"mos": score}, faults=(fault,))

    def _score(self, samples: NDArray[np.float32]) -> float:
        n_least = round(_SHORTEST_S * SAMPLE_RATE)
        if len(samples) < n_least:
            samples = np.tile(samples, -(-n_least // len(samples)))
        return self._network.score(samples)

    @cached_property
    def _network(self) -> OpinionScore:
        weights = package_file(_PACKAGE, _WEIGHTS)
        assert weights is not None
        return OpinionScore.load(weights)

"""How natural a clip sounds: the opinion score that listeners would give, predicted.

Imports torch with the first clip.
"""

from __future__ import annotations

import importlib.util
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voicepipe.audio.resample import resample
from voicepipe.hashing import short_hash
from voicepipe.installation import install_remedy, package_folder
from voicepipe.qc.findings import Fault, Findings, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts

_RULES: Final = 1
_PACKAGES: Final = ("distillmos", "xls_r_sqa", "torchaudio")
_WEIGHTS: Final = Path("weights", "distill_mos_v7.pt")
_SHA256: Final = "b18b3ac60227267cfb91e5d00ce22cc7b73716fd92f269484da1446e27031a40"
_RATE: Final = 16_000
_SHORTEST_S: Final = 0.5
_SILENT: Final = 1e-4


class NaturalnessAnalyser:
    """Predicts a mean opinion score with Distill-MOS (Stahl and Gamper, 2025; MIT)."""

    name = "naturalness"

    @property
    def revision(self) -> str:
        """Of these rules and of the weights."""
        return f"{_RULES}-{_SHA256[:12]}"

    def unavailable(self) -> str:
        """Say which packages are missing."""
        missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
        if missing:
            return f"{', '.join(missing)} not installed: {install_remedy('qc')}"
        return ""

    def not_judged(self, line: LineFacts) -> str:  # noqa: ARG002 - of the protocol
        """It judges any speech."""
        return ""

    def reads(self) -> tuple[Path, ...]:
        """It reads nothing of the project."""
        return ()

    def depends_on(self, line: LineFacts) -> str:  # noqa: ARG002 - of the protocol
        """Nothing but the sound."""
        return short_hash([])

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:  # noqa: ARG002
        """Predict a score."""
        samples = resample(clip, _RATE).samples
        if not len(samples) or float(np.abs(samples).max()) < _SILENT:
            return Findings(not_judged="a silent clip has no naturalness")
        score = self._score(samples)
        fault = Fault(reason=Reason.UNNATURAL.value, value=score, end_s=clip.duration_s)
        return Findings(scores={"mos": score}, faults=(fault,))

    def _score(self, samples: NDArray[np.float32]) -> float:
        import torch  # noqa: PLC0415 - only who listens waits for it

        n_least = round(_SHORTEST_S * _RATE)
        if len(samples) < n_least:
            samples = np.tile(samples, -(-n_least // len(samples)))
        with torch.inference_mode():
            return float(self._network(torch.from_numpy(samples)[None])[0])

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401 - the package has no types
        from distillmos import ConvTransformerSQAModel  # noqa: PLC0415 - heavy

        from voicepipe.model.checkpoints.reading import load_tensors_under  # noqa: PLC0415
        from voicepipe.model.checkpoints.weights import load_strictly  # noqa: PLC0415

        folder = package_folder("distillmos")
        assert folder is not None
        path = folder / _WEIGHTS
        network = ConvTransformerSQAModel(load_weights=False)
        load_strictly(network, load_tensors_under(path, "model", sha256=_SHA256), source=path)
        return network.eval()

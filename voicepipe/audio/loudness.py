"""How loud a clip sounds, and how high its wave really reaches.

The K-weighting filters are pyloudnorm's. The gating is our own: pyloudnorm also averages a last
block that the clip does not fill, which reads short clips up to 0.6 LU too quiet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import soxr
from pyloudnorm import IIRfilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

BLOCK_S = 0.4
"""A gating block."""
_STEP_S = 0.1
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OVERSAMPLING = 4


class LoudnessMethod(Enum):
    """How a figure was found."""

    INTEGRATED = "integrated"
    """Gated blocks, as every meter does."""
    UNGATED = "ungated"
    """Shorter than one gating block: the K-weighted mean square of the whole clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """A loudness and what it means."""

    lufs: float
    method: LoudnessMethod


def measure_loudness(clip: AudioClip) -> Loudness | None:
    """Measure how loud a clip sounds over its whole length.

    Args:
        clip: Mono, any length, any sample rate from 8 kHz.

    Returns:
        None when nothing in it passes the absolute gate (-70 LUFS): it is silent.

    Source: ITU-R BS.1770-4, annex 1, equations 1-7, for one front channel.
    """
    if not clip.n_samples:
        return None
    weighted = k_weighted(clip)
    if clip.n_samples < round(BLOCK_S * clip.sample_rate):
        lufs = _lufs(float(np.mean(np.square(weighted))))
        if lufs < _ABSOLUTE_GATE_LUFS:
            return None
        return Loudness(lufs=lufs, method=LoudnessMethod.UNGATED)
    lufs = _gated(_block_powers(weighted, clip.sample_rate))
    if lufs == -math.inf:
        return None
    return Loudness(lufs=lufs, method=LoudnessMethod.INTEGRATED)


def true_peak_dbtp(clip: AudioClip) -> float:
    """Measure the highest point of the wave between the samples.

    Returns:
        dB relative to full scale; `-inf` for digital silence. Never under the highest sample.

    Source: ITU-R BS.1770-4, annex 2: four-fold oversampling. The interpolation filter is soxr's,
    which is flatter than the annex's 48-tap example.
    """
    if not clip.n_samples:
        return -math.inf
    rate = clip.sample_rate
    dense = soxr.resample(clip.samples, rate, rate * _OVERSAMPLING, quality="HQ")
    peak = max(float(np.max(np.abs(dense))), float(np.max(np.abs(clip.samples))))
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def k_weighted(clip: AudioClip) -> NDArray[np.float64]:
    """Filter a clip as the ear weighs it: shape (S,), same sample rate.

    Source: BS.1770-4 annex 1, figures 2 and 4; coefficients for any sample rate after De Man,
    which meet the standard's own at 48 kHz (the cookbook filters pyloudnorm defaults to do not).
    """
    rate = clip.sample_rate
    shelf = IIRfilter(
        3.99984385397, 0.7071752369554193, 1681.9744509555319, rate, "high_shelf_DeMan"
    )
    high_pass = IIRfilter(0.0, 0.5003270373253953, 38.13547087613982, rate, "high_pass_DeMan")
    filtered = high_pass.apply_filter(shelf.apply_filter(clip.samples.astype(np.float64)))
    return np.asarray(filtered, dtype=np.float64)


def _block_powers(weighted: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    block = round(BLOCK_S * rate)
    running = np.concatenate(([0.0], np.cumsum(np.square(weighted))))
    n_blocks = 1 + int((len(weighted) - block) / (_STEP_S * rate) + 1e-9)
    starts = np.rint(np.arange(n_blocks) * _STEP_S * rate).astype(np.int64)
    starts = np.minimum(starts, len(weighted) - block)
    powers: NDArray[np.float64] = (running[starts + block] - running[starts]) / block
    # A difference of running sums may fall a hair under zero in digital silence.
    return np.maximum(powers, 0.0)


def _gated(powers: NDArray[np.float64]) -> float:
    audible = powers[powers >= _power(_ABSOLUTE_GATE_LUFS)]
    if not len(audible):
        return -math.inf
    threshold = _power(_lufs(float(np.mean(audible))) + _RELATIVE_GATE_LU)
    return _lufs(float(np.mean(audible[audible > threshold])))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power) if power > 0 else -math.inf


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))

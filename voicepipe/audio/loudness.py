"""How loud a clip sounds, and how high its wave really reaches.

Our own arithmetic, checked against pyloudnorm: that brings two seconds of imports to every worker
process, and also averages a last block the clip does not fill, which reads short clips too quiet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import soxr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

BLOCK_S = 0.4
"""A gating block."""
_STEP_S = 0.1
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OVERSAMPLING = 4
# The analog prototypes of the standard's two filters, fitted to its 48 kHz coefficients.
_SHELF_HZ, _SHELF_Q, _SHELF_DB, _SHELF_SLOPE = (
    1681.9744509555319,
    0.7071752369554193,
    3.99984385397,
    0.499666774155,
)
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087613982, 0.5003270373253953


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

    The filter is applied block by block through its frequency response. Its response to an impulse
    falls by 1e-12 in the eighth of a second left after each block, so nothing wraps around.

    Source: BS.1770-4 annex 1, figures 2 and 4.
    """
    n, rate = clip.n_samples, clip.sample_rate
    tail = rate // 8
    # Five tails: large enough that little is computed twice, small enough for a core's cache.
    n_fft = 1 << (5 * tail - 1).bit_length()
    response, block = _k_response(rate, n_fft), n_fft - tail
    weighted = np.zeros(n + tail)
    for start in range(0, n, block):
        part = clip.samples[start : start + block].astype(np.float64)
        end = start + len(part) + tail
        weighted[start:end] += np.fft.irfft(np.fft.rfft(part, n_fft) * response, n_fft)[
            : end - start
        ]
    return weighted[:n]


@lru_cache(maxsize=16)
def _k_response(rate: int, n_fft: int) -> NDArray[np.complex128]:
    """RecordKind and high pass at the frequencies of an FFT: shape (n_fft / 2 + 1,).

    The standard gives coefficients for 48 kHz only. These are the bilinear transform of the analog
    filters behind them, which meet the standard's at 48 kHz and hold for any rate.

    Source: De Man, Evaluation of implementations of the EBU R128 loudness measurement, AES 145.
    """
    delay = np.exp(-2j * np.pi * np.arange(n_fft // 2 + 1) / n_fft)  # z^-1 on the unit circle
    k, q, high = math.tan(math.pi * _SHELF_HZ / rate), _SHELF_Q, 10 ** (_SHELF_DB / 20)
    middle = high**_SHELF_SLOPE
    model_cache = (
        (high + middle * k / q + k * k)
        + 2 * (k * k - high) * delay
        + (high - middle * k / q + k * k) * delay**2
    ) / _denominator(k, q, delay)
    k = math.tan(math.pi * _HIGH_PASS_HZ / rate)
    # The standard's high pass has a numerator of exactly 1, -2, 1 after division by a0.
    scale = 1 + k / _HIGH_PASS_Q + k * k
    high_pass = scale * (1 - delay) ** 2 / _denominator(k, _HIGH_PASS_Q, delay)
    response: NDArray[np.complex128] = model_cache * high_pass
    return response


def _denominator(k: float, q: float, delay: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return (1 + k / q + k * k) + 2 * (k * k - 1) * delay + (1 - k / q + k * k) * delay**2


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

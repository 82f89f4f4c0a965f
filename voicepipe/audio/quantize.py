"""From float samples to the bytes of a WAV's data chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.post_settings import FLOAT_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pcm_bytes(samples: NDArray[np.float32], bit_depth: int, *, dither_seed: int | None) -> bytes:
    """Write samples as little-endian PCM (16, 24 bits) or IEEE float (32 bits).

    Args:
        samples: Shape (S,), finite; full scale is [-1, 1], what lies outside is clamped in PCM.
        bit_depth: 16, 24 or 32.
        dither_seed: Any integer ≥ 0; the same seed gives the same bytes. None: no dither, for
            samples that already lie on the grid.
    """
    if bit_depth == FLOAT_BITS:
        return samples.astype("<f4").tobytes()
    full_scale = 1 << (bit_depth - 1)
    scaled = samples.astype(np.float64) * full_scale
    if dither_seed is not None:
        # Digital silence stays digital: pads are meant to be empty.
        scaled += np.where(samples == 0, 0.0, tpdf_noise(len(samples), dither_seed))
    steps = np.clip(np.rint(scaled), -full_scale, full_scale - 1).astype("<i4")
    if bit_depth == 16:
        return steps.astype("<i2").tobytes()
    return steps.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()  # (S, 4) -> (S, 3): low bytes first


def tpdf_noise(n: int, seed: int) -> NDArray[np.float64]:
    """Draw triangular noise over two quantisation steps, variance 1/6.

    The difference of two uniform draws makes the rounding error's mean and power independent of
    the signal. The bits come straight from PCG64, whose stream numpy never changes.

    Returns:
        Shape (n,), in (-1, 1) steps.

    Source: Lipshitz, Wannamaker, Vanderkooy: Quantization and Dither, JAES 40 (1992).
    """
    raw = np.random.PCG64(seed).random_raw(n)
    high = (raw >> np.uint64(32)).astype(np.float64)
    low = (raw & np.uint64(0xFFFF_FFFF)).astype(np.float64)
    noise: NDArray[np.float64] = (high - low) / 2.0**32
    return noise

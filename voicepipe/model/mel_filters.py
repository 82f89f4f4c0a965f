"""Filters that gather a spectrum into bands as ears do, as arrays (torch-free)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MEL_BREAK_HZ = 1000.0  # Slaney's scale is linear below, logarithmic above
_MEL_LINEAR_HZ = 200.0 / 3
_MEL_LOG_STEP = math.log(6.4) / 27.0


@lru_cache(maxsize=8)
def slaney_filters(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float | None
) -> NDArray[np.float32]:
    """Design triangular filters of unit area on Slaney's mel scale.

    Returns:
        (M, `n_fft // 2 + 1`); shared, not to be written to.

    Source: Slaney's Auditory Toolbox, 1998; the default of `librosa.filters.mel`.
    """
    top = sample_rate / 2 if f_max is None else f_max
    corners = _mel_to_hz(np.linspace(_hz_to_mel(f_min), _hz_to_mel(top), n_mels + 2))
    bins = np.linspace(0.0, sample_rate / 2, n_fft // 2 + 1)
    filters = triangles(bins, corners) * (2.0 / (corners[2:] - corners[:-2]))[:, None]
    return filters.astype(np.float32)


def triangles(places: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights at each place of triangles over each three neighbouring corners."""
    rising = (places - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    falling = (corners[2:, None] - places) / (corners[2:] - corners[1:-1])[:, None]
    heights: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return heights


def _hz_to_mel(hz: float) -> float:
    if hz < _MEL_BREAK_HZ:
        return hz / _MEL_LINEAR_HZ
    return _MEL_BREAK_HZ / _MEL_LINEAR_HZ + math.log(hz / _MEL_BREAK_HZ) / _MEL_LOG_STEP


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    break_mel = _MEL_BREAK_HZ / _MEL_LINEAR_HZ
    logarithmic = _MEL_BREAK_HZ * np.exp(_MEL_LOG_STEP * (mels - break_mel))
    hz: NDArray[np.float64] = np.where(mels < break_mel, mels * _MEL_LINEAR_HZ, logarithmic)
    return hz

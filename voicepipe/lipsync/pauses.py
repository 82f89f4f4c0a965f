"""Gaps between phonemes: which of them are pauses, and what is loud at all (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

SHORTEST_PAUSE_S: Final = 0.08
"""A shorter gap is the closure of a stop, or two sounds running into each other."""
HOP_S: Final = 0.01
_WINDOW_S = 0.025
_UNDER_PEAK_DB = 35.0
_QUIETEST_DB = -60.0


def without_short_gaps(spans: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Let two phonemes meet in the middle of a gap that is no pause."""
    closed = list(spans)
    for number in range(len(closed) - 1):
        (start, end), (next_start, next_end) = closed[number : number + 2]
        if 0 < next_start - end < SHORTEST_PAUSE_S:
            middle = (end + next_start) / 2
            closed[number : number + 2] = [(start, middle), (middle, next_end)]
    return tuple(closed)


def loud_frames(clip: AudioClip) -> NDArray[np.bool_]:
    """Tell for every hundredth of a second whether something is said."""
    hop = max(1, round(HOP_S * clip.sample_rate))
    reach = max(hop, round(_WINDOW_S * clip.sample_rate))
    n_frames = max(1, clip.n_samples // hop)
    power = np.concatenate(([0.0], np.cumsum(clip.samples.astype(np.float64) ** 2)))
    middles = np.arange(n_frames) * hop + hop // 2
    first = np.clip(middles - reach // 2, 0, clip.n_samples)
    last = np.clip(middles + reach // 2, 0, clip.n_samples)
    mean = (power[last] - power[first]) / np.maximum(last - first, 1)
    level = 10 * np.log10(np.maximum(mean, 1e-12))
    loud: NDArray[np.bool_] = level > max(level.max() - _UNDER_PEAK_DB, _QUIETEST_DB)
    return loud

"""Is the same stretch of sound there twice, to the wave: what no throat says again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.signal_rules import Stretch

_RATE: Final = 8_000
"""At least: where a voice has its energy."""
_INSIDE: Final = (0.15, 0.75)
"""Share of a stretch that is compared: its ends are joined to something else."""
_REACH_S: Final = 0.012
"""How far from the expected place the first one may lie: it is known to a frame of 10 ms."""
_SAME: Final = 0.9
"""Correlation; of 420 clips of clean speech the likeliest pair came to 0.87."""


def copied_wave(clip: AudioClip, seconds: Iterable[Stretch]) -> Stretch | None:
    """Find a stretch that is the one right before it, wave by wave.

    Args:
        clip: Of any rate.
        seconds: Where second ones may be, from and to, in seconds of the clip.
    """
    step = max(1, clip.sample_rate // _RATE)
    whole = clip.samples[: clip.n_samples // step * step].astype(np.float64)
    slow = whole.reshape(-1, step).mean(axis=1)
    rate = clip.sample_rate / step
    return next((place for place in seconds if _likeness(slow, rate, place) > _SAME), None)


def _likeness(samples: NDArray[np.float64], rate: float, place: Stretch) -> float:
    """Give the highest correlation of a stretch with the equally long one right before it."""
    lag = place[1] - place[0]
    first, last = (round((place[0] + share * lag) * rate) for share in _INSIDE)
    n_lag, reach = round(lag * rate), round(_REACH_S * rate)
    second = samples[first:last]
    before = samples[max(0, first - n_lag - reach) : last - n_lag + reach]
    if not len(second) or len(before) < len(second):
        return 0.0
    products = np.correlate(before, second, mode="valid")
    powers = np.cumsum(np.concatenate(([0.0], np.square(before))))
    moving = powers[len(second) :] - powers[: -len(second)]
    norms = np.sqrt(moving * float(np.square(second).sum()))
    return float(np.max(products / np.maximum(norms, 1e-12)))

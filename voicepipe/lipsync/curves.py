"""Moving mouths: weights of blend shapes over time, with co-articulation (torch-free).

Each sound asks for a target. What a mouth does is the targets smoothed over about a syllable's
onset, a little ahead of the sound, as lips are; a sound that is too short is not quite reached,
and its neighbours colour it. Lips that must meet do meet: around the middle of such a sound its
target is reached whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.lipsync.sounds import CLOSED, REST, SoundSpan, sound_spans
from voicepipe.lipsync.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from voicepipe.lipsync.timing import ClipTiming

AHEAD_S: Final = 0.03
"""Lips move before they are heard."""
SMOOTHING_S: Final = 0.14
"""Width of the raised cosine that smooths targets: 70 ms of attack and of release."""
CLOSURE_S: Final = 0.07
"""Attack and release of lips that meet."""
SHORT_REST_S: Final = 0.2
"""In a shorter pause the mouth does not go to rest, but half way."""
_FINE_HZ: Final = 480
_LEAST = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Weights of a set's channels at equal steps of time."""

    channels: tuple[str, ...]
    rate: float
    """Frames a second; the first frame is at 0 s, the last at or just before the end."""
    weights: NDArray[np.float64]
    """(T, channels)."""


def mouth_curves(timing: ClipTiming, name: str, *, rate: float) -> Curves:
    """Move a mouth to a clip.

    Args:
        timing: Of the clip.
        name: Of a table with weights: `visemes`, `arkit`, `live2d` or `vrm`.
        rate: Frames a second, at least 1.
    """
    shapes = table(name)
    channels = tuple(shapes["channels"])
    spans = sound_spans(timing.phonemes, language=timing.language, duration_s=timing.duration_s)
    n_frames = int(timing.duration_s * rate) + 1
    times = np.arange(n_frames) / rate
    targets = _targets(shapes, channels)
    fine = _smoothed(spans, targets, timing.duration_s)
    places = np.arange(len(fine)) / _FINE_HZ
    weights = np.stack([np.interp(times, places, column) for column in fine.T], axis=1)
    _close(weights, times, spans, targets[CLOSED])
    weights[np.abs(weights) < _LEAST] = 0.0
    return Curves(channels=channels, rate=rate, weights=weights)


def _targets(
    shapes: Mapping[str, object], channels: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    sounds = shapes["sounds"]
    assert isinstance(sounds, dict)
    rows = {REST: shapes["rest"], **sounds}
    return {
        sound: np.array([float(row.get(channel, 0.0)) for channel in channels])
        for sound, row in rows.items()
    }


def _smoothed(
    spans: Sequence[SoundSpan], targets: Mapping[str, NDArray[np.float64]], duration_s: float
) -> NDArray[np.float64]:
    n_fine = int(duration_s * _FINE_HZ) + 2
    steps = np.tile(targets[REST], (n_fine, 1))
    for number, span in enumerate(spans):
        first, last = (
            round(max(0.0, moment - AHEAD_S) * _FINE_HZ) for moment in (span.start_s, span.end_s)
        )
        target = targets[span.sound]
        is_short = span.sound == REST and span.end_s - span.start_s < SHORT_REST_S
        if is_short and 0 < number < len(spans) - 1:
            target = (targets[spans[number - 1].sound] + target) / 2
        steps[first:last] = target
    half = round(SMOOTHING_S * _FINE_HZ / 2)
    kernel = np.hanning(2 * half + 3)[1:-1]
    kernel /= kernel.sum()
    padded = np.pad(steps, ((half, half), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)


def _close(
    weights: NDArray[np.float64],
    times: NDArray[np.float64],
    spans: Sequence[SoundSpan],
    closed: NDArray[np.float64],
) -> None:
    """Reach closure whole at the frame nearest to the middle of every closed sound."""
    for span in spans:
        if span.sound != CLOSED:
            continue
        middle = min(int(np.searchsorted(times, span.middle_s)), len(times) - 1)
        hold_s = max(0.0, (span.end_s - span.start_s) / 2 - 0.01)
        away = np.maximum(np.abs(times - times[middle]) - hold_s, 0.0) / CLOSURE_S
        share = np.where(away < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(away, 1.0)), 0.0)
        weights += share[:, None] * (closed - weights)

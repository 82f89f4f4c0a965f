"""Times of phonemes that nobody can hear for us: spread over what is loud (torch-free)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.lipsync.pauses import HOP_S, SHORTEST_PAUSE_S, loud_frames
from voicepipe.lipsync.sounds import is_vowel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

_VOWEL, _CONSONANT = 1.6, 1.0
_SHORTEST_GAP: Final = round(SHORTEST_PAUSE_S / HOP_S)


def estimated_spans(clip: AudioClip, phonemes: Sequence[str]) -> list[tuple[float, float]]:
    """Guess where phonemes are: vowels longer than consonants, and nothing in silence.

    Args:
        clip: Mono.
        phonemes: At least one.

    Returns:
        Seconds of each, in order.
    """
    loud = _without_short_gaps(loud_frames(clip))
    frames = np.flatnonzero(loud)
    if not frames.size:  # as loud everywhere as nowhere
        frames = np.arange(loud.size)
    weights = np.array([_VOWEL if is_vowel(phoneme) else _CONSONANT for phoneme in phonemes])
    borders = np.concatenate(([0.0], np.cumsum(weights) / weights.sum())) * frames.size
    return [_span(frames, start, end) for start, end in pairwise(borders.tolist())]


def _span(frames: NDArray[np.int64], start: float, end: float) -> tuple[float, float]:
    """Place a share of the loud frames; one that would reach over a pause keeps to one side."""
    first = min(int(start), frames.size - 1)
    last = min(max(int(np.ceil(end)) - 1, first), frames.size - 1)
    inner = frames[first : last + 1]
    cuts = np.flatnonzero(np.diff(inner) > 1)
    begin_s = (inner[0] + start - first) * HOP_S
    end_s = (inner[-1] + 1 - (last + 1 - end)) * HOP_S
    if not cuts.size:
        return float(begin_s), float(max(begin_s, end_s))
    cut = int(cuts[0])
    if 2 * (cut + 1) >= inner.size:
        return float(begin_s), float(max(begin_s, (inner[cut] + 1) * HOP_S))
    return float(inner[cut + 1] * HOP_S), float(max(inner[cut + 1] * HOP_S, end_s))


def _without_short_gaps(loud: NDArray[np.bool_]) -> NDArray[np.bool_]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8)))
    filled: NDArray[np.bool_] = loud.copy()
    for end, start in zip(edges[1::2], edges[2::2], strict=False):
        if start - end < _SHORTEST_GAP:
            filled[end:start] = True
    return filled

"""Which frames say which phoneme, of speech whose phonemes are known (torch-free).

Source: Viterbi, 1967; forced alignment as in HTK, with a pause between any two phonemes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from voicepipe.model.semantic.pronunciation import PAUSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NEVER = -1e9
_STAY, _NEXT, _OVER_PAUSE = 0, 1, 2


class Extent(NamedTuple):
    """Where something is said, in frames."""

    start: int
    end: int
    """The first frame after it."""


def spoken_extents(
    log_probabilities: NDArray[np.float32], wanted: Sequence[int]
) -> tuple[Extent, ...] | None:
    """Find where every phoneme is said.

    Args:
        log_probabilities: (T, K) of K classes in each of T frames; T at least 1.
        wanted: Classes of the phonemes in their order, at least one, no pauses.

    Returns:
        One extent a phoneme; None when there are fewer frames than phonemes.
    """
    if len(log_probabilities) < len(wanted):
        return None
    # Pause, phoneme, pause, phoneme … pause: an odd place is a phoneme.
    states = np.full(2 * len(wanted) + 1, PAUSE)
    states[1::2] = wanted
    path = _best_path(log_probabilities[:, states].astype(np.float64))
    places = np.arange(1, len(states), 2)
    starts, ends = np.searchsorted(path, places), np.searchsorted(path, places, side="right")
    return tuple(Extent(int(start), int(end)) for start, end in zip(starts, ends, strict=True))


def _best_path(emitted: NDArray[np.float64]) -> NDArray[np.int64]:
    """The best place in each of T frames, of (T, S) scores; pauses may be left out."""
    n_frames, n_states = emitted.shape
    best = np.full(n_states, _NEVER)
    best[:2] = emitted[0, :2]
    moves = np.zeros((n_frames, n_states), dtype=np.int8)
    options = np.full((3, n_states), _NEVER)
    for number in range(1, n_frames):
        options[_STAY] = best
        options[_NEXT, 1:] = best[:-1]
        options[_OVER_PAUSE, 3::2] = best[1:-2:2]
        moves[number] = options.argmax(axis=0)
        best = options.max(axis=0) + emitted[number]
    place = n_states - 1 if best[-1] >= best[-2] else n_states - 2
    path = np.zeros(n_frames, dtype=np.int64)
    for number in range(n_frames - 1, -1, -1):
        path[number] = place
        place -= int(moves[number, place])
    return path

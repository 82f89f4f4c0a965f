"""How well phonemes that were heard fit the phonemes that were to be said (torch-free).

Source: goodness of pronunciation, Witt and Young, 2000: the best path through the wanted phonemes
against the best path through any, by frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PAUSE: Final = 0
"""The class of frames in which nothing is said."""

_LEFT_OUT = -6.0  # nats for a wanted phoneme that no frame is given to
_WORST = -8.0  # a frame cannot speak louder against a path than this
_NEVER = -1e9


def goodness(log_probabilities: NDArray[np.float32], wanted: Sequence[int]) -> float:
    """Judge what was heard by what was wanted.

    Pauses may stand between any two phonemes, and a phoneme may be missing at a price.

    Args:
        log_probabilities: (T, K) of K classes in each of T frames; T at least 1.
        wanted: Classes of the phonemes in their order, no pauses.

    Returns:
        Nats a frame; 0: every frame is most likely what it should be, and it falls from there.
    """
    against = np.maximum(log_probabilities - log_probabilities.max(axis=1, keepdims=True), _WORST)
    # Pause, phoneme, pause, phoneme … pause: an odd place is a phoneme.
    states = np.full(2 * len(wanted) + 1, PAUSE)
    states[1::2] = wanted
    emitted = against[:, states].astype(np.float64)
    path = np.full(len(states), _NEVER)
    path[:2] = emitted[0, :2]
    path[3:4] = emitted[0, 3:4] + _LEFT_OUT
    for frame in emitted[1:]:
        best = path.copy()
        best[1:] = np.maximum(best[1:], path[:-1])
        best[3::2] = np.maximum(best[3::2], path[1:-2:2])  # no pause between two phonemes
        best[3::2] = np.maximum(best[3::2], path[:-3:2] + _LEFT_OUT)
        best[5::2] = np.maximum(best[5::2], path[1:-4:2] + _LEFT_OUT)
        path = best + frame
    whole, one_less = path[-2:], path[-4:-2]
    ends = np.concatenate((whole, one_less + _LEFT_OUT))
    return float(ends.max() / len(emitted))

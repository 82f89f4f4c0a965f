"""The best path through wanted phonemes, against every path there is."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from voicepipe.model.semantic.pronunciation import PAUSE, goodness

LEFT_OUT = -6.0


def _certain(classes: list[int], n_classes: int = 5) -> np.ndarray[tuple[int, int], np.dtype]:
    """Frames in which one class is almost sure and the others are alike."""
    scores = np.full((len(classes), n_classes), np.log(0.01 / (n_classes - 1)), dtype=np.float32)
    scores[np.arange(len(classes)), classes] = np.log(0.99)
    return scores


def _by_every_path(scores: np.ndarray, wanted: list[int]) -> float:
    """The same by trying all: which of the wanted are said, and which frames each of them gets."""
    against = np.maximum(scores - scores.max(1, keepdims=True), -8.0)
    best = -np.inf
    for places in product(range(2 * len(wanted) + 1), repeat=len(scores)):
        if any(b < a for a, b in pairwise(places)):
            continue
        said = sorted({place // 2 for place in places if place % 2})
        missing = [i for i in range(len(wanted)) if i not in said]
        if any(b == a + 1 for a, b in pairwise(missing)):
            continue  # never two in a row
        rows = [against[t, wanted[p // 2] if p % 2 else PAUSE] for t, p in enumerate(places)]
        # A pause on both sides of what is missing would be two pauses: one place may not jump.
        if any(_jumps(a, b) for a, b in pairwise(places)):
            continue
        if not _begins(places[0]) or not _ends(places[-1], len(wanted)):
            continue
        best = max(best, sum(rows) + LEFT_OUT * len(missing))
    return float(best / len(scores))


def _jumps(before: int, after: int) -> bool:
    if after - before <= 1:
        return False
    if after % 2 == 0:
        return True
    return after - before not in ((2, 4) if before % 2 else (3,))


def _begins(place: int) -> bool:
    return place in (0, 1, 3)


def _ends(place: int, n: int) -> bool:
    return place in (2 * n, 2 * n - 1, 2 * n - 2, 2 * n - 3)


@pytest.mark.parametrize("seed", range(12))
def test_the_best_path_is_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_frames, n_wanted = int(rng.integers(1, 6)), int(rng.integers(0, 4))
    scores = np.log(rng.dirichlet(np.ones(4) * 0.4, n_frames)).astype(np.float32)
    wanted = rng.integers(1, 4, n_wanted).tolist()
    expected = _by_every_path(scores, wanted)
    if np.isfinite(expected):
        assert goodness(scores, wanted) == pytest.approx(expected, abs=1e-5)
    else:
        assert goodness(scores, wanted) < -1e6


def test_what_was_wanted_costs_nothing() -> None:
    assert goodness(_certain([0, 1, 1, 2, 0, 0, 3, 3]), [1, 2, 3]) == 0
    assert goodness(_certain([1, 2, 3]), [1, 2, 3]) == 0
    assert goodness(_certain([0, 0]), []) == 0


def test_another_phoneme_and_a_missing_one_cost() -> None:
    right = goodness(_certain([1, 1, 2, 2, 3, 3]), [1, 2, 3])
    missing = goodness(_certain([1, 1, 1, 3, 3, 3]), [1, 2, 3])
    another = goodness(_certain([1, 1, 4, 4, 3, 3]), [1, 2, 3])
    surplus = goodness(_certain([1, 1, 4, 4, 4, 4]), [1])
    assert right == 0
    assert missing == pytest.approx(-1.0, abs=1e-2)  # six nats over six frames
    assert another < missing
    assert surplus < another

"""Which frames say which phoneme: the best path through known phonemes, by its extents."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from voicepipe.model.semantic.pronunciation import PAUSE
from voicepipe.model.semantic.spoken_borders import Extent, spoken_extents


def _sure(classes: list[int], n_classes: int = 5) -> np.ndarray:
    scores = np.full((len(classes), n_classes), -5.0, dtype=np.float32)
    scores[np.arange(len(classes)), classes] = -0.01
    return scores


def test_extents_are_where_the_phonemes_are() -> None:
    scores = _sure([0, 1, 1, 2, 0, 0, 3, 0])
    assert spoken_extents(scores, [1, 2, 3]) == (Extent(1, 3), Extent(3, 4), Extent(6, 7))


def test_a_phoneme_said_twice_has_two_extents_with_a_pause_between() -> None:
    assert spoken_extents(_sure([2, 0, 2, 2]), [2, 2]) == (Extent(0, 1), Extent(2, 4))


def test_a_phoneme_that_nobody_hears_has_an_extent_all_the_same() -> None:
    found = spoken_extents(_sure([1, 1, 1, 3, 3]), [1, 2, 3])
    assert found is not None
    assert all(extent.end > extent.start for extent in found)
    assert [extent.start for extent in found] == sorted(extent.start for extent in found)


def test_fewer_frames_than_phonemes_cannot_say_them() -> None:
    assert spoken_extents(_sure([1, 2]), [1, 2, 3]) is None


def test_a_path_is_followed_over_more_places_than_a_byte_counts() -> None:
    wanted = [1, 2] * 80
    found = spoken_extents(_sure(wanted), wanted)
    assert found == tuple(Extent(n, n + 1) for n in range(160))


@pytest.mark.parametrize("seed", range(6))
def test_no_other_path_is_better(seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(6, 4)).astype(np.float32)
    wanted = [1, 3]
    states = [PAUSE, 1, PAUSE, 3, PAUSE]

    def is_path(places: tuple[int, ...]) -> bool:
        steps = [(a, b) for a, b in pairwise(places)]
        begins, ends = places[0] in (0, 1), places[-1] in (3, 4)
        return begins and ends and all(b - a in (0, 1) or (a, b) == (1, 3) for a, b in steps)

    paths = [p for p in product(range(5), repeat=6) if is_path(p)]
    best = max(paths, key=lambda p: sum(scores[t, states[s]] for t, s in enumerate(p)))
    expected = [(best.index(s), len(best) - best[::-1].index(s)) for s in (1, 3)]
    assert spoken_extents(scores, wanted) == tuple(Extent(*e) for e in expected)

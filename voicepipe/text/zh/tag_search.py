"""The words and tags of a stretch that the dictionary lacks, by jieba's hidden Markov model.

The same search over the same tables as the library's, in array operations: it tries each pair of
states one by one, which takes most of a line's time where names and rare characters stand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    State = tuple[str, str]
    _Places = NDArray[np.intp]
    _Scores = NDArray[np.float64]

_NEVER: Final = -3.14e100
"""The library's logarithm for a character that a state never gives."""
_REMEMBERED_CHARACTERS: Final = 1 << 13


class TagSearch:
    """Finds the likeliest states (`B`, `M`, `E`, `S` and a tag) of characters.

    Args:
        states: Those that a character can have; any for one that is not listed.
        starts: Logarithm of each state's probability at the beginning.
        steps: Of each state after another.
        characters: Of each character in a state.
    """

    def __init__(
        self,
        states: Mapping[str, Sequence[State]],
        starts: Mapping[State, float],
        steps: Mapping[State, Mapping[State, float]],
        characters: Mapping[State, Mapping[str, float]],
    ) -> None:
        # Of equal scores the library takes the greatest state: here the first.
        self._states = sorted(steps, reverse=True)
        place_of = {state: place for place, state in enumerate(self._states)}
        self._candidates = states
        self._characters = [characters[state] for state in self._states]
        self._starts = np.array([starts[state] for state in self._states])
        self._steps = np.full((len(self._states),) * 2, -np.inf)
        for state, following in steps.items():
            for other, score in following.items():
                self._steps[place_of[state], place_of[other]] = score
        self._goes_on = np.array([bool(steps[state]) for state in self._states])
        self._place_of = place_of
        self._all = np.arange(len(self._states))
        self._of_character = lru_cache(_REMEMBERED_CHARACTERS)(self._look_up)

    def words(self, text: str) -> Iterator[tuple[str, str]]:
        """Cut a stretch.

        Args:
            text: Chinese characters, at least one.

        Yields:
            Words and tags that spell it.
        """
        begun = end = 0
        path = self._path(text)
        for place, (position, tag) in enumerate(path):
            if position == "B":
                begun = place
            elif position in "ES":
                end = place + 1
                yield text[begun if position == "E" else place : end], tag
        if end < len(text):
            yield text[end:], path[end][1]

    def _path(self, text: str) -> list[State]:
        places, emitted = self._of_character(text[0])
        scores = self._starts[places] + emitted
        before: list[tuple[_Places, _Places]] = []
        for character in text[1:]:
            kept = np.flatnonzero(self._goes_on[places])
            if not len(kept):  # nothing can follow, and yet something does
                kept = np.arange(len(places))
            following, emitted, steps = self._following(places[kept], character)
            sums = (scores[kept][:, None] + steps) + emitted
            best = sums.argmax(axis=0)
            before.append((places, kept[best]))
            scores = sums[best, np.arange(len(following))]
            places = following
        at = int(scores.argmax())
        found = [int(places[at])]
        for earlier, came_from in reversed(before):
            at = int(came_from[at])
            found.append(int(earlier[at]))
        return [self._states[place] for place in reversed(found)]

    def _following(self, places: _Places, character: str) -> tuple[_Places, _Scores, _Scores]:
        """Give the states a character can have after others, its scores in them, and the steps."""
        following, emitted = self._of_character(character)
        rows = self._steps[places]
        steps = rows[:, following]
        is_reached = (steps != -np.inf).any(axis=0)
        if is_reached.all():
            return following, emitted, steps
        if is_reached.any():
            return following[is_reached], emitted[is_reached], steps[:, is_reached]
        reached = np.flatnonzero((rows != -np.inf).any(axis=0))
        following = reached if len(reached) else self._all
        return following, self._emitted(following, character), rows[:, following]

    def _look_up(self, character: str) -> tuple[_Places, _Scores]:
        listed = self._candidates.get(character)
        if listed is None:
            return self._all, self._emitted(self._all, character)
        places = np.array(sorted(self._place_of[state] for state in set(listed)))
        return places, self._emitted(places, character)

    def _emitted(self, places: _Places, character: str) -> _Scores:
        return np.array([self._characters[place].get(character, _NEVER) for place in places])

"""Where in a written text its units stand: what pages mark when something is wrong with them."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from voicepipe.text.written_words import written_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.qc.spoken_units import SpokenUnit
    from voicepipe.text.records import Utterance

Place = tuple[int, int]
"""Characters of a text, from and to; both equal: between two."""


class WordPlaces:
    """Finds the words of one text.

    Args:
        text: As it is written.
        said: Its reading.
        units: Of the reading.
    """

    def __init__(self, text: str, said: Utterance, units: Sequence[SpokenUnit]) -> None:
        self._text = text
        self._words = written_words(text, (said,), said.language)
        self._borders = [0, *accumulate(len(unit.sounds) for unit in units)]
        self._lasts = [word.last for word in self._words]
        self._firsts = [word.first for word in self._words]

    def place(self, stretch: tuple[int, int]) -> Place:
        """Find whole words that say some of a stretch of units; of an empty one, where it is.

        Args:
            stretch: Units, from and to.
        """
        if not self._words:
            return (0, len(self._text))
        first, last = (self._borders[unit] for unit in stretch)
        begun = min(bisect_right(self._lasts, first), len(self._words) - 1)
        if first == last:
            is_behind = first >= self._lasts[-1]
            at = self._words[-1].end if is_behind else self._words[begun].start
            return (at, at)
        ended = max(begun, bisect_left(self._firsts, last) - 1)
        return self._without_marks(self._words[begun].start, self._words[ended].end)

    def _without_marks(self, start: int, end: int) -> Place:
        """Leave quotes, brackets and stops outside."""
        while start < end and _is_mark(self._text[start]):
            start += 1
        while end > start and _is_mark(self._text[end - 1]):
            end -= 1
        return (start, end)


def _is_mark(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("P")

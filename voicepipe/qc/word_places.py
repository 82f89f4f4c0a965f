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
    """The words of one text.

    Args:
        text: As it is written.
        said: Its reading.
        units: Of the reading.
    """

    def __init__(self, text: str, said: Utterance, units: Sequence[SpokenUnit]) -> None:
        self._text = text
        self.words = written_words(text, (said,), said.language)
        self._borders = [0, *accumulate(len(unit.sounds) for unit in units)]
        self._lasts = [word.last for word in self.words]
        self._firsts = [word.first for word in self.words]

    def sounds(self, stretch: tuple[int, int]) -> tuple[int, int]:
        """Give the sounds of a stretch of units, from and to."""
        return (self._borders[stretch[0]], self._borders[stretch[1]])

    def place(self, stretch: tuple[int, int]) -> Place:
        """Find whole words that say some of a stretch of units; of an empty one, where it is.

        Args:
            stretch: Units, from and to.
        """
        if not self.words:
            return (0, len(self._text))
        first, last = self.sounds(stretch)
        begun = min(bisect_right(self._lasts, first), len(self.words) - 1)
        if first == last:
            is_behind = first >= self._lasts[-1]
            at = self.words[-1].end if is_behind else self.words[begun].start
            return (at, at)
        ended = max(begun, bisect_left(self._firsts, last) - 1)
        return without_marks(self._text, self.words[begun].start, self.words[ended].end)


def without_marks(text: str, start: int, end: int) -> Place:
    """Leave quotes, brackets and stops outside a stretch of a text."""
    while start < end and _is_mark(text[start]):
        start += 1
    while end > start and _is_mark(text[end - 1]):
        end -= 1
    return (start, end)


def _is_mark(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("P")

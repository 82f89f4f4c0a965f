"""Speech that what was heard does not account for: a token that is said for far too long.

A recogniser may pass over what does not belong to the sentence it understood, such as the end of a
reference clip before the line. The times of its tokens give that away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.qc.comparison import Kind, compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.qc.spoken_units import SpokenUnit
    from voicepipe.qc.whisper import Heard

_FIRST_S: Final = 0.5
"""The first token of clips that begin with their line ends within 0.4 s."""
_LONGEST_S: Final = 0.9
"""Others last 0.8 s at most, pauses included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """What is heard in the time of one token."""

    start_s: float
    end_s: float
    units: tuple[SpokenUnit, ...]
    """Heard there, listened to alone."""
    own: tuple[SpokenUnit, ...]
    """Those of the token, as it was understood in the whole clip."""

    def extra(self) -> Iterator[Sequence[SpokenUnit]]:
        """Give what was heard there besides."""
        comparison = compare(self.own, self.units)
        for stretch in comparison.stretches:
            if stretch.kind in (Kind.ADDED, Kind.REPEATED):
                yield self.units[slice(*stretch.heard)]


def overlong_pieces(heard: Heard) -> Iterator[tuple[float, float, str]]:
    """Find tokens that take too long: seconds from and to, and their text."""
    for number, piece in enumerate(heard.pieces):
        longest = _LONGEST_S if number else _FIRST_S
        if piece.end_s - piece.start_s > longest:
            yield piece.start_s, piece.end_s, piece.text

"""Texts that are read character by character, two symbols each: Mandarin and Cantonese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.text.records import Pronounced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from voicepipe.text.account import Verbalized
    from voicepipe.text.records import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCharacters:
    """What the parts of a text are in words, and the readings that were given with them."""

    text: str
    given: Mapping[int, tuple[str, ...]]
    """Place of a character → the symbols somebody asked for."""
    dropped: tuple[str, ...]

    def pronounced(self, units: Iterable[tuple[str, ...]]) -> Pronounced:
        """Give each character the symbols asked for, or else those it was read as."""
        said = tuple(units)
        if self.given:
            said = tuple([self.given.get(at, read) for at, read in enumerate(said)])
        return Pronounced(
            normalized_text=self.text,
            units=tuple(self.text),
            unit_phonemes=said,
            dropped=self.dropped,
        )


def say_characters(
    parts: Sequence[Part], verbalize: Callable[[Part], Verbalized]
) -> SaidCharacters:
    """Put parts into words.

    Args:
        parts: The text in order. A part with phonemes must hold two a character, or they are
            passed over.
        verbalize: Puts one part into words.
    """
    given: dict[int, tuple[str, ...]] = {}
    text = ""
    dropped: list[str] = []
    for part in parts:
        verbalized = verbalize(part)
        said = verbalized.text
        dropped.extend(verbalized.dropped)
        if part.phonemes and 2 * len(said) == len(part.phonemes):
            for index in range(len(said)):
                given[len(text) + index] = part.phonemes[2 * index : 2 * index + 2]
        text += said
    return SaidCharacters(text=text, given=given, dropped=tuple(dropped))

"""The records the front ends pass on: how a stretch of text is said, unit by unit."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.text.languages import Language


class ReadingStyle(str, Enum):
    """How closely a line is read the way the public checkpoints' own front end reads it."""

    REFERENCE = "reference"
    """Symbol for symbol what the checkpoints were trained with, oddities included."""
    SPOKEN = "spoken"
    """The same, after rules that mend what sounds wrong: titles, times, sums of money, thousands,
    Roman numerals, and English words whose sound depends on their role."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of text in one language, as a front end receives it."""

    text: str
    phonemes: tuple[str, ...] = ()
    """Given by a lexicon or a respelling; empty when the front end must find them."""
    before: str = ""
    """What stands before it in the line in another language: `G` before `1234`."""
    after: str = ""
    """What stands after it in another language."""


class Pronounced(msgspec.Struct, frozen=True, kw_only=True):
    """What a front end answers: the words, and the symbols of each."""

    normalized_text: str
    units: tuple[str, ...]
    """What the symbols belong to: characters in Chinese and Cantonese, words and marks in English,
    stretches between marks in Japanese and Korean."""
    unit_phonemes: tuple[tuple[str, ...], ...]
    """As many as `units`; a unit that is not spoken has none."""
    dropped: tuple[str, ...] = ()
    """What could not be said and was left out, as written, in order."""


class SpokenSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A run of one language inside an utterance."""

    language: Language
    normalized_text: str
    units: tuple[str, ...]
    phonemes: tuple[str, ...]
    word2ph: tuple[int, ...]
    """Phonemes per unit; sums to `len(phonemes)`."""
    has_features: bool
    """True for Chinese read from characters: one BERT vector a unit. False means zeros."""
    dropped: tuple[str, ...] = ()
    """What its front end could not say and left out."""
    written: str = ""
    """What it was read from."""


class AppliedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A lexicon entry or respelling that changed how this utterance is read."""

    word: str
    notation: str
    value: str


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the model receives it."""

    text: str
    language: Language
    """The voice's language for this line; segments may differ."""
    normalized_text: str
    segments: tuple[SpokenSegment, ...]
    phonemes: tuple[str, ...]
    phoneme_ids: tuple[int, ...]
    word2ph: tuple[int, ...]
    """Phonemes per unit over all segments; sums to `len(phonemes)`."""
    symbols: str
    """Version of the symbol table the ids belong to."""
    applied: tuple[AppliedEntry, ...] = ()
    """Which pronunciations of the project's were used, in order of appearance."""

    def facts(self) -> dict[str, Json]:
        """Say what a take's key must hold of this line: all that can change its sound.

        Entries of the lexicon are among them, so that a changed entry touches only the lines that
        use its word.
        """
        return {
            "normalized_text": self.normalized_text,
            "phoneme_ids": list(self.phoneme_ids),
            "symbols": self.symbols,
            "features": [
                [segment.language.value, len(segment.phonemes), segment.has_features]
                for segment in self.segments
                if segment.phonemes or segment.normalized_text
            ],
            "lexicon": [[entry.word, entry.notation, entry.value] for entry in self.applied],
        }

    @property
    def dropped(self) -> tuple[str, ...]:
        """What no front end could say, as written, in order: notes quote it."""
        return tuple(lost for segment in self.segments for lost in segment.dropped)

    @property
    def units(self) -> tuple[str, ...]:
        """The units of all segments, in order; as many as `word2ph`."""
        return tuple(unit for segment in self.segments for unit in segment.units)

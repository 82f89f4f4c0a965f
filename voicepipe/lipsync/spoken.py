"""What a line says: its phonemes in order, and which written word each belongs to (torch-free)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import UsageError
from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.parts import Reading, spoken_parts
from voicepipe.text.languages import language_of
from voicepipe.text.lexicon import EMPTY_LEXICON
from voicepipe.text.written_words import SILENT, WrittenUnit, words_of_units, written_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.written_words import Word

SYMBOLS: Final = "v2"
"""The table whose phonemes the embedded recogniser hears."""
_LETTERS_TOGETHER: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """A line as it is said."""

    text: str
    phonemes: tuple[str, ...]
    """Only those that sound."""
    words: tuple[Word, ...]


def spoken_line(
    text: str,
    segments: Sequence[Segment] = (),
    *,
    language: str,
    lexicon: Lexicon = EMPTY_LEXICON,
    speaker: str = "",
) -> SpokenLine:
    """Read a line.

    Args:
        text: As a subtitle shows it.
        segments: The same with its respellings; empty: the text as it stands.
        language: A project's tag. Where no front end reads it, letters stand for sounds.
        lexicon: The project's pronunciations.
        speaker: Whose entries of the lexicon win.

    Raises:
        SpellingError: A respelling cannot be read.
    """
    try:
        spoken = language_of(language)
    except UsageError:
        return _by_letters(text)
    reading = Reading(language=spoken, symbols=SYMBOLS, lexicon=lexicon, speaker=speaker)
    said = [part.utterance for part in spoken_parts(segments or (Segment(text=text),), reading)]
    phonemes = tuple(p for one in said for p in one.phonemes if p not in SILENT)
    return SpokenLine(text=text, phonemes=phonemes, words=written_words(text, said, spoken))


def _by_letters(text: str) -> SpokenLine:
    """Read a language that has no front end: a letter is a sound."""
    units = [
        WrittenUnit(match[0], "", len(letters))
        for match in _LETTERS_TOGETHER.finditer(text)
        for letters in (_letters(match[0]),)
        if letters
    ]
    phonemes = tuple(c for match in _LETTERS_TOGETHER.finditer(text) for c in _letters(match[0]))
    return SpokenLine(text=text, phonemes=phonemes, words=words_of_units(text, units, ""))


def _letters(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold())
    return "".join(character for character in bare if character.isalpha())

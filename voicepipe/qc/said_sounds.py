"""The sounds of a line as the front end read it: words with their phonemes, marks left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.text.symbols import PUNCTUATION, UNKNOWN

if TYPE_CHECKING:
    from voicepipe.text.records import Utterance

_MARKS: Final = PUNCTUATION | {UNKNOWN, "[", "]", "空", "停", "_", "SP", "SP2", "SP3"}
"""Pauses, and the rise and fall of Japanese accents: symbols that are no sounds."""


def is_sound(phoneme: str) -> bool:
    """Whether a symbol of any of the front ends is heard as a sound of its own."""
    return phoneme not in _MARKS and any(character.isalnum() for character in phoneme)


def sound_count(said: Utterance) -> int:
    """Count the sounds of a line: what its length is measured by."""
    return sum(is_sound(phoneme) for phoneme in said.phonemes)

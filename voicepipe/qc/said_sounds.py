"""The sounds of a line as the front end read it: words with their phonemes, marks left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.text.written_words import SILENT

if TYPE_CHECKING:
    from voicepipe.text.records import Utterance


def is_sound(phoneme: str) -> bool:
    """Whether a symbol of any of the front ends is heard as a sound of its own."""
    return phoneme not in SILENT and any(character.isalnum() for character in phoneme)


def sound_count(said: Utterance) -> int:
    """Count the sounds of a line: what its length is measured by."""
    return sum(is_sound(phoneme) for phoneme in said.phonemes)

"""Emotions as prosody: how fast, how high, how lively and how loud a formant voice speaks.

A placeholder cannot act; it can make moods tell apart at a table-read. Names the table does not
know get a small variation of their own that stays the same for that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """A mood, relative to the voice's plain reading."""

    rate: float = 1.0
    """Factor on the speaking rate."""
    pitch_semitones: float = 0.0
    range: float = 1.0
    """Factor on the liveliness of the melody."""
    volume: float = 1.0
    """Factor, at most 1: espeak-ng clips above."""
    is_whispered: bool = False


NEUTRAL = Prosody()

EMOTIONS: Mapping[str, Prosody] = {
    "neutral": NEUTRAL,
    "afraid": Prosody(rate=1.12, pitch_semitones=2.0, range=1.3, volume=0.85),
    "angry": Prosody(rate=1.1, pitch_semitones=1.0, range=1.5),
    "calm": Prosody(rate=0.9, pitch_semitones=-0.5, range=0.75, volume=0.85),
    "cold": Prosody(rate=0.96, pitch_semitones=-1.0, range=0.45),
    "disgusted": Prosody(rate=0.92, pitch_semitones=-1.0, range=1.2),
    "excited": Prosody(rate=1.18, pitch_semitones=2.5, range=1.6),
    "gentle": Prosody(rate=0.92, pitch_semitones=0.5, range=0.85, volume=0.75),
    "happy": Prosody(rate=1.08, pitch_semitones=1.5, range=1.4),
    "laughing": Prosody(rate=1.12, pitch_semitones=2.0, range=1.6),
    "pleading": Prosody(rate=0.97, pitch_semitones=1.5, range=1.4, volume=0.85),
    "proud": Prosody(rate=0.93, pitch_semitones=-0.5, range=1.2),
    "sad": Prosody(rate=0.86, pitch_semitones=-1.5, range=0.6, volume=0.75),
    "serious": Prosody(rate=0.93, pitch_semitones=-1.0, range=0.8),
    "shouting": Prosody(rate=1.05, pitch_semitones=3.0, range=1.5),
    "surprised": Prosody(rate=1.05, pitch_semitones=2.5, range=1.7),
    "tender": Prosody(rate=0.9, pitch_semitones=0.5, range=0.8, volume=0.7),
    "tired": Prosody(rate=0.8, pitch_semitones=-1.5, range=0.5, volume=0.7),
    "urgent": Prosody(rate=1.22, pitch_semitones=1.0, range=1.2),
    "whisper": Prosody(rate=0.92, volume=0.35, is_whispered=True),
    "wry": Prosody(rate=0.95, pitch_semitones=-0.5, range=1.3),
}
"""Everything the engine acts out by name; `_ALIASES` lists other words for the same."""

_ALIASES: Mapping[str, str] = {
    "anger": "angry",
    "anxious": "afraid",
    "cheerful": "happy",
    "crying": "sad",
    "exhausted": "tired",
    "fear": "afraid",
    "fearful": "afraid",
    "furious": "angry",
    "happiness": "happy",
    "joy": "happy",
    "joyful": "happy",
    "laugh": "laughing",
    "nervous": "afraid",
    "sadness": "sad",
    "scared": "afraid",
    "shout": "shouting",
    "soft": "gentle",
    "stern": "serious",
    "surprise": "surprised",
    "weary": "tired",
    "whispering": "whisper",
    "worried": "afraid",
}


def prosody_of(emotion: str) -> Prosody:
    """Look up how an emotion is spoken.

    Args:
        emotion: As the script says it; case and surrounding space do not matter, empty is neutral.

    Returns:
        The table's entry, or a slight variation derived from the name alone.
    """
    name = emotion.strip().lower() or "neutral"
    known = EMOTIONS.get(_ALIASES.get(name, name))
    return known or _slight_variation(name)


def _slight_variation(name: str) -> Prosody:
    digest = bytes.fromhex(sha256_of_bytes(name.encode("utf-8", "replace")))
    rate, pitch, liveliness = (byte / 255 - 0.5 for byte in digest[:3])  # each in [-0.5, 0.5]
    return Prosody(
        rate=round(1 + 0.1 * rate, 3),
        pitch_semitones=round(1.5 * pitch, 3),
        range=round(1 + 0.4 * liveliness, 3),
    )

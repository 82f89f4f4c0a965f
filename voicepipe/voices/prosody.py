"""What an emotion does to speech: pace, melody, level, colour and pauses, as frozen records.

A row is relative to how the voice speaks when nothing is asked of it. The directions of the
standard rows are those that Juslin and Laukka (2003) found across studies of vocal expression.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """How an emotion is spoken, relative to the voice's plain speech."""

    speed: float = 1.0
    """Factor; over 1 is faster."""
    pitch_semitones: float = 0.0
    """How much higher the voice lies."""
    range: float = 1.0
    """Factor on how far its melody moves about its middle."""
    level_db: float = 0.0
    """Against the loudness every clip is brought to."""
    brightness_db: float = 0.0
    """Tilt of the spectrum, dB an octave."""
    breathiness_db: float = 0.0
    """How much more breath there is against voice."""
    tremor_hz: float = 0.0
    """How often the pitch trembles a second."""
    tremor_semitones: float = 0.0
    """How far it trembles to either side."""
    pauses: float = 1.0
    """Factor on pauses within a line; those the script writes keep their length."""
    is_voiceless: bool = False
    """Whispered: breath in place of voice."""

    def scaled(self, strength: float) -> Prosody:
        """Give the same colouring more or less of its strength; 0 is nearly plain speech."""
        if strength == 1:
            return self
        return replace(
            self,
            speed=self.speed**strength,
            pitch_semitones=self.pitch_semitones * strength,
            range=self.range**strength,
            level_db=self.level_db * strength,
            brightness_db=self.brightness_db * strength,
            breathiness_db=self.breathiness_db * strength,
            tremor_semitones=self.tremor_semitones * strength,
            pauses=self.pauses**strength,
        )


PLAIN: Final = Prosody()
"""Changes nothing."""

QUESTION_SEMITONES: Final = 2.0
"""How far the end of a question rises, where an emotion has a row."""
WITH_CLIP: Final = 0.5
"""How much of a row is left when the reference clip already has the emotion."""

STANDARD: Final[Mapping[str, Prosody]] = {
    "sad": Prosody(
        speed=0.88,
        pitch_semitones=-1.8,
        range=0.6,
        level_db=-3.0,
        brightness_db=-1.0,
        breathiness_db=3.0,
        tremor_hz=5.5,
        tremor_semitones=0.3,
        pauses=1.4,
    ),
    "angry": Prosody(
        speed=1.12,
        pitch_semitones=1.5,
        range=1.5,
        level_db=3.0,
        brightness_db=1.0,
        pauses=0.8,
    ),
    "happy": Prosody(
        speed=1.07, pitch_semitones=2.0, range=1.4, level_db=1.5, brightness_db=0.5, pauses=0.9
    ),
    "afraid": Prosody(
        speed=1.12,
        pitch_semitones=2.5,
        range=1.3,
        level_db=-1.5,
        breathiness_db=3.0,
        tremor_hz=8.0,
        tremor_semitones=0.35,
        pauses=0.8,
    ),
    "tired": Prosody(
        speed=0.84,
        pitch_semitones=-2.0,
        range=0.6,
        level_db=-4.0,
        brightness_db=-1.0,
        breathiness_db=3.0,
        pauses=1.5,
    ),
    "urgent": Prosody(
        speed=1.2, pitch_semitones=1.2, range=1.35, level_db=2.0, brightness_db=0.7, pauses=0.6
    ),
    "tender": Prosody(
        speed=0.92,
        pitch_semitones=-1.3,
        range=0.75,
        level_db=-4.0,
        brightness_db=-0.7,
        breathiness_db=4.0,
        pauses=1.2,
    ),
    "whisper": Prosody(speed=0.94, level_db=-8.0, pauses=1.1, is_voiceless=True),
}
"""By emotion; a project's own rows come before these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProsodyTable:
    """What a project's emotions do to speech; without rows, nothing."""

    rows: Mapping[str, Prosody] = field(default_factory=dict)
    with_clip: float = WITH_CLIP
    question_semitones: float = QUESTION_SEMITONES

    def of(self, emotion: str, *, has_clip: bool) -> Prosody:
        """Look an emotion up.

        Args:
            emotion: As the script says it.
            has_clip: The voice speaks it from a clip of that very emotion.
        """
        row = self.rows.get(emotion, PLAIN)
        return row.scaled(self.with_clip) if has_clip else row


NO_PROSODY: Final = ProsodyTable()
STANDARD_TABLE: Final = ProsodyTable(rows=STANDARD)

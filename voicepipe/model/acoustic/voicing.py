"""How a generator with a pitch of its own is asked to colour its voice (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicing:
    """What is changed between what the network says of a voice and the sound of it."""

    pitch_semitones: float = 0.0
    """How much higher the voice lies; formants stay where they are."""
    range: float = 1.0
    """Factor on the melody about its mean."""
    rise_semitones: float = 0.0
    """By which the last stretch rises."""
    tremor_hz: float = 0.0
    tremor_semitones: float = 0.0
    brightness_db: float = 0.0
    """Tilt of both envelopes, dB an octave."""
    breathiness_db: float = 0.0
    """Hiss against buzz."""
    is_voiceless: bool = False
    """The buzz's power goes to the hiss."""


STRESS_DB: Final = 3.0
STRESS_SEMITONES: Final = 2.5
STRESS_LENGTH: Final = 1.2
"""How much louder, higher and longer stressed words are than they would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """Where words are stressed, in latent frames."""

    start: float
    end: float


PLAIN_VOICING = Voicing()
"""Changes nothing."""

"""The two stages of a training, and which part of a voice's `model:` table each makes."""

from __future__ import annotations

from typing import Final

from voicepipe.synthesis.voice_models import GPT, SOVITS

SEMANTIC: Final = "semantic"
"""Phonemes to semantic tokens: melody, pace, emphasis."""
ACOUSTIC: Final = "acoustic"
"""Semantic tokens to sound: timbre."""
STAGES: Final = (SEMANTIC, ACOUSTIC)
"""In the order they are trained in."""
ROLES: Final = {SEMANTIC: GPT, ACOUSTIC: SOVITS}

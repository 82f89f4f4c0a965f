"""What a model's answer is held to before it is decoded: the length its text can have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicepipe.model.semantic.generation import SemanticOutcome, StopReason
from voicepipe.model.semantic.sampling import MAX_TOKENS

if TYPE_CHECKING:
    from voicepipe.synthesis.take_settings import TakeSettings

TOKENS_PER_S = 25
_GRACE_S = 3.0
"""A part may hold this much breath and silence whatever its length."""


def token_limit(n_phonemes: int, settings: TakeSettings) -> int:
    """How many tokens a part may take before it counts as rambling."""
    longest_s = _GRACE_S + n_phonemes / settings.slowest
    return min(MAX_TOKENS, math.ceil(longest_s * TOKENS_PER_S))


def token_fault(outcome: SemanticOutcome, n_phonemes: int, settings: TakeSettings) -> str:
    """Say why tokens cannot be the speech that was asked for; empty when they can.

    Args:
        outcome: Of the semantic stage, at the limit of `token_limit`.
        n_phonemes: Of the part, marks included.
        settings: The voice's pace.
    """
    duration_s = len(outcome.tokens) / TOKENS_PER_S
    if not outcome.tokens:
        return "the model ended before it said anything"
    if outcome.stop is StopReason.LIMIT:
        return f"the model did not end within {duration_s:.1f} s ({n_phonemes} phonemes)"
    if n_phonemes / duration_s > settings.fastest:
        return (
            f"{n_phonemes} phonemes in {duration_s:.2f} s are more than {settings.fastest:g} a "
            "second: words are missing"
        )
    return ""

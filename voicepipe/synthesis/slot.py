"""How long a line may speak: its slot in a picture that is cut (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.script_figures import count_words

if TYPE_CHECKING:
    from voicepipe.hashing import Json

SLOT: Final = "slot"
"""The group of a request's inputs that says what its line has to fit."""
FITTING_REVISION: Final = 1
"""Raised when the same slot would be filled in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What the speech of a line has to fit, and how far it may be sped up or slowed down."""

    slot_s: float
    """Seconds from its first sound to its last."""
    tolerance: float
    """Share of the slot by which it may be longer or shorter."""
    slowest: float
    """The lowest factor on its pace, at most 1."""
    fastest: float
    """The highest, at least 1."""

    def facts(self) -> Json:
        """Give all of it that decides over a sound, for the key of a take."""
        return {
            "slot_s": self.slot_s,
            "tolerance": self.tolerance,
            "slowest": self.slowest,
            "fastest": self.fastest,
            "revision": FITTING_REVISION,
        }

    def within(self, pace: float) -> float:
        """Give the nearest pace that is allowed."""
        return min(max(pace, self.slowest), self.fastest)

    def difference(self, speech_s: float) -> float:
        """Give the share of the slot by which speech is longer; under 0: shorter."""
        return speech_s / self.slot_s - 1

    def misfit(self, speech_s: float) -> float:
        """Give the share of the slot by which speech misses it beyond the tolerance; 0: it fits."""
        # The last millisecond of a measurement decides over nothing.
        over = abs(self.difference(speech_s)) - self.tolerance - 0.001 / self.slot_s
        return over + 0.001 / self.slot_s if over > 0 else 0.0


def words_to_change(text: str, language: str, *, speech_s: float, slot: Slot) -> str:
    """Say about how much of a text is too much or too little.

    Args:
        text: As it is shown.
        language: Of the text.
        speech_s: What it takes, or would take, once its pace is changed as far as may be.
        slot: That it misses.

    Returns:
        Such as `cut about 4 words`.
    """
    is_long = speech_s > slot.slot_s
    nearest_s = slot.slot_s * (1 + slot.tolerance if is_long else 1 - slot.tolerance)
    n_words = count_words(text)
    share = abs(1 - nearest_s / speech_s)
    n_changed = max(1, round(n_words * share))
    is_signs = language.partition("-")[0] in ("zh", "yue", "ja")
    name = "character" if is_signs else "word"
    told = f"{n_changed} {name}{'' if n_changed == 1 else 's'}"
    return f"cut about {told}" if is_long else f"add about {told}"


def told_misfit(text: str, language: str, *, speech_s: float, slot: Slot, pace: float) -> str:
    """Say of a clip that it does not fit, by how much, and what would make it; empty: it fits."""
    if not slot.misfit(speech_s):
        return ""
    off_s = abs(speech_s - slot.slot_s)
    how = "too long" if speech_s > slot.slot_s else "too short"
    at = f" at pace {pace:.2f}" if pace != 1 else ""
    change = words_to_change(text, language, speech_s=speech_s, slot=slot)
    return (
        f"it speaks {speech_s:.1f} s{at}, {off_s:.1f} s {how} for its slot of {slot.slot_s:.1f} s: "
        f"{change}"
    )

"""A rough guess of how long a text takes to say, before anything is rendered."""

from __future__ import annotations

from typing import Final

# Letters and digits a second in unhurried acting; one ideograph or syllable block counts as one.
_LETTERS_A_SECOND: Final = {"zh": 4.5, "yue": 4.5, "ja": 6.5, "ko": 5.5}
_ALPHABETIC_A_SECOND: Final = 13.0
_ASCII_MARKS: Final = {place: None for place in range(128) if not chr(place).isalnum()}
_PAUSE_AT_MARK_S: Final = 0.25
"""A comma or a full stop."""
SLOWEST_CHARACTER_S: Final = 0.25
"""No character of any language is counted for longer."""


def estimate_seconds(plain: str, language: str) -> float:
    """Guess how long a text takes to say at normal speed.

    Args:
        plain: Without inline tags.
        language: A BCP-47 tag; only the part before the first hyphen counts.

    Returns:
        Seconds, within a third of what an actor would take; 0 for an empty text.
    """
    rate = _LETTERS_A_SECOND.get(language.partition("-")[0], _ALPHABETIC_A_SECOND)
    if plain.isascii():
        n_letters = len(plain.translate(_ASCII_MARKS))
    else:
        n_letters = sum(map(str.isalnum, plain))
    n_marks = len(plain) - n_letters - plain.count(" ")
    return n_letters / rate + n_marks * _PAUSE_AT_MARK_S

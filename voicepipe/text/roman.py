"""Roman numerals, as every language writes them."""

from __future__ import annotations

import re

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_SMALL = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")


def roman_value(letters: str) -> int:
    """Read a numeral of `I`, `V`, `X`, `L` and `C`, smaller before larger taken away."""
    values = [_VALUES[letter] for letter in letters]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def small_roman_value(numeral: str) -> int | None:
    """Read a numeral up to 39; None when it is empty or not well formed."""
    return roman_value(numeral) if numeral and _SMALL.fullmatch(numeral) else None

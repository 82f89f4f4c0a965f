"""Numbers in English words."""

from __future__ import annotations

from functools import lru_cache

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = (
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
)
_LONGEST = 3 * len(_SCALES)
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_YEARS_FROM, _YEARS_TO = 1000, 3000


def say_cardinal(digits: str, *, joiner: str = "") -> str:
    """Read a whole number.

    Args:
        digits: Decimal digits; beyond 36 they are read one by one.
        joiner: Word between hundreds and the rest: "and", or nothing.

    Returns:
        Words, groups of thousands apart by commas: `one thousand, two hundred`.
    """
    significant = digits.lstrip("0") or "0"
    if len(significant) > _LONGEST:
        return say_digits(significant)
    if significant == "0":
        return _SMALL[0]
    groups: list[str] = []
    for power, start in enumerate(range(len(significant), 0, -3)):
        value = int(significant[max(0, start - 3) : start])
        if value:
            groups.insert(0, f"{_say_hundreds(value, joiner)} {_SCALES[power]}".strip())
    if joiner and len(groups) > 1 and 0 < int(significant[-3:]) < 100:
        last = groups.pop()
        return f"{', '.join(groups)} {joiner} {last}"
    return ", ".join(groups)


def say_digits(digits: str, *, zero: str = "zero") -> str:
    """Read digits one by one."""
    return " ".join(zero if digit == "0" else _SMALL[int(digit)] for digit in digits)


def say_ordinal(digits: str) -> str:
    """Read a place in an order: `21` → twenty-first, `101` → one hundred and first."""
    return make_ordinal(say_cardinal(digits, joiner="and"))


def make_ordinal(words: str) -> str:
    """Turn a cardinal's words into an ordinal's: the last word changes."""
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:cut], words[cut:]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def say_plain(digits: str) -> str:
    """Read a number as the checkpoints' rules do: those from 1001 to 2999 like years."""
    significant = digits.lstrip("0") or "0"
    if len(significant) != 4 or not _YEARS_FROM < int(significant) < _YEARS_TO:
        return say_cardinal(digits)
    century, rest = divmod(int(significant), 100)
    if significant == "2000":
        return "two thousand"
    if century == 20 and rest < 10:
        return f"two thousand {_SMALL[rest]}"
    if rest == 0:
        return f"{_say_tens(century)} hundred"
    if rest < 10:
        return f"{_say_tens(century)} oh {_SMALL[rest]}"
    return f"{_say_tens(century)} {_say_tens(rest)}"


@lru_cache(maxsize=2_000)
def _say_hundreds(value: int, joiner: str) -> str:
    hundreds, rest = divmod(value, 100)
    if not hundreds:
        return _say_tens(rest)
    said = f"{_SMALL[hundreds]} hundred"
    if not rest:
        return said
    return f"{said} {joiner} {_say_tens(rest)}" if joiner else f"{said} {_say_tens(rest)}"


def _say_tens(value: int) -> str:
    if value < len(_SMALL):
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")

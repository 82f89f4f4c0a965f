"""Numbers in Chinese words: cardinals, digit by digit, decimals."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
_UNITS = ((8, "亿"), (4, "万"), (3, "千"), (2, "百"), (1, "十"))


def say_digits(digits: str, *, telephone: bool = False) -> str:
    """Read digits one by one; on the telephone (and in codes) one is 幺."""
    said = "".join(DIGITS[int(digit)] for digit in digits)
    return said.replace("一", "幺") if telephone else said


def say_cardinal(digits: str) -> str:
    """Read a whole number: `1012` → 一千零一十二, `12` → 十二, `000` → 零, nothing → nothing."""
    if not digits:
        return ""
    said = _say_groups(digits.lstrip("0"))
    if said.startswith("一十"):
        return said[1:]
    return said or DIGITS[0]


def _say_groups(digits: str) -> str:
    significant = digits.lstrip("0")
    if not significant:
        return ""
    if len(significant) == 1:
        gap = DIGITS[0] if len(digits) > 1 else ""
        return gap + DIGITS[int(significant)]
    power, unit = next(u for u in _UNITS if u[0] < len(significant))
    return _say_groups(digits[:-power]) + unit + _say_groups(digits[-power:])


def say_number(value: str) -> str:
    """Read a number that may have a decimal part: `3.50` → 三点五零, `.5` → 零点五.

    Zeros at the end of the decimals are read once.
    """
    whole, _, decimals = value.partition(".")
    said = say_cardinal(whole)
    trimmed = decimals.rstrip("0") + ("0" if decimals.endswith("0") else "")
    if not trimmed:
        return said
    return f"{said or DIGITS[0]}点{say_digits(trimmed)}"

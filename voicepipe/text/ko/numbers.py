"""Numbers in Korean words: Sino-Korean, and native before the things one counts by hand."""

from __future__ import annotations

_DIGITS = "영일이삼사오육칠팔구"
_NATIVE_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_SMALL_UNITS = ("", "십", "백", "천")
_LARGE_UNITS = ("", "만", "억", "조", "경", "해")
_LONGEST = 4 * len(_LARGE_UNITS)


def say_digits(digits: str) -> str:
    """Read digits one by one."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def say_sino(digits: str) -> str:
    """Read a whole number in Sino-Korean: `12000` → 만이천. Commas are ignored.

    Args:
        digits: Decimal digits; beyond 24 they are read one by one.
    """
    significant = digits.replace(",", "").lstrip("0")
    if not significant:
        return _DIGITS[0]
    if len(significant) > _LONGEST:
        return say_digits(significant)
    said: list[str] = []
    for index, unit in enumerate(_LARGE_UNITS):
        stop = len(significant) - 4 * index
        group = significant[max(0, stop - 4) : max(0, stop)]
        spoken = _say_group(group)
        if spoken:
            # 만, not 일만: one is left out before ten thousand at the head of a number.
            drops_one = spoken == "일" and index == 1 and stop <= 4
            said.insert(0, unit if drops_one else spoken + unit)
    return "".join(said)


def _say_group(group: str) -> str:
    said = ""
    for digit, unit in zip(group, reversed(_SMALL_UNITS[: len(group)]), strict=True):
        if digit != "0":
            said += ("" if digit == "1" and unit else _DIGITS[int(digit)]) + unit
    return said


def say_native(digits: str) -> str:
    """Read a whole number as Koreans count things: `3` → 세, `20` → 스무, `125` → 백스물다섯."""
    significant = digits.replace(",", "").lstrip("0")
    if not significant:
        return _DIGITS[0]
    tens, ones = int(significant[-2:]) // 10, int(significant[-1])
    head = significant[:-2]
    said = say_sino(head + "00") if head else ""
    if tens == 2 and ones == 0:
        return said + "스무"
    return said + _NATIVE_TENS[tens] + _NATIVE_ONES[ones]

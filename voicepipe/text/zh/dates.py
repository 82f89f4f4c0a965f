"""Dates and times of day in Chinese words."""

from __future__ import annotations

import re

from voicepipe.text.zh.numbers import DIGITS, say_cardinal, say_digits, say_number

_HOUR = r"([0-1]?[0-9]|2[0-3])"
_CLOCK = _HOUR + r":([0-5][0-9])(?::([0-5][0-9]))?"
_TIME = re.compile(_CLOCK)
_TIME_RANGE = re.compile(_CLOCK + "[~-]" + _CLOCK)
_DATE = re.compile(r"(\d{4}|\d{2})年(?:(0?[1-9]|1[0-2])月)?(?:(0?[1-9]|[12][0-9]|30|31)([日号]))?")
_DATE_WITH_MARKS = re.compile(r"(\d{4})([- /.])(0[1-9]|1[012])\2(0[1-9]|[12][0-9]|3[01])")
_HALF_HOUR = 30


def say_dates(text: str) -> str:
    """Read `2049年3月15日` and `2049-03-15`: years digit by digit."""
    return _DATE_WITH_MARKS.sub(_say_marked_date, _DATE.sub(_say_date, text))


def say_times(text: str) -> str:
    """Read `7:30` as 七点半 and `8:30-12:05` as a range."""
    return _TIME.sub(_say_time, _TIME_RANGE.sub(_say_time_range, text))


def _say_date(match: re.Match[str]) -> str:
    year, month, day, day_word = match.groups()
    said = f"{say_digits(year)}年"
    if month:
        said += f"{say_cardinal(month)}月"
    if day:
        said += say_cardinal(day) + day_word
    return said


def _say_marked_date(match: re.Match[str]) -> str:
    year, _, month, day = match.groups()
    return f"{say_digits(year)}年{say_cardinal(month)}月{say_cardinal(day)}日"


def _say_two_digits(digits: str) -> str:
    said = say_number(digits.lstrip("0"))
    return DIGITS[0] + said if digits.startswith("0") else said


def say_clock(hour: str, minute: str, second: str | None, *, is_half: bool) -> str:
    """Read a time of day: 七点零五分零九秒; 七点半 where `is_half`."""
    said = f"{say_number(hour)}点"
    if minute.lstrip("0"):
        said += "半" if is_half else f"{_say_two_digits(minute)}分"
    if second and second.lstrip("0"):
        said += f"{_say_two_digits(second)}秒"
    return said


def _say_time(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    return say_clock(hour, minute, second, is_half=int(minute) == _HALF_HOUR)


def _say_time_range(match: re.Match[str]) -> str:
    hour, minute, second, hour_2, minute_2, second_2 = match.groups()
    start = say_clock(hour, minute, second, is_half=int(minute) == _HALF_HOUR)
    end = say_clock(hour_2, minute_2, second_2, is_half=int(minute_2) == _HALF_HOUR)
    return f"{start}至{end}"

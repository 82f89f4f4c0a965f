"""English dates, times of day, decades and years, put into words."""

from __future__ import annotations

import re

from voicepipe.text.en.numbers import say_cardinal, say_ordinal
from voicepipe.text.rewriting import Rule, rewrite

_HALF_OF_DAY = r"\s*([AaPp])\.?\s?[Mm]\b\.?"
_DIGIT = re.compile(r"\d")
_BESIDE_HALF = re.compile(rf"\d{_HALF_OF_DAY}")
_DATED = re.compile(r"\d[-/.]\d")
_TIME = re.compile(rf"\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?:{_HALF_OF_DAY})?(?!\d)")
_POINT_TIME = re.compile(rf"\b(1[0-2]|0?[1-9])\.([0-5]\d){_HALF_OF_DAY}")
_HOUR = re.compile(rf"\b(1[0-2]|0?[1-9]){_HALF_OF_DAY}")
_MILITARY = re.compile(r"\b0(\d)([0-5]\d)(?=\s+hours\b)")
_MONTH_NAMES = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
_MONTHS = _MONTH_NAMES.split("|")
_SHORT_MONTH = re.compile(
    r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?(?=\s+\d)|(?<=\d\s)"
    r"(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?(?=\s+\d{4}|[,;!?]|\s*$)"
)
_MONTH_DAY = re.compile(rf"\b({_MONTH_NAMES})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)")
_DAY_MONTH = re.compile(
    rf"\b([Tt]he\s+)?(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH_NAMES})\b(?!\s+I\b)"
)
_DATE = re.compile(r"\b(\d{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])\b(?![-/.]\d)")
_SLASH_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})\b(?![/.]\d)")
_SHORT_DATE = re.compile(
    r"\b(on|by|until|till|since|before|after|from|dated)\s+(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])"
    r"(?![\d/])"
)
_DECADE = re.compile(r"\b(1\d|20)(\d)0['’]?s\b")
_SHORT_DECADE = re.compile(
    r"(?:['’]|(?<![\w.,$£€])(?=\d0['’]s)|\b(the|his|her|their|my|your|our|mid|early|late|in)([\s-]+)['’]?)([2-9])0['’]?s\b"
)
_SHORT_YEAR = re.compile(r"(?<![\w'’])['’](\d)(\d)(?![\d'’])(?!s\b)")
_DECADES = (
    "hundreds",
    "tens",
    *(f"{word}ties" for word in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine")),
)


def say_calendar(text: str) -> str:
    """Put times, dates, decades and years into words."""
    if not _DIGIT.search(text):
        return text
    text = _TIME.sub(_say_time, text) if ":" in text else text
    if _BESIDE_HALF.search(text):
        text = _POINT_TIME.sub(_say_time, text)
        text = _HOUR.sub(lambda match: f"{say_cardinal(match[1])} {_half(match[2])}", text)
    text = _MILITARY.sub(_say_military, text) if "hours" in text else text
    if _DATED.search(text):
        text = _DATE.sub(lambda match: _say_date(int(match[3]), int(match[4]), match[1]), text)
        text = _SLASH_DATE.sub(_say_slash_date, text)
    return rewrite(text, _DAYS_AND_YEARS)


def _whole_month(short: str) -> str:
    return next(month for month in _MONTHS if month.startswith(short[:3]))


def _half(letter: str) -> str:
    # Letters apart: "a.m." would be read as the word "a" and two full stops.
    return f"{letter.upper()} M"


def _say_time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), match[2], match[3]
    shown = hour - 12 if hour > 12 and half else hour
    said = say_cardinal(str(shown))
    if minute == "00":
        said += "" if half else (" o'clock" if 1 <= hour <= 12 else " hundred hours")
    elif minute.startswith("0"):
        said += f" oh {say_cardinal(minute[1])}"
    else:
        said += f" {say_cardinal(minute)}"
    return f"{said} {_half(half)}" if half else said


def _say_military(match: re.Match[str]) -> str:
    hour, minute = say_cardinal(match[1]), int(match[2])
    if not minute:
        return f"oh {hour} hundred"
    return f"oh {hour} {'oh ' if minute < 10 else ''}{say_cardinal(str(minute))}"


def _say_date(month: int, day: int, year: str) -> str:
    said = f"{_MONTHS[month - 1]} {say_ordinal(str(day))}"
    return f"{said}, {year}" if year else said


def _say_slash_date(match: re.Match[str]) -> str:
    """The month stands first, as in America, unless it can only stand second."""
    first, second, year = int(match[1]), int(match[3]), match[4]
    month, day = (second, first) if first > 12 else (first, second)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return _say_date(month, day, year)


def _say_decade(match: re.Match[str]) -> str:
    century, decade = match.groups()
    if century == "20" and decade == "0":
        return "two thousands"
    return f"{say_cardinal(century)} {_DECADES[int(decade)]}"


def _say_short_decade(match: re.Match[str]) -> str:
    before = f"{match[1]}{match[2]}" if match[1] else ""
    return f"{before}{_DECADES[int(match[3])]}"


def _say_short_year(match: re.Match[str]) -> str:
    tens, ones = match.groups()
    return say_cardinal(tens + ones) if tens != "0" else f"oh {say_cardinal(ones)}"


_MONTHS_BEGIN = tuple(month[:3] for month in _MONTHS)
_DECADES_END = ("0s", "0's", "0’s")
_DAYS_AND_YEARS = (
    Rule(
        pattern=_SHORT_DATE,
        said=lambda m: f"{m[1]} {_say_date(int(m[2]), int(m[3]), '')}",
        needs=("/",),
    ),
    Rule(
        pattern=_SHORT_MONTH,
        said=lambda match: _whole_month(match[1] or match[2]),
        needs=_MONTHS_BEGIN,
    ),
    Rule(
        pattern=_MONTH_DAY,
        said=lambda match: f"{match[1]} {say_ordinal(match[2])}",
        needs=_MONTHS_BEGIN,
    ),
    Rule(
        pattern=_DAY_MONTH,
        said=lambda m: f"{m[1] or 'the '}{say_ordinal(m[2])} of {m[3]}",
        needs=_MONTHS_BEGIN,
    ),
    Rule(pattern=_DECADE, said=_say_decade, needs=_DECADES_END),
    Rule(pattern=_SHORT_DECADE, said=_say_short_decade, needs=_DECADES_END),
    Rule(pattern=_SHORT_YEAR, said=_say_short_year, needs=("'", "’")),
)

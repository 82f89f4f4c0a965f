"""English text as it is written → as it is said: letters, apostrophes and `. , ? ! -`.

The order of the rules is the one the public checkpoints were trained with.
"""

from __future__ import annotations

import re
import unicodedata

from voicepipe.text.account import Verbalized, leave_out
from voicepipe.text.en.addresses import take_faces
from voicepipe.text.en.capitals import say_capitals
from voicepipe.text.en.numbers import (
    make_ordinal,
    say_cardinal,
    say_ordinal,
    say_plain,
)
from voicepipe.text.en.spoken import prepare_punctuation, say_as_spoken
from voicepipe.text.records import ReadingStyle
from voicepipe.text.rewriting import Rule, rewrite

_UNITS = {
    "m": ("meter", "meters"),
    "km": ("kilometer", "kilometers"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "ft": ("feet", "feet"),
    "L": ("liter", "liters"),
    "tbsp": ("tablespoon", "tablespoons"),
    "tsp": ("teaspoon", "teaspoons"),
    "h": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "s": ("second", "seconds"),
    "°C": ("degree celsius", "degrees celsius"),
    "°F": ("degree fahrenheit", "degrees fahrenheit"),
}
_POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹ˣʸⁿ"
_OPERAND = rf"(?:-?\d+(?:\.\d+)?[{_POWERS}]*|\.\d+[{_POWERS}]*|[A-Za-z][{_POWERS}]*)"
_SUM = re.compile(rf"({_OPERAND})\s+([-+×÷=])\s+({_OPERAND})")
_SUM_WORDS = {
    "+": " plus ",
    "-": " minus ",
    "×": " times ",
    "÷": " divided by ",
    "=": " Equals ",
}
# The reference takes any number before a full stop for a list's; only a line's first can be one.
_LISTED = {
    ReadingStyle.REFERENCE: re.compile(r"\b([0-9]+)\. "),
    ReadingStyle.SPOKEN: re.compile(r"^\s*([0-9]+)\. "),
}
_NEGATIVE = re.compile(r"(^|\s+)-(\d+)")
_GROUPED = re.compile(r"[0-9][0-9,]+[0-9]")
_TIME = re.compile(r"\b([01]?[0-9]|2[0-3]):([0-5][0-9])\b")
_MEASURE = re.compile(r"\b([0-9]+(\.[0-9]+)?)(m|km|km/h|ft|L|tbsp|tsp|h|min|s|°C|°F)\b")
_POUNDS = (re.compile(r"£([0-9.,]*[0-9]+)"), re.compile(r"([0-9.,]*[0-9]+)£"))
_DOLLARS = (re.compile(r"\$([0-9.,]*[0-9]+)"), re.compile(r"([(0-9.,]*[0-9]+)\$"))
# The reference joins what stands on both sides of a full stop: "at 7. 5 men" is 7.5 to it.
_DECIMAL = {
    ReadingStyle.REFERENCE: re.compile(r"([0-9]+)\.\s*([0-9]+)"),
    ReadingStyle.SPOKEN: re.compile(r"([0-9]+)\.([0-9]+)"),
}
_FRACTION = re.compile(r"([0-9]+)/([0-9]+)")
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_NUMBER = re.compile(r"[0-9]+")
_DIGIT = re.compile(r"\d")
_BESIDE_UNIT = re.compile("[0-9][A-Za-z°]")
_UNSPOKEN = re.compile(r"[^ A-Za-z'.,?!\-]+")
_GAPS = {ReadingStyle.REFERENCE: "", ReadingStyle.SPOKEN: " "}
_JOINED_CAPITAL = re.compile(r"(?<!^)(?<![\s])([A-Z])")
_LATIN_ACCENTS = re.compile(
    "[\u00c0-\u024f\u1e00-\u1eff][\u0300-\u036f]*|(?<=[A-Za-z])[\u0300-\u036f]+"
)
_REPEATED_MARKS = re.compile(r"[!?…,.\-](?<=[!?…,.\-\s].)[!?…,.\-]*")
"""Marks after a mark or a space."""
_MARKS = str.maketrans(
    {
        "。": ". ",
        "！": "! ",
        "？": "? ",
        "，": ", ",
        "、": ", ",
        "；": ", ",
        "：": ", ",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
    }
)
# The checkpoints' own rules delete dashes and full-width commas, and so glue words together.
_DASH = re.compile(r"\s*(?:[—–―]+|--+)\s*")
_LONGEST_PART = 64
"""Digits: longer than any quantity, so that a hostile line cannot ask for a number of megabytes."""


def verbalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> Verbalized:
    """Write English text out in words, and list what is no English.

    Args:
        text: Anything; what English does not spell is left out, accents are stripped.
        style: `SPOKEN` first expands titles, times, thousands, Roman numerals and their like.

    Returns:
        Letters, spaces and `' . , ? ! -`, beside what was left out.
    """
    is_open = text.endswith(" ")
    faces: tuple[str, ...] = ()
    text = text if text.isascii() else text.translate(_MARKS)
    if style is ReadingStyle.SPOKEN:
        text, faces = take_faces(text)
        text = prepare_punctuation(text)
    text = rewrite(text, _DASHES)
    text = text if is_open else text.rstrip()
    if style is ReadingStyle.SPOKEN:
        text = say_as_spoken(text)
    if _DIGIT.search(text) or style is ReadingStyle.REFERENCE:
        text = _LISTED[style].sub(lambda match: f"{match[1]}{_ordinal_ending(match[1])}, ", text)
        text = _say_numbers(_say_quantities(text, style), style)
    text = _without_accents(text, style)
    said = leave_out(text.replace("%", " percent"), _UNSPOKEN, gap=_GAPS[style])
    text = said.text
    text = rewrite(text, _LATIN_SHORT)
    is_spoken = style is ReadingStyle.SPOKEN
    text = say_capitals(text) if is_spoken else _JOINED_CAPITAL.sub(r" \1", text)
    return Verbalized(text=_REPEATED_MARKS.sub("", text), dropped=(*faces, *said.dropped))


def _without_accents(text: str, style: ReadingStyle) -> str:
    """Strip accents; in the spoken style from Latin letters only: notes quote the others."""
    if text.isascii():
        return text
    if style is ReadingStyle.SPOKEN:
        return _LATIN_ACCENTS.sub(lambda match: _strip(match[0]), text)
    return _strip(text)


def _strip(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def _say_quantities(text: str, style: ReadingStyle) -> str:
    # The reference takes the hyphen of "wait - no" for a minus.
    while style is ReadingStyle.REFERENCE and _SUM.search(text):
        text = _SUM.sub(lambda match: match[1] + _SUM_WORDS[match[2]] + match[3], text)
    text = rewrite(text, _QUANTITIES)
    text = _MEASURE.sub(_say_measure, text) if _BESIDE_UNIT.search(text) else text
    return rewrite(text, _MONEY)


def _say_numbers(text: str, style: ReadingStyle) -> str:
    if "." in text:
        text = _DECIMAL[style].sub(lambda match: f"{match[1]} point {' '.join(match[2])}", text)
    text = rewrite(text, _FRACTIONS_AND_ORDINALS)
    return _NUMBER.sub(lambda match: say_plain(match[0]), text)


def _ordinal_ending(digits: str) -> str:
    if digits[-2:] in {"11", "12", "13"}:
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th")


def _say_time(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2])
    half = "a.m." if hours < 12 else "p.m."
    hour = say_cardinal(str(hours - 12 if hours > 12 else hours))
    if minutes == 0:
        return f"{hour} o'clock {half}"
    return f"{hour} {say_cardinal(str(minutes))} {half}"


def _say_measure(match: re.Match[str]) -> str:
    amount, decimals, unit = match.groups()
    is_one = decimals is None and amount.lstrip("0") == "1"
    return f"{amount} {_UNITS[unit][0 if is_one else 1]}"


def _say_money(amount: str, unit: str, part: str, parts: str) -> str:
    pieces = amount.split(".")
    if len(pieces) > 2 or not all(re.fullmatch(r"[0-9]*", piece) for piece in pieces):
        return f"{amount} {unit}s"
    whole = pieces[0].lstrip("0")[:_LONGEST_PART]
    rest = pieces[1].ljust(2, "0").lstrip("0") if len(pieces) > 1 and pieces[1] else ""
    said = []
    if whole:
        said.append(f"{whole} {unit if whole == '1' else unit + 's'}")
    if rest:
        said.append(f"{rest} {part if rest == '1' else parts}")
    return " and ".join(said) or f"zero {unit}s"


def _say_fraction(match: re.Match[str]) -> str:
    numerator, denominator = match[1].lstrip("0") or "0", match[2].lstrip("0") or "0"
    said = say_cardinal(numerator, joiner="and")
    if denominator == "1":
        return said
    if denominator == "2":
        return f"{said} {'half' if numerator == '1' else 'halves'}"
    below = make_ordinal(say_cardinal(denominator, joiner="and"))
    return f"{said} {below}{'' if numerator in {'0', '1'} else 's'}"


_DASHES = (Rule(pattern=_DASH, said=", ", needs=("—", "–", "―", "--")),)
_QUANTITIES = (
    Rule(pattern=_NEGATIVE, said=lambda match: f"{match[1]}negative {match[2]}", needs=("-",)),
    Rule(pattern=_GROUPED, said=lambda match: match[0].replace(",", ""), needs=(",",)),
    Rule(pattern=_TIME, said=_say_time, needs=(":",)),
)
_MONEY = (
    *(
        Rule(
            pattern=pattern,
            said=lambda match: _say_money(match[1], "pound", "penny", "pence"),
            needs=("£",),
        )
        for pattern in _POUNDS
    ),
    *(
        Rule(
            pattern=pattern,
            said=lambda match: _say_money(match[1], "dollar", "cent", "cents"),
            needs=("$",),
        )
        for pattern in _DOLLARS
    ),
)
_FRACTIONS_AND_ORDINALS = (
    Rule(pattern=_FRACTION, said=_say_fraction, needs=("/",)),
    Rule(
        pattern=_ORDINAL,
        said=lambda match: say_ordinal(match[1]),
        needs=("st", "nd", "rd", "th"),
    ),
)
_LATIN_SHORT = (
    Rule(pattern=re.compile(r"i\.e\.", re.IGNORECASE), said="that is", needs=(".e.", ".E.")),
    Rule(pattern=re.compile(r"e\.g\.", re.IGNORECASE), said="for example", needs=(".g.", ".G.")),
)

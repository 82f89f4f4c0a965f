"""English written forms that the checkpoints' own rules read badly, put into words first."""

from __future__ import annotations

import re

from voicepipe.text.en.numbers import say_cardinal, say_digits, say_ordinal

_TITLES = {
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Prof": "Professor",
    "Capt": "Captain",
    "Cmdr": "Commander",
    "Col": "Colonel",
    "Gen": "General",
    "Lt": "Lieutenant",
    "Sgt": "Sergeant",
    "Pvt": "Private",
    "Adm": "Admiral",
    "Rev": "Reverend",
    "Hon": "Honorable",
    "St": "Saint",
}
_ABBREVIATIONS = {
    "vs.": "versus",
    "etc.": "et cetera",
    "approx.": "approximately",
    "dept.": "department",
    "no.": "number",
    "Jr.": "Junior",
    "Sr.": "Senior",
}
# A title ends its stretch where a name with a given sound follows.
_TITLE = re.compile(rf"\b({'|'.join(_TITLES)})(?:\.?(?=\s+[A-Z])|\.(?=\s*$))")
_ABBREVIATION = re.compile(
    r"\b(vs\.|etc\.|approx\.|dept\.|Jr\.|Sr\.|[Nn]o\.(?=\s*\d))(?=\s|$|[,;:!?\d])"
)
_STREET = re.compile(r"(?<=[a-z]\s)(St|Ave|Rd|Blvd)\.(?=\s*(?:[,;!?]|$))")
_STREETS = {"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard"}
_HALF_OF_DAY = r"\s*([AaPp])\.?\s?[Mm]\b\.?"
_TIME = re.compile(rf"\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?:{_HALF_OF_DAY})?(?!\d)")
_HOUR = re.compile(rf"\b(1[0-2]|0?[1-9]){_HALF_OF_DAY}")
_DATE = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b")
_MONTH_NAMES = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
_MONTHS = _MONTH_NAMES.split("|")
_MONTH_DAY = re.compile(rf"\b({_MONTH_NAMES})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)")
_PHONE = re.compile(r"(?<![\d-])(?:\d{3}-)?\d{3}-\d{4}(?![\d-])")
_GROUPED = re.compile(r"(?<![\d,.$£€])(\d{1,3}(?:,\d{3})+)(?![\d,]|\.\d)")
_EUROS = re.compile(r"€\s*(\d[\d,]*)(?:\.(\d{2}))?")
_SCALED_MONEY = re.compile(
    r"([$£€])\s*(\d+(?:\.\d+)?)\s*(thousand|million|billion|trillion|[KkMBb])\b"
)
_SCALES = {"k": "thousand", "m": "million", "b": "billion"}
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_DECADE = re.compile(r"\b(1\d|20)(\d)0s\b")
_DECADES = (
    "hundreds",
    "tens",
    *(f"{word}ties" for word in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine")),
)
_REGNAL = re.compile(r"\b(?P<name>[A-Z][a-z]+)\s+(?P<numeral>[IVX]{1,5})\b(?!')")
_NUMBERED = frozenset(
    [
        "Act",
        "Alpha",
        "Appendix",
        "Book",
        "Chapter",
        "Class",
        "Episode",
        "Level",
        "Mark",
        "Part",
        "Phase",
        "Scene",
        "Section",
        "Stage",
        "Tier",
        "Type",
        "Unit",
        "Vol",
        "Volume",
        "War",
    ]
)
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_SIGNS = {"&": " and ", "@": " at ", "#": " number ", "°": " degrees ", "+": " plus "}
_SIGN = re.compile(r"(?<=\s)&(?=\s)|(?<=\w)@(?=\w)|#(?=\d)|(?<=\d)°(?![CF])|(?<=\d)\+(?=\d)")


def say_as_spoken(text: str) -> str:
    """Put into words what the later rules would read wrongly.

    Titles (`Dr. Hale`), streets, abbreviations, times of day, dates, telephone numbers,
    thousands with commas, large sums, decades, Roman numerals after a name or a counted
    thing, signs; semicolons, colons and ellipses become pauses.
    """
    text = _STREET.sub(lambda match: _STREETS[match[1]], text)
    text = _TITLE.sub(lambda match: _TITLES[match[1]], text)
    text = _ABBREVIATION.sub(_say_abbreviation, text)
    text = _say_calendar(text)
    text = _PHONE.sub(_say_phone, text)
    text = _SCALED_MONEY.sub(_say_scaled_money, text)
    text = _EUROS.sub(_say_euros, text)
    text = _GROUPED.sub(lambda match: _without_commas(match[1].replace(",", "")), text)
    text = _REGNAL.sub(_say_roman, text)
    text = _SIGN.sub(lambda match: _SIGNS[match[0]], text)
    return _say_pauses(text)


def roman_value(numeral: str) -> int | None:
    """Value of a Roman numeral up to 39, or None when it is not well formed."""
    if not numeral or not _ROMAN.fullmatch(numeral):
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))


def _say_abbreviation(match: re.Match[str]) -> str:
    return _ABBREVIATIONS.get(match[0], _ABBREVIATIONS.get(match[0].lower(), match[0]))


def _say_calendar(text: str) -> str:
    text = _TIME.sub(_say_time, text)
    text = _HOUR.sub(lambda match: f"{say_cardinal(match[1])} {_half(match[2])}", text)
    text = _DATE.sub(lambda match: f"{_MONTHS[int(match[2]) - 1]} {match[3]}, {match[1]}", text)
    text = _MONTH_DAY.sub(lambda match: f"{match[1]} {say_ordinal(match[2])}", text)
    return _DECADE.sub(_say_decade, text)


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


def _say_decade(match: re.Match[str]) -> str:
    century, decade = match.groups()
    if century == "20" and decade == "0":
        return "two thousands"
    return f"{say_cardinal(century)} {_DECADES[int(decade)]}"


def _say_phone(match: re.Match[str]) -> str:
    return ", ".join(say_digits(group, zero="oh") for group in match[0].split("-"))


def _say_scaled_money(match: re.Match[str]) -> str:
    sign, amount, scale = match.groups()
    return f"{amount} {_SCALES.get(scale.lower(), scale)} {_CURRENCIES[sign]}"


def _say_euros(match: re.Match[str]) -> str:
    euros, cents = match[1].replace(",", ""), match[2]
    said = f"{_without_commas(euros)} {'euro' if euros == '1' else 'euros'}"
    return f"{said} {say_cardinal(cents)}" if cents and cents != "00" else said


def _without_commas(digits: str) -> str:
    return say_cardinal(digits, joiner="and").replace(",", "")


def _say_roman(match: re.Match[str]) -> str:
    name, numeral = match["name"], match["numeral"]
    value = roman_value(numeral)
    is_counted = name in _NUMBERED
    # A lone I is the pronoun far more often than the first of a dynasty.
    if value is None or (numeral in {"I", "V", "X"} and not is_counted):
        return match[0]
    if is_counted:
        return f"{name} {say_cardinal(str(value))}"
    return f"{name} the {say_ordinal(str(value))}"


def _say_pauses(text: str) -> str:
    text = re.sub(r"\s*[;:](?=\s|$)", ",", text)
    text = re.sub(r"\s*(?:…|\.\.\.+)\s*(?=[^\s.,!?…])", ", ", text)
    return re.sub(r"…|\.\.\.+", ".", text)

"""English sums of money, put into words."""

from __future__ import annotations

import re

from voicepipe.text.en.numbers import say_cardinal

_CURRENCIES = {
    "$": ("dollar", "dollars"),
    "£": ("pound", "pounds"),
    "€": ("euro", "euros"),
    "¥": ("yen", "yen"),
    "₩": ("won", "won"),
    "₹": ("rupee", "rupees"),
    "₽": ("ruble", "rubles"),
    "₿": ("bitcoin", "bitcoins"),
    "¢": ("cent", "cents"),
}
_SIGN = f"[{''.join(_CURRENCIES)}]"
_ANY_SIGN = re.compile(_SIGN)
_SCALES = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion"}
_AMOUNT = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALE = r"thousand|million|billion|trillion|[KkMmBb]n?"
_COUNTRY = re.compile(r"\b(US|AU?|CA?|HK|NZ)(?=\$\s?\d)")
_COUNTRIES = {"A": "Australian", "AU": "Australian", "C": "Canadian", "CA": "Canadian"}
_COUNTRIES |= {"US": "US", "HK": "Hong Kong", "NZ": "New Zealand"}
_DEBT = re.compile(rf"(?<![\w.,])[-−](?={_SIGN}\d)")
_RANGE = re.compile(rf"({_SIGN})({_AMOUNT})\s?-\s?\1?({_AMOUNT})(?!\s?(?:{_SCALE})\b|[\d%])")
_SCALED = re.compile(rf"({_SIGN})\s*({_AMOUNT})\s*({_SCALE})\b")
_BILL = re.compile(rf"({_SIGN})(\d+)(?= (?:bill|note|coin|fine|tip|question|stamp)s?\b)")
_EXACT = re.compile(r"([$£])(\d{1,3}(?:,\d{3})+|\d{4,})\.(\d{2})(?!\d)")
_CENTS = {"$": ("cent", "cents"), "£": ("penny", "pence")}
_EUROS = re.compile(r"€\s*(\d+(?:,\d{3})*)(?:\.(\d{2}))?")
_BEFORE = re.compile(rf"([¥₩₹₽₿¢])\s*({_AMOUNT})")
_AFTER = re.compile(rf"(?<![\w.,])({_AMOUNT})\s?([€¥₩₹₽₿¢])(?![\d])")
_RATE = re.compile(rf"({_SIGN}{_AMOUNT}(?:\s?(?:{_SCALE}))?)/(?=[A-Za-z])")
_RATED = {"h": "hour", "hr": "hour", "mo": "month", "wk": "week", "yr": "year", "d": "day"}
_PER = re.compile(rf"(?<= per )({'|'.join(_RATED)})\b")


def say_money(text: str) -> str:
    """Put money into words: signs before and after, scales, ranges, rates, other currencies.

    Plain dollars and pounds (`$25`, `£7.14`) are left to the checkpoints' own rules, which read
    them well.
    """
    if not _ANY_SIGN.search(text):
        return _say_rates(text)
    text = _COUNTRY.sub(lambda match: f"{_COUNTRIES[match[1]]} ", text)
    text = _DEBT.sub("minus ", text)
    text = _RATE.sub(r"\1 per ", text)
    text = _say_rates(text)
    text = _RANGE.sub(lambda m: f"{_plain(m[2])} to {_plain(m[3])} {_name(m[1], m[3])}", text)
    text = _SCALED.sub(_say_scaled, text)
    text = _BILL.sub(lambda match: f"{_plain(match[2])} {_CURRENCIES[match[1]][0]}", text)
    text = _EXACT.sub(_say_exact, text)
    text = _EUROS.sub(_say_euros, text)
    text = _BEFORE.sub(lambda match: f"{_plain(match[2])} {_name(match[1], match[2])}", text)
    return _AFTER.sub(lambda match: f"{_plain(match[1])} {_name(match[2], match[1])}", text)


def _say_rates(text: str) -> str:
    return _PER.sub(lambda match: _RATED[match[1]], text) if " per " in text else text


def _name(sign: str, amount: str) -> str:
    return _CURRENCIES[sign][0 if amount == "1" else 1]


def _say_scaled(match: re.Match[str]) -> str:
    sign, amount, scale = match.groups()
    return f"{amount} {_SCALES.get(scale.lower(), scale)} {_CURRENCIES[sign][1]}"


def _say_exact(match: re.Match[str]) -> str:
    sign, whole, part = match.groups()
    said = f"{_plain(whole)} {_name(sign, whole)}"
    cents = part.lstrip("0")
    return f"{said} and {say_cardinal(cents)} {_CENTS[sign][cents != '1']}" if cents else said


def _say_euros(match: re.Match[str]) -> str:
    euros, cents = match[1].replace(",", ""), match[2]
    said = f"{_plain(euros)} {'euro' if euros == '1' else 'euros'}"
    return f"{said} {say_cardinal(cents)}" if cents and cents != "00" else said


def _plain(amount: str) -> str:
    whole, _, part = amount.replace(",", "").partition(".")
    said = say_cardinal(whole, joiner="and").replace(",", "")
    return f"{said} point {' '.join(part)}" if part else said

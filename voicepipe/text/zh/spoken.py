"""Chinese written forms that the checkpoints' own rules read badly, put into words first."""

from __future__ import annotations

import re

from voicepipe.text.zh.numbers import say_cardinal, say_digits, say_number
from voicepipe.text.zh.quantities import COUNTERS

_MONEY_WORDS = {"¥": "元", "￥": "元", "$": "美元", "＄": "美元", "€": "欧元", "£": "英镑"}
_MONEY = re.compile(r"([¥￥$＄€£])\s*(\d[\d,，]*(?:\.\d+)?)([万亿]?)")
_GROUPED = re.compile(r"(?<![\d,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
# With a hyphen the checkpoints' own rules read both of these as subtractions.
_PHONE = re.compile(r"(?<![\d\-])(?:0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}|1\d{2}-\d{4}-\d{4})(?![\d\-])")
_RANGE = re.compile(
    rf"(?<![\d.\-])(\d+(?:\.\d+)?)[-–~～](\d+(?:\.\d+)?)(?=[多余几]?(?:[{COUNTERS}%]|小时))"
)
_ROMAN_ITEM = re.compile(r"(第?)([ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|[IVX]{1,4})(?=[章节部代世号级型季集卷幕])")
_ROMAN_SIGNS = dict(
    zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), strict=True)
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_ORDINAL_MARK = re.compile(r"[Nn][Oo]\.\s*(?=\d)")
_DASH = re.compile(r"[—―–]+")


def say_as_spoken(text: str) -> str:
    """Put into words what the later rules would read wrongly.

    Money, thousands with commas, hyphenated telephone numbers and ranges, Roman numerals before a
    counter, `No. 5`. A dash becomes a comma: the checkpoints' own rules drop it with its pause.
    """
    text = _MONEY.sub(_say_money, text)
    text = _GROUPED.sub(lambda match: say_cardinal(match.group(1).replace(",", "")), text)
    text = _PHONE.sub(_say_phone, text)
    text = _RANGE.sub(lambda match: f"{say_number(match[1])}到{match[2]}", text)
    text = _ROMAN_ITEM.sub(_say_roman, text)
    text = _ORDINAL_MARK.sub("第", text)
    return _DASH.sub("，", text)


def _say_money(match: re.Match[str]) -> str:
    sign, amount, scale = match.groups()
    number = say_number(re.sub("[,，]", "", amount))
    if number == "二":
        number = "两"
    return f"{number}{scale}{_MONEY_WORDS[sign]}"


def _say_phone(match: re.Match[str]) -> str:
    return "，".join(say_digits(group, telephone=True) for group in match[0].split("-"))


def _say_roman(match: re.Match[str]) -> str:
    ordinal, numeral = match.groups()
    value = roman_value(_ROMAN_SIGNS.get(numeral, numeral))
    return match.group(0) if value is None else ordinal + say_cardinal(str(value))


def roman_value(numeral: str) -> int | None:
    """Value of a Roman numeral up to 39, or None when it is not well formed."""
    if not re.fullmatch(r"X{0,3}(?:IX|IV|V?I{0,3})", numeral):
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))

"""Chinese written forms that the checkpoints' own rules read badly, put into words first.

Dates before money before times before measures before sums before plain numbers: each looks at
digits that the later ones would take for something else.
"""

from __future__ import annotations

import re

from voicepipe.text.rewriting import Rule, rewrite
from voicepipe.text.roman import small_roman_value
from voicepipe.text.zh.beside_latin import say_beside_latin
from voicepipe.text.zh.calendar import say_calendar, say_times_and_scores
from voicepipe.text.zh.counts import COUNTER, say_numbers, say_ordinals, say_quantity
from voicepipe.text.zh.numbers import say_cardinal, say_digits, say_number
from voicepipe.text.zh.quantities import say_phone_numbers
from voicepipe.text.zh.signs import pause_at_separators, say_signs
from voicepipe.text.zh.units import say_units

_MONEY_WORDS = {
    "¥": "元",
    "￥": "元",
    "US$": "美元",
    "HK$": "港元",
    "NT$": "新台币",
    "$": "美元",
    "＄": "美元",
    "€": "欧元",
    "£": "英镑",
    "₩": "韩元",
    "₽": "卢布",
    "₹": "卢比",
}
_SIGN = r"(?:US|HK|NT)?\$|[¥￥＄€£₩₽₹]"
_AMOUNT = r"\d+(?:,\d{3})*(?:\.\d+)?"
_MONEY = re.compile(
    rf"({_SIGN})\s*({_AMOUNT})(?:\s?[-~～–]\s?(?:{_SIGN})?\s*({_AMOUNT}))?([百千]?[万亿]?)(?:美元|元(?!素))?"
)
_MONEY_BEHIND = re.compile(rf"({_AMOUNT})([百千]?[万亿]?)\s?([¥￥€£₩₽₹])")
_GROUPED = re.compile(r"(?<![\d,.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?![\d,]*\d)")
# With a hyphen the checkpoints' own rules read both of these as subtractions.
_PHONE = re.compile(r"(?<![\d\-])(?:0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}|1\d{2}-\d{4}-\d{4})(?![\d\-])")
_SPACED_PHONE = re.compile(r"(?<![\d\-])1[3-9]\d \d{4} \d{4}(?![\d\-])")
_LARGE_AMOUNT = re.compile(rf"\d{{7,8}}[多余]?{COUNTER}")
_CALLED = re.compile(r"((?:电话|拨打?|热线|手机号?|来电)(?:号码)?(?:是|为|：|:)?)(\d{3,}(?:-\d+)*)")
_ROMAN_ITEM = re.compile(
    r"(第?)([ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]+|[IVX]{1,5}(?![A-Za-z]))(?=[章节部代世号级型季集卷幕])|(第)([IVX]{1,5})(?![A-Za-z])"
)
_ROMAN_SIGN = re.compile("[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]")
_ROMAN_SIGNS = dict(
    zip(
        "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ",
        ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"),
        strict=True,
    )
)
# Written for the same word by people who care; dictionaries list only the plain form.
_VARIANTS = str.maketrans({"〇": "零", "𠮷": "吉", "㐂": "喜", "㊗": "祝", "㊙": "秘"})
_ORDINAL_MARK = re.compile(r"(?:[Nn][Oo]\.|№)\s*(?=\d)")
_RATE = re.compile(
    r"(?<=[元块角米克斤吨升度次人个件页字圈帧])\s?/\s?(?=[天月年日时分秒人个次斤克公小平件晚位])"
)
_FRACTION = re.compile(r"(?<![\d/.])(-?)(\d{1,4})/(\d{1,4})(?![\d/]|\.\d)")
_BARE_RANGE = re.compile(
    r"(?<![\d.\-/:])(\d{1,3})\s?[-~～–]\s?(\d{1,3})(?![\d\-/]|\.\d|号?[房室楼]|单元|栋)"
)
_AND_MORE = re.compile(r"(?<=\d)\+(?=[\u4e00-\u9fff])")
_REACHING = re.compile(r"(?<=[\u4e00-\u9fff])[~～](?=周|星期|礼拜|第)")
_IN_WORDS = re.compile("[\u3400-\u9fff：、，；。？！!?…“”‘’「」『』（）《》]*")
"""What no rule changes."""
_DIGIT = re.compile(r"\d")
_MANY_DIGITS = re.compile(r"\d{7}|-\d{4}")
"""Every telephone number has one of these."""
_ROMAN_LETTER = re.compile("[IVXⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]")


def say_as_spoken(text: str, before: str = "", after: str = "") -> str:
    """Put into words what the later rules would read wrongly: every number, and signs.

    Args:
        text: A run of Chinese, simplified, its compatibility forms resolved.
        before: What stands in front of it in another language.
        after: What stands behind it in another language.

    Returns:
        The text without digits; a dash, a stroke or a space between words is a comma.
    """
    text = say_beside_latin(text.translate(_VARIANTS), before, after)
    if _IN_WORDS.fullmatch(text):
        return text
    if _DIGIT.search(text):
        text = _say_amounts(text)
        if _IN_WORDS.fullmatch(text):
            return text
    if _ROMAN_LETTER.search(text):
        text = _ROMAN_ITEM.sub(_say_roman, text)
    text = _ROMAN_SIGN.sub(
        lambda match: say_cardinal(str(small_roman_value(_ROMAN_SIGNS[match[0]]) or 0)),
        _REACHING.sub("到", text),
    )
    return pause_at_separators(say_signs(text))


def _say_amounts(text: str) -> str:
    text = _say_phones(text.replace("\u2212", "-"))
    text = say_calendar(text)
    text = say_times_and_scores(rewrite(text, _MONEYS))
    text = rewrite(say_units(text), _GROUPS)
    text = rewrite(say_ordinals(_ORDINAL_MARK.sub("第", text)), _RATES)
    return say_numbers(rewrite(say_signs(text), _FRACTIONS_AND_RANGES))


def _say_phones(text: str) -> str:
    text = rewrite(text, _PHONES)
    text = _CALLED.sub(lambda match: match[1] + _digits_of(match[2]), text)
    if not _MANY_DIGITS.search(text) or _LARGE_AMOUNT.search(text):
        return text
    return say_phone_numbers(text)


def _say_phone(match: re.Match[str]) -> str:
    return _digits_of(match[0])


def _digits_of(number: str) -> str:
    return "，".join(say_digits(group, telephone=True) for group in number.split("-"))


def _say_money(match: re.Match[str]) -> str:
    sign, amount, limit, scale = match.groups()
    number = _sum_of(amount)
    if limit:
        number = f"{number}到{_sum_of(limit)}"
    return f"{number}{scale}{_MONEY_WORDS[sign]}"


def _sum_of(amount: str) -> str:
    number = say_number(amount.replace(",", ""))
    return "两" if number == "二" else number


def _say_fraction(match: re.Match[str]) -> str:
    minus, numerator, denominator = match.groups()
    return f"{'负' if minus else ''}{say_cardinal(denominator)}分之{say_cardinal(numerator)}"


def _say_range(match: re.Match[str]) -> str:
    low, high = match.groups()
    is_code = high.startswith("0") or len(high) - len(low) > 1
    if is_code or int(low) >= int(high):
        return match[0]
    return f"{say_number(low)}到{say_number(high)}"


def _say_roman(match: re.Match[str]) -> str:
    ordinal, numeral = match[1] or match[3] or "", match[2] or match[4]
    value = small_roman_value("".join(_ROMAN_SIGNS.get(letter, letter) for letter in numeral))
    return match.group(0) if value is None else ordinal + say_cardinal(str(value))


_MONEY_SIGNS = tuple("$¥￥＄€£₩₽₹")
_PHONES = (
    Rule(pattern=_SPACED_PHONE, said=lambda match: match[0].replace(" ", "-"), needs=(" ",)),
    Rule(pattern=_PHONE, said=_say_phone, needs=("-",)),
)
_MONEYS = (
    Rule(pattern=_MONEY_BEHIND, said=r"\3\1\2", needs=_MONEY_SIGNS),
    Rule(pattern=_MONEY, said=_say_money, needs=_MONEY_SIGNS),
)
_GROUPS = (
    Rule(
        pattern=_GROUPED, said=lambda match: say_quantity(match[1].replace(",", "")), needs=(",",)
    ),
)
_RATES = (Rule(pattern=_RATE, said="每", needs=("/",)),)
_FRACTIONS_AND_RANGES = (
    Rule(pattern=_FRACTION, said=_say_fraction, needs=("/",)),
    Rule(pattern=_BARE_RANGE, said=_say_range, needs=("-", "~", "～", "–")),
    Rule(pattern=_AND_MORE, said="多", needs=("+",)),
)

"""Amounts in Japanese text → words that OpenJTalk reads well."""

from __future__ import annotations

import re

from voicepipe.text.figures import (
    DOLLARS_AND_CENTS,
    MINUS_SIGN,
    MONTH_FIRST_DATE,
    TIME_OF_DAY,
)
from voicepipe.text.steps import Step

_GROUPED = re.compile(r"(?<!\d)(\d{1,3}(?:[,，]\d{3})+)(?!\d)")
_MONEY = re.compile(r"([¥￥$＄€£₩])\s*(\d+(?:\.\d+)?)([万億兆]?)(?:[-−](?!\d))?")
_CURRENCIES = {
    "¥": "円",
    "￥": "円",
    "$": "ドル",
    "＄": "ドル",
    "€": "ユーロ",
    "£": "ポンド",
    "₩": "ウォン",
}
_RATIO = re.compile(r"(?<=\d)\s*[:：]\s*(?=\d)")
_DATES = (
    re.compile(
        r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>0?[1-9]|[12]\d|3[01])(?!\d)"
    ),
    MONTH_FIRST_DATE,
)
_MONTH_OF_YEAR = re.compile(r"(?<![\d/])(20\d\d|19\d\d)/(0?[1-9]|1[0-2])(?![\d/])")
_WEEKDAYS = re.compile("([月火水木金土日])[~〜～-]([月火水木金土日])(?![一-龠])")
_WEEKDAY = re.compile(r"(?<=[日\d])\s?[(（]([月火水木金土日])[)）](\w?)")
# 3/5まで is a date; 1/2 and 2/3の are parts of a whole.
_PART = re.compile(
    r"(?<![\d/])(1/2|1/3|2/3|1/4|3/4|1/5|1/8|1/10|1/100)(?![\d/])"
    r"(?=の|以|ほど|くらい|ぐらい|程度|だけ|に[減なまし縮薄分切割]|が|を|も|だ|で|[、。！？!?…]|$)"
)
_METRE = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?=拍子)")
_SHORT_DATE = re.compile(
    r"(?<![\d/])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?=[(（はにのまでかから、。]|$)"
)
_SLASH = re.compile(r"(?<=\d)/(?=\d)")
_PHONE = re.compile(r"(?<![\d-])[(（]?(0\d{1,4})[()（）-]-?(\d{1,4})[)）-](\d{3,4})(?![\d-])")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_PERCENT = re.compile(r"(?<=\d)\s*[%％]")
_SUM = re.compile(r"(?<=[\d)）])\s*[-−ー]\s*(\d+(?:\.\d+)?)(?=\s*(?:[=＝]|は\s*\d))")
_SCORE = re.compile(r"(?<![\d-])(\d{1,2})-(\d{1,2})(?=で(?:勝|負|引|敗|リード|逆転))")
_SPAN = re.compile(
    r"(?<![\d-])(\d+)\s?[-–]\s?(\d+)(?=[年月日時分秒円人個回歳階番度本匹枚件台章話つ%％]|ページ|メートル|キロ)(?!番地|番号|号)"
)
_ADDRESS = re.compile(r"(?<=\d)[-‐](?=\d)")
_RANGE = re.compile(r"(?<=\d)\s*[~〜～]\s*(?=\d)")
_DIGIT_NAMES = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ")
_ROMAN = dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", range(1, 13), strict=True))
_ROMAN |= {numeral.lower(): value for numeral, value in _ROMAN.items()}


def _say_date(match: re.Match[str]) -> str:
    return f"{match['y']}年{int(match['m'])}月{int(match['d'])}日"


_CALENDAR = (
    Step(
        rule="date", rewrite=lambda text: _DATES[1].sub(_say_date, _DATES[0].sub(_say_date, text))
    ),
    Step(
        rule="month of a year",
        rewrite=lambda text: _MONTH_OF_YEAR.sub(lambda m: f"{m[1]}年{int(m[2])}月", text),
    ),
    Step(rule="fraction", rewrite=lambda text: _PART.sub(_say_part, text)),
    Step(rule="metre of music", rewrite=lambda text: _METRE.sub(r"\2分の\1", text)),
    Step(
        rule="date without a year",
        rewrite=lambda text: _SHORT_DATE.sub(lambda m: f"{int(m[1])}月{int(m[2])}日", text),
    ),
    Step(rule="weekday", rewrite=lambda text: _WEEKDAY.sub(_say_weekday, text)),
    Step(rule="range of weekdays", rewrite=lambda text: _WEEKDAYS.sub(r"\1曜から\2曜", text)),
    Step(rule="time of day", rewrite=lambda text: TIME_OF_DAY.sub(_say_time, text)),
    Step(rule="ratio or score", rewrite=lambda text: _RATIO.sub("タイ", text)),
    Step(rule="slash between figures", rewrite=lambda text: _SLASH.sub("、", text)),
)
# A hyphen between figures is minus in sums only; else a score, a range, or an address.
_HYPHENS = (
    Step(rule="subtraction", rewrite=lambda text: _SUM.sub(r"引く\1", text)),
    Step(rule="score", rewrite=lambda text: _SCORE.sub(r"\1タイ\2", text)),
    Step(rule="range", rewrite=lambda text: _SPAN.sub(r"\1から\2", text)),
    Step(rule="address or number in parts", rewrite=lambda text: _ADDRESS.sub("の", text)),
    Step(rule="negative number", rewrite=lambda text: MINUS_SIGN.sub("マイナス", text)),
    Step(rule="range", rewrite=lambda text: _RANGE.sub("から", text)),
)
AMOUNTS = (
    Step(
        rule="telephone number",
        rewrite=lambda text: _PHONE.sub(lambda m: "、".join(map(_say_digits, m.groups())), text),
    ),
    Step(
        rule="grouped number",
        rewrite=lambda text: _GROUPED.sub(lambda m: re.sub("[,，]", "", m[1]), text),
    ),
    *_CALENDAR,
    Step(
        rule="sum of money",
        rewrite=lambda text: DOLLARS_AND_CENTS.sub(lambda m: f"{m[1]}ドル{int(m[2])}セント", text),
    ),
    Step(
        rule="sum of money",
        rewrite=lambda text: _MONEY.sub(lambda m: f"{m[2]}{m[3]}{_CURRENCIES[m[1]]}", text),
    ),
    Step(rule="percentage", rewrite=lambda text: _PERCENT.sub("パーセント", text)),
    *_HYPHENS,
    Step(
        rule="quantity: decimal",
        rewrite=lambda text: _DECIMAL.sub(_say_decimal, text),
    ),
    Step(rule="Roman numeral", rewrite=lambda text: "".join(str(_ROMAN.get(c, c)) for c in text)),
)
"""Put telephone numbers, dates, times, money, ranges and numerals, in ordinary figures, into
words."""


def _say_part(match: re.Match[str]) -> str:
    above, below = match[1].split("/")
    return f"{below}分の{above}"


def _say_decimal(match: re.Match[str]) -> str:
    """Say a decimal; one and ten are clipped before the point: 1.5 is イッテンゴ."""
    whole, decimals = match.groups()
    point = f"テン{_say_digits(decimals)}"
    if whole[-1] == "1" and whole[-2:] != "01":
        return f"{whole[:-1] + '0' if len(whole) > 1 else ''}イッ{point}"
    if whole[-1] == "0" and whole[-2:-1] not in {"", "0"}:
        hundreds = f"{whole[:-2]}00" if len(whole) > 2 else ""
        tens = "" if whole[-2] == "1" else _DIGIT_NAMES[int(whole[-2])]
        return f"{hundreds}{tens}ジュッ{point}"
    return f"{whole}{point}"


def _say_weekday(match: re.Match[str]) -> str:
    return f"、{match[1]}曜日" + (f"、{match[2]}" if match[2] else "")


def _say_digits(digits: str) -> str:
    return "".join(_DIGIT_NAMES[int(digit)] for digit in digits)


def _say_time(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    said = f"{int(hour)}時"
    if int(minute):
        said += f"{int(minute)}分"
    return said + (f"{int(second)}秒" if second and int(second) else "")

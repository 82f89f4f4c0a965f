"""Japanese text: marks tidied; in the spoken style, written amounts put into words first."""

from __future__ import annotations

import re

from voicepipe.text.records import ReadingStyle

_REPEATED_MARKS = re.compile(r"([!?…,.\-])[!?…,.\-]+")
_HALF_WIDTH = {code + 0xFEE0: code for code in range(ord("0"), ord("9") + 1)}
_GROUPED = re.compile(r"(?<!\d)(\d{1,3}(?:[,，]\d{3})+)(?!\d)")
_MONEY = re.compile(r"([¥￥$€£])\s*(\d+(?:\.\d+)?)([万億兆]?)")
_CURRENCIES = {"¥": "円", "￥": "円", "$": "ドル", "€": "ユーロ", "£": "ポンド"}
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?!\d)")
_DATE = re.compile(r"(?<!\d)(\d{4})[-/](0?[1-9]|1[0-2])[-/](0?[1-9]|[12]\d|3[01])(?!\d)")
_SHORT_DATE = re.compile(
    r"(?<![\d/])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?=[(（はにのまで、。]|$)"
)
_PHONE = re.compile(r"(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_PERCENT = re.compile(r"(?<=\d)\s*[%％]")
_NEGATIVE = re.compile(r"(?<![\dA-Za-z])[-−](?=\d)")
_RANGE = re.compile(r"(?<=\d)\s*[~〜～]\s*(?=\d)")
_UNITS = (
    ("km/h", "キロメートル毎時"),
    ("km", "キロメートル"),
    ("cm", "センチメートル"),
    ("mm", "ミリメートル"),
    ("kg", "キログラム"),
    ("ml", "ミリリットル"),
    ("℃", "度"),
    ("°C", "度"),
    ("m", "メートル"),
    ("g", "グラム"),
)
_UNIT = re.compile(rf"(?<=\d)\s*({'|'.join(re.escape(sign) for sign, _ in _UNITS)})(?![A-Za-z])")
_UNIT_WORDS = dict(_UNITS)
_DIGIT_NAMES = ["ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ"]
_ROMAN = dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", range(1, 11), strict=True))
_DASH = re.compile(r"[—―–]+|(?<![ァ-ヴぁ-ん])ー{2,}|‥+")
_DOTS = re.compile(r"・{2,}|\.{3,}|…+")


def normalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    """Tidy Japanese text; OpenJTalk reads the numbers.

    Args:
        text: Anything.
        style: `SPOKEN` puts sums of money, times, dates, telephone numbers, decimals, units and
            Roman numerals into words OpenJTalk reads well, and makes dashes and dots pauses.

    Returns:
        The text, no two of `! ? … , . -` in a row.
    """
    if style is ReadingStyle.SPOKEN:
        text = _say_as_spoken(text)
    return _REPEATED_MARKS.sub(r"\1", text)


def _say_as_spoken(text: str) -> str:
    text = text.translate(_HALF_WIDTH)
    text = _PHONE.sub(lambda match: "、".join(map(_say_digits, match[0].split("-"))), text)
    text = _GROUPED.sub(lambda match: re.sub("[,，]", "", match[1]), text)
    text = _DATE.sub(lambda match: f"{match[1]}年{int(match[2])}月{int(match[3])}日", text)
    text = _SHORT_DATE.sub(lambda match: f"{int(match[1])}月{int(match[2])}日", text)
    text = _TIME.sub(_say_time, text)
    text = _MONEY.sub(lambda match: f"{match[2]}{match[3]}{_CURRENCIES[match[1]]}", text)
    text = _PERCENT.sub("パーセント", text)
    text = _UNIT.sub(lambda match: _UNIT_WORDS[match[1]], text)
    text = _NEGATIVE.sub("マイナス", text)
    text = _RANGE.sub("から", text)
    text = _DECIMAL.sub(lambda match: f"{match[1]}テン{_say_digits(match[2])}", text)
    text = "".join(str(_ROMAN.get(character, character)) for character in text)
    return _DOTS.sub("…", _DASH.sub("、", text))


def _say_digits(digits: str) -> str:
    return "".join(_DIGIT_NAMES[int(digit)] for digit in digits)


def _say_time(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    said = f"{int(hour)}時"
    if int(minute):
        said += f"{int(minute)}分"
    return said + (f"{int(second)}秒" if second and int(second) else "")

"""Korean text: in the spoken style, written amounts are put into words first."""

from __future__ import annotations

import re

from voicepipe.text.ko.numbers import say_digits, say_native, say_sino
from voicepipe.text.records import ReadingStyle

_FULL_WIDTH = {code + 0xFEE0: code for code in range(ord("0"), ord("9") + 1)}
_PHONE = re.compile(r"(?<![\d-])0\d{1,2}-\d{3,4}-\d{4}(?![\d-])")
_DATE = re.compile(r"(?<!\d)(\d{4})[-./](0?[1-9]|1[0-2])[-./](0?[1-9]|[12]\d|3[01])(?!\d)")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)")
_MONEY = re.compile(r"([₩$€£])\s*(\d[\d,]*)")
_CURRENCIES = {"₩": "원", "$": "달러", "€": "유로", "£": "파운드"}
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_MONTHS = {"6": "유", "10": "시"}
_MONTH = re.compile(r"(?<!\d)(\d{1,2})월")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_UNIT = re.compile(r"(?<=[\d영일이삼사오육칠팔구십백천만])\s*(km|cm|mm|kg|ml|℃|°C|m|g)(?![A-Za-z])")
_UNITS = {
    "km": "킬로미터",
    "cm": "센티미터",
    "mm": "밀리미터",
    "kg": "킬로그램",
    "ml": "밀리리터",
    "℃": "도",
    "°C": "도",
    "m": "미터",
    "g": "그램",
}
_NATIVE_COUNTERS = (
    "시간|시|명|살|개월|개|마리|번째|번|잔|병|권|장|대|송이|그루|벌|켤레|"
    "채|척|사람|가지|군데|달|배|분이"
)
# 개월 and 배 are counted in Sino-Korean, but begin like or look like native ones.
_SINO_COUNTERS = frozenset({"개월", "배"})
_COUNTED = re.compile(rf"(?<![\d.])(\d[\d,]*)(\s?)({_NATIVE_COUNTERS})")
_LARGEST_NATIVE = 99
_NUMBER = re.compile(r"\d[\d,]*\d|\d")
_NEGATIVE = re.compile(r"(?<![\dA-Za-z])[-−](?=\d)")
_DOTS = re.compile(r"\.{2,}|…+")
_DASH = re.compile(r"\s*[—―–]+\s*")


def normalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    """Write Korean text out in words.

    Args:
        text: Anything.
        style: The reference changes nothing here. `SPOKEN` reads telephone numbers, dates, times,
            money, percentages, units, counted things and other numbers.

    Returns:
        The text.
    """
    if style is ReadingStyle.REFERENCE:
        return text
    text = text.translate(_FULL_WIDTH)
    text = _PHONE.sub(lambda match: ", ".join(map(_say_phone_group, match[0].split("-"))), text)
    text = _DATE.sub(lambda match: f"{match[1]}년 {int(match[2])}월 {int(match[3])}일", text)
    text = _TIME.sub(_say_time, text)
    text = _MONEY.sub(lambda match: f"{say_sino(match[2])} {_CURRENCIES[match[1]]}", text)
    text = _PERCENT.sub(lambda match: f"{match[1]} 퍼센트", text)
    text = _MONTH.sub(lambda match: f"{_MONTHS.get(match[1]) or say_sino(match[1])}월", text)
    text = _NEGATIVE.sub("마이너스 ", text)
    text = _DECIMAL.sub(lambda match: f"{say_sino(match[1])} 점 {say_digits(match[2])}", text)
    text = _COUNTED.sub(_say_count, text)
    text = _NUMBER.sub(_say_number, text)
    text = _UNIT.sub(lambda match: f" {_UNITS[match[1]]}", text)
    return _DOTS.sub("…", _DASH.sub(", ", text))


def _say_phone_group(digits: str) -> str:
    return say_digits(digits).replace("영", "공")


def _say_number(match: re.Match[str]) -> str:
    digits = match[0]
    # A code such as 007 is read digit by digit, as telephone numbers are.
    return (
        _say_phone_group(digits) if digits.startswith("0") and digits != "0" else say_sino(digits)
    )


def _say_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    said = f"{say_native(str(hour)) if 1 <= hour <= 12 else say_sino(str(hour))} 시"
    return f"{said} {say_sino(str(minute))} 분" if minute else said


def _say_count(match: re.Match[str]) -> str:
    number, gap, counter = match.groups()
    plain = number.replace(",", "")
    if counter in _SINO_COUNTERS or len(plain) > 2 or plain.startswith("0"):
        return f"{say_sino(number)}{gap}{counter}"
    if counter == "번째" and plain == "1":
        return f"첫{gap}{counter}"
    return f"{say_native(number)}{gap}{counter}"

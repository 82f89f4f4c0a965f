"""Latin letters that belong to a Korean line: units, numbers, codes."""

from __future__ import annotations

import re

from voicepipe.text.ko.numbers import say_sino
from voicepipe.text.roman import roman_value
from voicepipe.text.unit_names import prefixed_units

_PREFIXES = {
    "": "",
    "k": "킬로",
    "c": "센티",
    "m": "밀리",
    "d": "데시",
    "h": "헥토",
    "μ": "마이크로",
    "µ": "마이크로",
    "n": "나노",
    "M": "메가",
    "G": "기가",
    "T": "테라",
}
_BASES = {
    "m": "미터",
    "g": "그램",
    "l": "리터",
    "L": "리터",
    "ℓ": "리터",
    "W": "와트",
    "V": "볼트",
    "Hz": "헤르츠",
    "Pa": "파스칼",
    "cal": "칼로리",
    "J": "줄",
    "m2": "제곱{}미터",
    "m²": "제곱{}미터",
    "m3": "세제곱{}미터",
    "m³": "세제곱{}미터",
}
UNITS = prefixed_units(_PREFIXES, _BASES) | {
    **dict.fromkeys(("KB", "kB"), "킬로바이트"),
    "MB": "메가바이트",
    "GB": "기가바이트",
    "TB": "테라바이트",
    "m/s": "미터 매 초",
    "cc": "시시",
    "kWh": "킬로와트시",
    "mAh": "밀리암페어시",
    **dict.fromkeys(("dB", "db"), "데시벨"),
    "Gbps": "기가비피에스",
    "Mbps": "메가비피에스",
    "fps": "에프피에스",
    "rpm": "알피엠",
    "mph": "마일",
    "ft": "피트",
    "lb": "파운드",
    "oz": "온스",
    "ha": "헥타르",
    "t": "톤",
    "h": "시간",
    "min": "분",
    "s": "초",
    "ms": "밀리초",
    "℃": "도",
    "°C": "도",
    "°F": "도",
}
"""Sign → word; the number before them is Sino-Korean."""
_NUMBERED = re.compile(r"(?<![A-Za-z])[Nn][Oo]\.?\s?(\d+)")
_LEVEL = re.compile(r"(?<![A-Za-z])[Ll][Vv]\.?\s?(?=\d)")
_ROMAN = re.compile(r"(?<=제)([IVX]+)(?![A-Za-z])|(?<![A-Za-z])([IVX]+)(?=세)")
_NOON = {"A": "오전 ", "P": "오후 "}
_BEFORE_NOON = re.compile(r"(?<![A-Za-z])([APap])\.?[Mm]\.?\s?(?=\d{1,2}(?:[:시]|(?!\d)))")
_AFTER_NOON = re.compile(r"(?<!\d)(\d{1,2}(?::\d\d)?)(시?)\s?([APap])\.?[Mm](?:\.|(?![A-Za-z]))")
_BASEMENT = re.compile(r"(?<![A-Za-z0-9])B(\d)(F|층)")
_FLOOR = re.compile(r"(?<![A-Za-z0-9.])(\d{1,2})F(?![A-Za-z0-9])")
_FIXED = {
    "2D": "투디",
    "3D": "쓰리디",
    "4D": "포디",
    "3G": "쓰리지",
    "4G": "포지",
    "5G": "파이브지",
    "MP3": "엠피쓰리",
    "MP4": "엠피포",
    "PS4": "피에스포",
    "PS5": "피에스파이브",
    "F1": "에프원",
    "H2O": "에이치투오",
    "CO2": "시오투",
    "O2": "오투",
    "1P": "원피",
    "2P": "투피",
    "3P": "쓰리피",
    "G20": "지이십",
    "A4": "에이포",
}
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Z0-9-]*[0-9])(?=[A-Z0-9-]*[A-Z])(?![A-Z0-9-]*[A-Z]{4})"
    r"([A-Z0-9]+(?:-[A-Z0-9]+)*)(?![A-Za-z0-9])"
)
_MAY_HOLD = re.compile("[A-Za-z]")


def say_forms(text: str) -> str:
    """Put into Korean what is written in Latin letters but belongs to the line.

    `No.5`, Roman numerals, `AM 7:30`, floors, and the letters of codes with digits (`A4`, `F-15`).
    Units are said with their numbers, see `voicepipe.text.ko.normalize`.

    Args:
        text: What of a line is read as Korean.
    """
    if not _MAY_HOLD.search(text):
        return text
    text = _BEFORE_NOON.sub(lambda match: _NOON[match[1].upper()], text)
    text = _AFTER_NOON.sub(_say_noon, text)
    text = _NUMBERED.sub(lambda match: f"{say_sino(match[1])}번", text)
    text = _LEVEL.sub("레벨 ", text)
    text = _ROMAN.sub(lambda match: str(roman_value(match[1] or match[2])), text)
    text = _FLOOR.sub(r"\1층", _BASEMENT.sub(r"지하 \1층", text))
    return _CODE.sub(_say_code, text)


def _say_noon(match: re.Match[str]) -> str:
    time, hour, half = match.groups()
    return f"{_NOON[half.upper()]}{time}{hour or ('' if ':' in time else '시')}"


def _say_code(match: re.Match[str]) -> str:
    """Part a code's figures from its letters, whose names follow; its hyphens are not heard."""
    code = match[1]
    if code in _FIXED:
        return _FIXED[code]
    runs = re.findall(r"[A-Z]+|\d+", code)
    is_unit = len(runs) == 2 and runs[1] in UNITS and "-" not in code
    return code if is_unit else " ".join(runs)

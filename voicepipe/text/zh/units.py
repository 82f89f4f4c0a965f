"""Units of measure, degrees and percentages in Chinese words."""

from __future__ import annotations

import re

from voicepipe.text.rewriting import Rule, rewrite
from voicepipe.text.zh.counts import COUNTER, say_quantity
from voicepipe.text.zh.numbers import say_number

_UNITS = {
    "km/h": "千米每小时",
    "m/s": "米每秒",
    "km²": "平方千米",
    "km2": "平方千米",
    "cm²": "平方厘米",
    "cm2": "平方厘米",
    "cm³": "立方厘米",
    "cm3": "立方厘米",
    "m²": "平方米",
    "m2": "平方米",
    "m³": "立方米",
    "m3": "立方米",
    "km": "千米",
    "cm": "厘米",
    "mm": "毫米",
    "nm": "纳米",
    "dm": "分米",
    "μm": "微米",
    "µm": "微米",
    "m": "米",
    "kg": "千克",
    "mg": "毫克",
    "g": "克",
    "t": "吨",
    "ml": "毫升",
    "mL": "毫升",
    "L": "升",
    "dB": "分贝",
    "db": "分贝",
    "kHz": "千赫",
    "MHz": "兆赫",
    "GHz": "吉赫",
    "Hz": "赫兹",
    "kWh": "千瓦时",
    "kW": "千瓦",
    "W": "瓦",
    "mAh": "毫安时",
    "V": "伏",
    "kPa": "千帕",
    "kcal": "千卡",
    "kJ": "千焦",
    "min": "分钟",
    "ms": "毫秒",
    "s": "秒",
    "h": "小时",
}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_AMOUNT = r"\d+(?:,\d{3})*(?:\.\d+)?"
_MEASURED = re.compile(rf"(?<![\d.])({_AMOUNT})\s?({_UNIT})(?![A-Za-z\d])")
_DEGREES = "℃|°C|℉|°F|°|摄氏度|华氏度|度(?![假过])"
_TEMPERATURES = re.compile(
    rf"(-?)({_AMOUNT})\s?({_DEGREES})?\s?(?:[~～–-]|(?=[到至]))([到至]?)(-?)({_AMOUNT})\s?({_DEGREES})"
)
_TEMPERATURE = re.compile(rf"(-?)({_AMOUNT})\s?({_DEGREES})")
_DEGREE_WORDS = {"摄氏度": "摄氏度", "华氏度": "华氏度", "℉": "华氏度", "°F": "华氏度"}
_RATES = re.compile(rf"({_AMOUNT})\s?[%‰]?\s?[~～–-]\s?({_AMOUNT})\s?([%‰])")
_RATE = re.compile(rf"(-?)({_AMOUNT})\s?([%‰])")
_RATE_WORDS = {"%": "百分之", "‰": "千分之"}
_RANGE = re.compile(
    rf"(?<![\d.\-/:])({_AMOUNT})\s?[-~～–]\s?({_AMOUNT})(?=\s?[多余几]?(?:{COUNTER}|(?:{_UNIT})(?![A-Za-z\d])))"
)
_MEASURED_RANGE = re.compile(
    rf"(?<![\d.])({_AMOUNT})\s?({_UNIT})\s?[-~～–]\s?(?={_AMOUNT}\s?(?:{_UNIT})(?![A-Za-z\d]))"
)
_UNIT_START = re.compile("[A-Za-zμµ]")
_CODED = re.compile(r"号?(?:房|室|楼|单元|门|栋|座|铺)")


def say_units(text: str) -> str:
    """Read degrees (below zero 零下), percentages, ranges and numbers with a unit."""
    text = rewrite(text, _RULES)
    return _MEASURED.sub(_say_measured, text) if _UNIT_START.search(text) else text


def _plain(amount: str) -> str:
    return amount.replace(",", "")


def _degrees(sign: str, amount: str, unit: str) -> str:
    below = "" if not sign else "负" if unit == "°" else "零下"
    return f"{below}{say_number(_plain(amount))}{_DEGREE_WORDS.get(unit, '度')}"


def _say_temperatures(match: re.Match[str]) -> str:
    sign, low, low_unit, _, sign_2, high, unit = match.groups()
    first = _degrees(sign, low, low_unit or unit)
    if not low_unit and (not sign or sign_2):  # -5~3℃ is said with both
        first = first.removesuffix(_DEGREE_WORDS.get(unit, "度"))
    return f"{first}到{_degrees(sign_2, high, unit)}"


def _say_rates(match: re.Match[str]) -> str:
    low, high, sign = match.groups()
    return f"{_RATE_WORDS[sign]}{say_number(_plain(low))}到{say_number(_plain(high))}"


def _say_rate(match: re.Match[str]) -> str:
    minus, amount, sign = match.groups()
    return f"{'负' if minus else ''}{_RATE_WORDS[sign]}{say_number(_plain(amount))}"


def _say_range(match: re.Match[str]) -> str:
    low, high = (_plain(amount) for amount in match.groups())
    is_place = _CODED.match(match.string[match.end() :].lstrip())
    if is_place or high.startswith("0") or float(low) >= float(high):
        return match[0]
    return f"{say_quantity(low)}到{high}"


def _say_measured(match: re.Match[str]) -> str:
    word = _UNITS[match[2]]
    return f"{say_quantity(_plain(match[1]), word)}{word}"


_DEGREE_SIGNS = ("度", "℃", "°", "℉")
_RATE_SIGNS = ("%", "‰")
_BETWEEN = ("-", "~", "～", "–")
_RULES = (
    Rule(pattern=_TEMPERATURES, said=_say_temperatures, needs=_DEGREE_SIGNS),
    Rule(
        pattern=_TEMPERATURE,
        said=lambda match: _degrees(*match.groups()),
        needs=_DEGREE_SIGNS,
    ),
    Rule(pattern=_RATES, said=_say_rates, needs=_RATE_SIGNS),
    Rule(pattern=_RATE, said=_say_rate, needs=_RATE_SIGNS),
    Rule(pattern=_MEASURED_RANGE, said=lambda match: f"{_say_measured(match)}至", needs=_BETWEEN),
    Rule(pattern=_RANGE, said=_say_range, needs=_BETWEEN),
)

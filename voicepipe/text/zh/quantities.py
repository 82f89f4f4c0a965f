"""Measured, counted and compared numbers in Chinese words."""

from __future__ import annotations

import re

from voicepipe.text.zh.numbers import DIGITS, say_cardinal, say_digits, say_number

_NUMBER = r"-?\d+(?:\.\d+)?|\.\d+"
_UNIT_SIGNS = "%|°C|℃|度|摄氏度|cm2|cm²|cm3|cm³|cm|db|ds|kg|km|m2|m²|m³|m3|ml|m|mm|s"
_MEASURED_RANGE = re.compile(rf"(?:{_NUMBER})(?:{_UNIT_SIGNS})~(?:{_NUMBER})(?:{_UNIT_SIGNS})")
_TEMPERATURE = re.compile(r"(-?)(\d+(?:\.\d+)?)(°C|℃|度|摄氏度)")
_UNIT_WORDS = (
    ("cm2", "平方厘米"),
    ("cm²", "平方厘米"),
    ("cm3", "立方厘米"),
    ("cm³", "立方厘米"),
    ("cm", "厘米"),
    ("db", "分贝"),
    ("ds", "毫秒"),
    ("kg", "千克"),
    ("km", "千米"),
    ("m2", "平方米"),
    ("m²", "平方米"),
    ("m³", "立方米"),
    ("m3", "立方米"),
    ("ml", "毫升"),
    ("m", "米"),
    ("mm", "毫米"),
    ("s", "秒"),
)
_POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹ˣʸⁿ"
_PLAIN_POWERS = "0123456789xyn"
_OPERAND = rf"(?:-?\d+(?:\.\d+)?[{_POWERS}]*|\.\d+[{_POWERS}]*|[A-Za-z][{_POWERS}]*)"
_SUM = re.compile(rf"({_OPERAND})([-+×÷=])({_OPERAND})")
_SUM_WORDS = {"+": "加", "-": "减", "×": "乘", "÷": "除", "=": "等于"}
_POWER = re.compile(f"[{_POWERS}]+")
_FRACTION = re.compile(r"(-?)(\d+)/(\d+)")
_PERCENTAGE = re.compile(r"(-?)(\d+(?:\.\d+)?)%")
_MOBILE = re.compile(r"(?<!\d)((?:\+?86 ?)?1(?:[38]\d|5[0-35-9]|7[678]|9[89])\d{8})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)((?:0(?:10|2[1-3]|[3-9]\d{2})-?)?[1-9]\d{6,7})(?!\d)")
_HOTLINE = re.compile(r"400-?\d{3}-?\d{4}")
_RANGE = re.compile(r"(?<![\d+\-×÷=])(-?\d+(?:\.\d+)?)[-~](-?\d+(?:\.\d+)?)(?![\d+\-×÷=])")
_NEGATIVE = re.compile(r"-(\d+)")
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:\.\d+)+")
_DECIMAL = re.compile(r"(-?)(\d+\.\d+)|(\.\d+)")
_CODE = re.compile(r"\d{3,}")
_ANY = re.compile(r"(-?)(\d+(?:\.\d+)?)|(\.\d+)")
COUNTERS = (
    "处台架枚趟幅平方堵间床株批项例列篇栋注亩封艘把目套段人所朵匹张座回场尾条个首阙阵"
    "网炮顶丘棵只支袭辆挑担颗壳窠曲墙群腔砣客贯扎捆刀令打手罗坡山岭江溪钟队单双对出口"
    "头脚板跳枝件贴针线管名位身堂课本页家户层丝毫厘分钱两斤铢石钧锱忽寸尺丈里寻常铺程"
    "米撮勺合升斗盘碗碟叠桶笼盆盒杯斛锅簋篮罐瓶壶卮盏箩箱煲啖袋钵年月日季刻时周天秒旬"
    "纪岁世更夜春夏秋冬代伏辈丸泡粒幢堆根道面片块元亿万千百吨角毛"
)
LONG_COUNTERS = "微克|公分|小时|美元|十吨|十块|微米"
_COUNTED = re.compile(rf"(\d+)([多余几+])?([{COUNTERS}]|{LONG_COUNTERS})")


def say_measures(text: str) -> str:
    """Read ranges with units, temperatures (below zero: 零下) and units of measure."""
    text = _MEASURED_RANGE.sub(lambda match: match.group(0).replace("~", "至"), text)
    text = _TEMPERATURE.sub(_say_temperature, text)
    for sign, word in _UNIT_WORDS:
        text = text.replace(sign, word)
    return text


def say_arithmetic(text: str) -> str:
    """Read sums, powers, fractions and percentages."""
    # `1+2+3`: neighbours share an operand, so one pass leaves every second sign.
    while _SUM.search(text):
        text = _SUM.sub(lambda match: match[1] + _SUM_WORDS[match[2]] + match[3], text)
    text = _POWER.sub(_say_power, text)
    text = _FRACTION.sub(_say_fraction, text)
    return _PERCENTAGE.sub(
        lambda match: f"{_minus(match.group(1))}百分之{say_number(match.group(2))}", text
    )


def say_phone_numbers(text: str) -> str:
    """Read mobile, landline and 400 numbers digit by digit, a pause at each gap."""
    text = _MOBILE.sub(lambda match: _say_phone(match.group(0).strip("+").split()), text)
    text = _LANDLINE.sub(lambda match: _say_phone(match.group(0).split("-")), text)
    return _HOTLINE.sub(lambda match: _say_phone(match.group(0).split("-")), text)


def say_counts(text: str) -> str:
    """Read whatever numbers are left: ranges, negatives, versions, decimals, counts, codes."""
    text = _RANGE.sub(lambda match: f"{_say_all(match.group(1))}到{_say_all(match.group(2))}", text)
    text = _NEGATIVE.sub(lambda match: f"负{say_number(match.group(1))}", text)
    text = _VERSION.sub(_say_version, text)
    text = _DECIMAL.sub(_say_signed, text)
    text = _COUNTED.sub(_say_count, text)
    text = _CODE.sub(lambda match: say_digits(match.group(0), telephone=True), text)
    return _say_all(text)


def _minus(sign: str) -> str:
    return "负" if sign else ""


def _say_temperature(match: re.Match[str]) -> str:
    sign, degrees, unit = match.groups()
    below = "零下" if sign else ""
    return f"{below}{say_number(degrees)}{'摄氏度' if unit == '摄氏度' else '度'}"


def _say_power(match: re.Match[str]) -> str:
    plain = "".join(_PLAIN_POWERS[_POWERS.index(sign)] for sign in match.group(0))
    return f"的{plain}次方"


def _say_fraction(match: re.Match[str]) -> str:
    sign, numerator, denominator = match.groups()
    return f"{_minus(sign)}{say_number(denominator)}分之{say_number(numerator)}"


def _say_phone(groups: list[str]) -> str:
    return "，".join(say_digits(group, telephone=True) for group in groups)


def _say_signed(match: re.Match[str]) -> str:
    sign, number, pure_decimal = match.groups()
    if pure_decimal:
        return say_number(pure_decimal)
    return _minus(sign) + say_number(number)


def _say_all(text: str) -> str:
    return _ANY.sub(_say_signed, text)


def _say_version(match: re.Match[str]) -> str:
    return "".join("点" if sign == "." else DIGITS[int(sign)] for sign in match.group(0))


def _say_count(match: re.Match[str]) -> str:
    digits, more, counter = match.groups()
    number = say_cardinal(digits)
    number = "两" if number == "二" else number
    return f"{number}{'多' if more == '+' else more or ''}{counter}"

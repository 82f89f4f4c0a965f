"""Amounts in Korean text → words: native numbers before counters, Sino-Korean ones elsewhere."""

from __future__ import annotations

import re

from voicepipe.text.figures import (
    DOLLARS_AND_CENTS,
    MINUS_SIGN,
    MONTH_FIRST_DATE,
    TIME_OF_DAY,
)
from voicepipe.text.ko.latin import UNITS
from voicepipe.text.ko.numbers import say_digits, say_native, say_sino
from voicepipe.text.ko.signs import say_code, say_part
from voicepipe.text.steps import Step

_PHONE = re.compile(r"(?<![\d-])(?:0\d{1,2}[-)\s.]\s?\d{3,4}[-\s.]\d{4}|1[568]\d\d-\d{4})(?![\d-])")
_EMERGENCY = re.compile(
    r"(?<![\d.,])(112|119)(?=$|[!?.,\s]|(?:에|로|를|을|이야|입니다)(?:\s|$|[!?.]))(?![.,]\d)"
)
_NAMED_DAY = re.compile(r"(?<!\d)(\d{1,2})·(\d{1,2})(?!\d)")
_MEMORIAL = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})(?=\s?(?:절|운동|혁명|항쟁|사태|테러|전쟁))")
_DATES = (
    re.compile(
        r"(?<!\d)(?P<y>\d{4})(?:[-./]|\.\s)(?P<m>0?[1-9]|1[0-2])(?:[-./]|\.\s)"
        r"(?P<d>0?[1-9]|[12]\d|3[01])(?:\.(?=\s|$))?(?!\d)"
    ),
    MONTH_FIRST_DATE,
)
_SHORT_DATE = re.compile(
    r"(?<![\d/])(0?[1-9]|1[0-2])/(?:(1[3-9]|2\d|3[01])(?![\d/])"
    r"|(0?[1-9]|[12]\d|3[01])(?=까지|부터|\s?[(（]))"
)
_WEEKDAY = re.compile(r"(?<=[일\d])\s?[(（]([월화수목금토일])[)）]")
_PART = re.compile(r"(?<![\d/])(\d+)/(\d+)(?![\d/])")
_RATIO = re.compile(r"(?<!\d)(\d+)\s?(?:[:：]|대)\s?(\d+)(?!\d|[.,]\d|\s?대)")
_MONEY = re.compile(r"([₩￦$＄€£¥￥])\s*(\d[\d,]*(?:\.\d+)?)([만억조]?)")
_CURRENCIES = {
    **dict.fromkeys("₩￦", "원"),
    **dict.fromkeys("$＄", "달러"),
    "€": "유로",
    "£": "파운드",
    **dict.fromkeys("¥￥", "엔"),
}
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_MONTHS = {"6": "유", "10": "시"}
_MONTH = re.compile(r"(?<!\d)(\d{1,2})월")
_NUMBER_WITH_COMMAS = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)")
_DECIMAL = re.compile(r"(\d+)\.(\d+)")
_SPEED = re.compile(r"(시속\s?)?(\d[\d.,]*)\s?km/h")
_UNIT = re.compile(
    r"(?<=[\d십백천만억수몇])\s*"
    rf"({'|'.join(map(re.escape, sorted(UNITS, key=len, reverse=True)))})(?![A-Za-z0-9])"
)
_ORDINAL = re.compile(r"제\s?(\d[\d,]*)(?=[가-힣\s]|$)")
_NATIVE_COUNTERS = (
    "시간|시(?!리즈|스템|민|도)|명|살|개월|개국|개년|개|마리|번째|번(?!지|호)|잔|병(?!동)|권|장|대|송이|그루|벌|켤레|"
    "채|척|사람|가지|군데|달(?!러)|배|분(?=이서|께서|이\\s?(?:오|계|앉|가시|도착하셨|탑승하셨))|"
    "곡|판(?!정)|끼|쌍|줄|칸|팀|편|통|그릇|조각|발(?!자국)|걸음|바퀴|포기|자루|모금|곳|건|알|봉지|박스|상자|차례|"
    "마디|쪽지|방울|모서리|줌|컵|숟갈|스푼|밤|놈|그룹|덩이|덩어리|뭉치|꾸러미|묶음|단어|글자|손가락|아이|친구|형제|자매|남매"
)
_SINO_COUNTERS = frozenset({"개월", "개국", "개년"})
_COUNTED = re.compile(rf"(?<![\d.])(\d[\d,]*)(\s?)({_NATIVE_COUNTERS})")
_SINO_NUMBERED = re.compile(
    r"(?<![\d.])(\d+)(?=\s?번\s?(?:출구|국도|문제|버스|선|타자|트랙|방|홈|승강장|자리|좌석|선수|후보|창구|칸|게이트|버튼|"
    r"채널|키|레인|구역|격납고|으로|은|이|을|과|에|의|기))"
)
# 20대 are people of an age, but 버스 20대 are buses.
_DECADE = re.compile(
    r"(?<![\d.])(?<!차 )(?<!(?:버스|트럭|택시|전차|탱크|함선|로봇|드론) )([1-9]0)대"
)
_GENERATION = re.compile(
    r"(?<![\d.])(\d+)(?=대\s?(?:독자|째|가문|기업|명절|요소|천왕|전설|회장|왕|대통령))"
)
_SPAN = re.compile(
    r"(?<![\d-])(\d[\d,]*)\s?(?:[~〜～∼]|-(?=\d+\s?(?:[개명살층원년월일분초회도위점]|시간|주|마리|킬로|미터)))\s?(\d[\d,]*)"
    r"(\s?(?:개월|시간|마리|번째|[가-힣]|%|％|km|kg|cm|m(?![A-Za-z])|g(?![A-Za-z])))?"
)
_TO = re.compile(r"(?<=[시일월년분층호원명개])\s?[~〜～∼]\s?(?=\d)")
_DAYS = re.compile("([월화수목금토일])[~〜～∼-]([월화수목금토일])(?![가-힣])")
_NUMBER = re.compile(r"\d[\d,]*\d|\d")
_SUM = re.compile(r"(?<=\d)\s*([-+×✕÷*−])\s*(?=\d)")
_SUM_WORDS = {"-": "빼기", "−": "빼기", "+": "더하기", "÷": "나누기"}
_IS_SUM = re.compile(r"\d\s*[-+×✕÷*−]\s*\d+\s*[=＝]|\d\s*[+×✕÷]\s*\d")
_LESS = re.compile(r"(?<=\d)\s*([<＜>＞])\s*(?=\d)")
_ADDRESS = re.compile(r"(?<=\d)-(?=\d)")


def _say_sum(text: str) -> str:
    if not _IS_SUM.search(text):
        return text
    return _SUM.sub(lambda match: f" {_SUM_WORDS.get(match[1], '곱하기')} ", text)


def _say_date(match: re.Match[str]) -> str:
    return f"{match['y']}년 {int(match['m'])}월 {int(match['d'])}일"


def _say_named_day(match: re.Match[str]) -> str:
    return say_digits(match[1] + match[2])


_CALENDAR = (
    Step(
        rule="date", rewrite=lambda text: _DATES[1].sub(_say_date, _DATES[0].sub(_say_date, text))
    ),
    Step(
        rule="date without a year",
        rewrite=lambda text: _SHORT_DATE.sub(
            lambda match: f"{int(match[1])}월 {int(match[2] or match[3])}일", text
        ),
    ),
    Step(rule="weekday", rewrite=lambda text: _WEEKDAY.sub(r" \1요일", text)),
    Step(rule="time of day", rewrite=lambda text: TIME_OF_DAY.sub(_say_time, text)),
    Step(
        rule="fraction",
        rewrite=lambda text: _PART.sub(lambda match: say_part(match[1], match[2]), text),
    ),
)
# What stands between two numbers.
_RELATIONS = (
    Step(rule="sum", rewrite=_say_sum),
    Step(
        rule="comparison",
        rewrite=lambda text: _LESS.sub(lambda m: " 작다 " if m[1] in "<＜" else " 크다 ", text),
    ),
    Step(
        rule="ratio or score",
        rewrite=lambda text: _RATIO.sub(lambda m: f"{say_sino(m[1])} 대 {say_sino(m[2])}", text),
    ),
    Step(rule="speed", rewrite=lambda text: _SPEED.sub(lambda m: f"시속 {m[2]}km", text)),
    Step(rule="range", rewrite=lambda text: _TO.sub("에서 ", _SPAN.sub(_say_span, text))),
    Step(rule="range of weekdays", rewrite=lambda text: _DAYS.sub(r"\1요일에서 \2요일", text)),
    Step(rule="address or number in parts", rewrite=lambda text: _ADDRESS.sub(" 다시 ", text)),
)
_COUNTS = (
    Step(rule="ordinal", rewrite=lambda text: _ORDINAL.sub(lambda m: f"제{say_sino(m[1])}", text)),
    Step(
        rule="Sino-Korean number of a place or thing",
        rewrite=lambda text: _SINO_NUMBERED.sub(lambda match: say_sino(match[1]), text),
    ),
    Step(
        rule="Sino-Korean generation",
        rewrite=lambda text: _GENERATION.sub(lambda match: say_sino(match[1]), text),
    ),
    Step(
        rule="Sino-Korean age or decade",
        rewrite=lambda text: _DECADE.sub(lambda match: f"{say_sino(match[1])}대", text),
    ),
    Step(
        rule="native number before a counter",
        rewrite=lambda text: _COUNTED.sub(_say_native_count, text),
    ),
    Step(
        rule="Sino-Korean number before a counter",
        rewrite=lambda text: _COUNTED.sub(lambda m: f"{say_sino(m[1])}{m[2]}{m[3]}", text),
    ),
)
AMOUNTS = (
    Step(
        rule="telephone number",
        rewrite=lambda text: _PHONE.sub(
            lambda match: ", ".join(map(say_code, re.findall(r"\d+", match[0]))), text
        ),
    ),
    Step(
        rule="emergency number",
        rewrite=lambda text: _EMERGENCY.sub(lambda match: say_digits(match[1]), text),
    ),
    Step(
        rule="day with a name",
        rewrite=lambda text: _MEMORIAL.sub(_say_named_day, _NAMED_DAY.sub(_say_named_day, text)),
    ),
    *_CALENDAR,
    Step(
        rule="sum of money",
        rewrite=lambda text: DOLLARS_AND_CENTS.sub(
            lambda match: f"{say_sino(match[1])} 달러 {say_sino(match[2])} 센트", text
        ),
    ),
    Step(rule="sum of money", rewrite=lambda text: _MONEY.sub(_say_money, text)),
    *_RELATIONS,
    Step(rule="percentage", rewrite=lambda text: _PERCENT.sub(r"\1 퍼센트", text)),
    Step(
        rule="quantity: unit",
        rewrite=lambda text: _UNIT.sub(lambda match: f" {UNITS[match[1]]}", text),
    ),
    Step(
        rule="Sino-Korean month",
        rewrite=lambda text: _MONTH.sub(
            lambda match: f"{_MONTHS.get(match[1]) or say_sino(match[1])}월", text
        ),
    ),
    Step(rule="negative number", rewrite=lambda text: MINUS_SIGN.sub("마이너스 ", text)),
    Step(
        rule="grouped number",
        rewrite=lambda text: _NUMBER_WITH_COMMAS.sub(lambda m: m[0].replace(",", ""), text),
    ),
    Step(
        rule="quantity: decimal",
        rewrite=lambda text: _DECIMAL.sub(
            lambda match: f"{say_sino(match[1])} 점 {say_digits(match[2])}", text
        ),
    ),
    *_COUNTS,
    Step(rule="Sino-Korean number", rewrite=lambda text: _NUMBER.sub(_say_number, text)),
)
"""Put telephone numbers, dates, times, money, units, counted things and numbers, in ordinary
figures, into words."""


def _say_span(match: re.Match[str]) -> str:
    first, last, unit = match.groups()
    return f"{first}{unit or ''}에서 {last}{unit or ''}"


def _say_money(match: re.Match[str]) -> str:
    sign, amount, large = match.groups()
    said = amount if "." in amount else say_sino(amount)
    return f"{said}{large} {_CURRENCIES[sign]}"


def _say_number(match: re.Match[str]) -> str:
    digits = match[0]
    # A code such as 007 is read digit by digit, as telephone numbers are.
    return say_code(digits) if digits.startswith("0") and digits != "0" else say_sino(digits)


def _say_time(match: re.Match[str]) -> str:
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    said = f"{say_native(str(hour)) if 1 <= hour <= 12 else say_sino(str(hour))} 시"
    if minute:
        said += f" {say_sino(str(minute))} 분"
    return f"{said} {say_sino(second)} 초" if second and int(second) else said


def _say_native_count(match: re.Match[str]) -> str:
    number, gap, counter = match.groups()
    plain = number.replace(",", "")
    is_hour_of_the_day = counter == "시" and int(plain) > 12  # 13시 is 십삼 시
    is_sino = counter in _SINO_COUNTERS or len(plain) > 2 or plain.startswith("0")
    if is_sino or is_hour_of_the_day:
        return match[0]
    if counter == "번째" and plain == "1":
        return f"첫{gap}{counter}"
    return f"{say_native(number)}{gap}{counter}"

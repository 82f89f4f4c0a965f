"""Years, dates, times of day and scores as a person says them."""

from __future__ import annotations

import re

from voicepipe.text.rewriting import Rule, rewrite
from voicepipe.text.zh.dates import say_clock
from voicepipe.text.zh.numbers import say_cardinal, say_digits

_YMD = re.compile(
    r"(?<![\d./-])(\d{4})([-/.])(1[0-2]|0?[1-9])\2(3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d|-\d)日?"
)
_MDY = re.compile(r"(?<![\d./-])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])/(\d{4})(?![\d/]|\.\d|-\d)")
_YEAR_MONTH = re.compile(r"(?<![\d./-])((?:19|20)\d\d)[/-](1[0-2]|0[1-9])(?![\d/%]|\.\d|-\d)")
_MONTH_DAY = re.compile(
    r"(?<=[在于到等])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?=[日号]|[前后见开出到发，。,！!？?]|$)[日号]?"
)
_NINE_ELEVEN = re.compile(r"(?<![\d/])9/11(?![\d/])")
_DAY_AND_NIGHT = re.compile(r"(?<![\d/])24/7(?![\d/])")
_ANNIVERSARY = re.compile(r"(?<!\d)(\d{1,2})[·•](\d{1,2})(?!\d)")
_YEARS = re.compile(
    r"(?<![\d./-])((?:19|20)\d\d)年?\s?[-~～–到至]\s?((?:19|20)\d\d)(?=年|赛季|财年|学年|[，。！？,.!?]|$)"
)
_GENERATION = re.compile(r"(?<![\d.:])([5-9][05]|0[05])(?=后(?![天面来退续]))")
_DECADE = re.compile(r"(?<!\d)(\d{2}|\d{4})年代")
_YEAR = re.compile(r"(?<![\d.])(\d{2,4})年")
_DURATION_BEFORE = re.compile(
    r"(?:过|了|花|等|整整|近|约|第|共|满|这|那|每|隔|用|差|再|有|超|的|前|后|找|关|活|干|学|当|判|练|守|打|睡|走|爱|刑|期)$"
)
_DURATION_AFTER = re.compile(
    "前|后|来|以[前后来上下]|之|间|内|多|的|了|过|没|寿|历|刑|[，。！？,.!?…]|$"
)
_LATEST_SHORT = 60
"""Two digits up to here are usually a number of years, beyond a year of the last century."""
_HOUR = r"(2[0-4]|[01]?\d)"
_TIME = re.compile(
    rf"(?<![\d:.]){_HOUR}:([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:\s?([AaPp])\.?[Mm]\b\.?)?"
)
_TIMES = re.compile(rf"({_HOUR}:[0-5]\d(?::[0-5]\d)?)\s?[~～–-]\s?(?={_HOUR}:[0-5]\d)")
_SCORE = re.compile(r"(?<![\d:.])(\d+(?:\.\d+)?)\s?:\s?(\d+(?:\.\d+)?)(?![\d:])")
_SCORE_BEFORE = re.compile(
    "(?:比分|比例|比率|比|配比|赔率|赢|输|胜|负|败|平|以|领先|落后|扳成|打成)[是为了到：:，\\s]*$"
)
_SCORE_AFTER = re.compile(
    "[大完险]?[胜败负赢输]|获胜|战[胜平]|击败|领先|落后|的?比[分例率]|取胜|逆转|告负|的优势"
)
_HYPHEN_SCORE = re.compile(
    r"(?:(?<=比分)|(?<=以)|(?<=比分是)|(?<=比分为))\s?(\d+)-(\d+)|(\d+)-(\d+)(?=[大完险惨]?[胜败负]|获胜|战[胜平]|击败|领先|落后)"
)
_HALF_HOUR = 30


def say_calendar(text: str) -> str:
    """Read dates, years and decades, digit by digit where people do."""
    return rewrite(text, _CALENDAR)


def say_times_and_scores(text: str) -> str:
    """Read `2:30` as 两点半, `3:2` as 三比二, `8:30-9:00` as a range."""
    return rewrite(text, _TIMES_AND_SCORES)


def _year(digits: str) -> str:
    return f"{say_digits(digits)}年"


def _date(year: str, month: str, day: str) -> str:
    return f"{_year(year)}{say_cardinal(month)}月{say_cardinal(day)}日"


def _say_decade(match: re.Match[str]) -> str:
    digits = match[1]
    is_short = len(digits) == 2 and not digits.startswith("0")
    return f"{say_cardinal(digits) if is_short else say_digits(digits)}年代"


def _say_year(match: re.Match[str]) -> str:
    digits = match[1]
    before, after = match.string[: match.start()], match.string[match.end() :]
    if _is_duration(digits, before, after):
        return match[0]  # a quantity: 10年, 300年, 5000年
    return _year(digits)


def _is_duration(digits: str, before: str, after: str) -> bool:
    if digits.startswith("0"):
        return False
    if len(digits) == 4:
        return digits.endswith("000") and (digits != "2000" or after.startswith(("前", "历", "后")))
    if len(digits) == 3 or not digits[-1:].isdigit():
        return not before.endswith(("公元", "公元前", "元"))
    if re.match(r"\d|[春夏秋冬初底末]", after):
        return False
    is_counted = bool(_DURATION_BEFORE.search(before) or _DURATION_AFTER.match(after))
    return int(digits) <= _LATEST_SHORT and is_counted


def _say_score(match: re.Match[str]) -> str:
    first, second = match.groups()
    before, after = match.string[: match.start()], match.string[match.end() :]
    is_time = re.fullmatch(_HOUR, first) and re.fullmatch(r"[0-5]\d", second)
    if is_time and not _SCORE_BEFORE.search(before) and not _SCORE_AFTER.match(after):
        return match[0]
    return f"{_number(first)}比{_number(second)}"


def _number(digits: str) -> str:
    whole, point, decimals = digits.partition(".")
    return say_cardinal(whole) + (f"点{say_digits(decimals)}" if point else "")


def _say_time(match: re.Match[str]) -> str:
    hour, minute, second, half = match.groups()
    said = say_clock(hour, minute, second, is_half=int(minute) == _HALF_HOUR)
    said = re.sub("^二(?=点)", "两", said)
    if half and not re.search("[早晚上下中午晨夜]$", match.string[: match.start()]):
        said = ("上午" if half in "Aa" else "下午") + said
    return said


_CALENDAR = (
    Rule(
        pattern=_YMD,
        said=lambda match: _date(match[1], match[3], match[4]),
        needs=("-", "/", "."),
    ),
    Rule(pattern=_MDY, said=lambda match: _date(match[3], match[1], match[2]), needs=("/",)),
    Rule(
        pattern=_YEAR_MONTH,
        said=lambda match: f"{_year(match[1])}{say_cardinal(match[2])}月",
        needs=("-", "/"),
    ),
    Rule(
        pattern=_MONTH_DAY,
        said=lambda match: f"{say_cardinal(match[1])}月{say_cardinal(match[2])}日",
        needs=("/",),
    ),
    Rule(pattern=_DAY_AND_NIGHT, said="二十四，七", needs=("24/7",)),
    Rule(pattern=_NINE_ELEVEN, said="九一一", needs=("9/11",)),
    Rule(
        pattern=_ANNIVERSARY,
        said=lambda match: say_digits(match[1] + match[2]),
        needs=("·", "•"),
    ),
    Rule(
        pattern=_YEARS,
        said=lambda match: f"{say_digits(match[1])}到{say_digits(match[2])}",
        needs=("-", "~", "～", "–", "到", "至"),
    ),
    Rule(pattern=_GENERATION, said=lambda match: say_digits(match[1]), needs=("后",)),
    Rule(pattern=_DECADE, said=_say_decade, needs=("年代",)),
    Rule(pattern=_YEAR, said=_say_year, needs=("年",)),
)
_TIMES_AND_SCORES = (
    Rule(
        pattern=_HYPHEN_SCORE,
        said=lambda match: "比".join(say_cardinal(part) for part in match.groups() if part),
        needs=("-",),
    ),
    Rule(pattern=_SCORE, said=_say_score, needs=(":",)),
    Rule(pattern=_TIMES, said=r"\1至", needs=(":",)),
    Rule(pattern=_TIME, said=_say_time, needs=(":",)),
)

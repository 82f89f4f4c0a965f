"""Whether digits are a quantity, an ordinal or a code, and how each is said."""

from __future__ import annotations

import re

from voicepipe.text.zh.numbers import say_cardinal, say_digits, say_number
from voicepipe.text.zh.quantities import COUNTERS

_MORE_COUNTERS = "个次种点组份节间倍章回集期题级步声圈票桌门篇款遍克米米件袋颗根岁升瓦伏吨蚊"
_LONG_COUNTERS = (
    "公里|公斤|公尺|公顷|公分|千米|千克|厘米|毫米|毫升|平方米|立方米|小时|分钟|秒钟|星期|礼拜|英里|英寸"
    "|英尺|海里|光年|个月|世纪|美元|欧元|英镑|日元|韩元|金币|银币|金|枚|位数|百|千|万|亿"
)
COUNTER = rf"(?:{_LONG_COUNTERS}|[{COUNTERS}{_MORE_COUNTERS}])"
_NUMBER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)*|\.\d+)")
_IS_COUNTED = re.compile(rf"[多余几来]?{COUNTER}")
# 二月, 二号, 二楼: which one, not how many. 二两: a weight said so.
_IS_WHICH = re.compile(
    "月|日(?!元)|号|楼|单元|班(?!人)|年级|等|级|两|路|线|代|世|分之|进制|维|次元|手|战"
)
_CODE_BEFORE = re.compile(
    "(?:密码|口令|暗号|密钥|代号|代码|编号|编码|房间|客房|病房|包厢|包间|房号|房|号码|工号|车牌|牌照|电话|手机|拨打?|热线"
    "|分机|验证码|频道|航班|车次|列车|门牌|邮编|学号|卡号|型号|序列号|尾号|账号|坐标|住在?|输入|警号|囚犯"
    '|实验体|试验体|样本|特工|QQ|档案)(?:号码?)?(?:是|为|叫|系|[：:,，]|在)?[“"「『\\s]*$'
)
_CODE_AFTER = re.compile(
    "房|室|病房|客房|包厢|包间|次(?:列车|航班|动车|高铁|快车|特快|班)|航班|号?国道|省道|路公交|路车|路电车|号(?!召|称)"
    "|错误|高校|大学|院校|工程|事件|热线|急救"
)
_CALL = re.compile("[打拨报叫]$")
_HOTLINES = frozenset(
    ["110", "119", "120", "122", "114", "911", "999", "10086", "12306", "12345", "12315", "95588"]
)
_YEAR = re.compile("(?:19|20)\\d\\d")
_YEAR_AFTER = re.compile(
    "版|届|款|赛季|[春夏秋冬]|世界杯|奥运|欧洲杯|财年|新年|跨年|高考|毕业|[上下]半年|第|年|[到至]\\d{4}"
)
_AMOUNT_BEFORE = re.compile(
    "(?:一共|总共|共有|共|有|花了?|得了?|达到?|超过|大约|大概|约|近|才|只|满|整整|剩下?|差|多|少|加|减|乘|除以|等于|涨到|降到"
    "|卖|值|赚了?|赔了?|出|到|过|第|正负|负|于|或者?|赢了?|输了?|给|走了?|活了?|数到)$"
)
_FUNCTION = re.compile(
    "[的了是在和与跟或也都就才又被把对吗呢吧啊嘛呀哦啦喽哟喎㗎嘅咗咩啫噃系为给到至从往向没不要会能可以还]"
)
_HAN = re.compile("[\u3400-\u9fff]")
_FEWEST_CODE_DIGITS = 3
_LONGEST_BARE = 4
"""Digits beyond which a number without a noun is read out one by one."""
_ORDINAL = re.compile(r"第\s?(\d+)(?:\s?[-~～–]\s?(\d+))?")
_ROUND = re.compile("[1-9]\\d?0+")


def say_ordinals(text: str) -> str:
    """Read `第2` as 第二, `第1-3` as 第一到三."""
    return _ORDINAL.sub(_say_ordinal, text)


def say_numbers(text: str) -> str:
    """Put every number that is left into words.

    Before a noun or a counter it is a quantity; beside the words of rooms, numbers and calls, or
    with a leading zero, a code; a bare number of three digits and more is a code unless it is
    round or something counts.
    """
    said, end = "", 0
    for match in _NUMBER.finditer(text):
        # What was said before counts as context too: it may hold numbers in words already.
        said += text[end : match.start()]
        said += _say(match[1], said, text[match.end() :])
        end = match.end()
    return said + text[end:]


def say_quantity(number: str, after: str = "") -> str:
    """Read how many there are: 两 before what is counted and before 千, 万, 亿."""
    said = say_number(number)
    if said == "二":
        return "两" if _IS_COUNTED.match(after) and not _IS_WHICH.match(after) else said
    return re.sub("^二(?=[千万亿])", "两", said)


def _say_ordinal(match: re.Match[str]) -> str:
    first, last = match.groups()
    said = f"第{say_cardinal(first)}"
    return f"{said}到{say_cardinal(last)}" if last else said


def _say(number: str, before: str, after: str) -> str:
    if "." in number:
        return _say_decimal(number)
    if _is_code(number, before, after):
        return say_digits(number, telephone=len(number) >= _FEWEST_CODE_DIGITS)
    if _is_year(number, before, after):
        return say_digits(number)
    return say_quantity(number, after)


def _say_decimal(number: str) -> str:
    if number.count(".") > 1:
        return "点".join(say_digits(group) for group in number.split("."))
    return say_number(number)


def _is_code(number: str, before: str, after: str) -> bool:
    if len(number) > 1 and number.startswith("0"):
        return True
    if len(number) < _FEWEST_CODE_DIGITS:
        return False
    if number in _HOTLINES and _CALL.search(before):
        return True
    if _CODE_BEFORE.search(before) or _CODE_AFTER.match(after):
        return not before.endswith("第")
    return (
        not _is_noun(after)
        and not _is_year(number, before, after)
        and _is_bare_code(number, before)
    )


def _is_noun(after: str) -> bool:
    """Tell whether what follows is counted: a counter or a noun, not a particle or a mark."""
    if _IS_COUNTED.match(after):
        return True
    return bool(_HAN.match(after)) and not _FUNCTION.match(after)


def _is_bare_code(number: str, before: str) -> bool:
    if number in _HOTLINES and not _AMOUNT_BEFORE.search(before):
        return True
    if len(number) > _LONGEST_BARE:
        return not _ROUND.fullmatch(number) and not _AMOUNT_BEFORE.search(before)
    return not (_ROUND.fullmatch(number) or _AMOUNT_BEFORE.search(before))


def _is_year(number: str, before: str, after: str) -> bool:
    is_amount = _AMOUNT_BEFORE.search(before) and not before.endswith(("到", "至", "于"))
    if not _YEAR.fullmatch(number) or is_amount:
        return False
    return bool(_YEAR_AFTER.match(after)) or not _is_noun(after)

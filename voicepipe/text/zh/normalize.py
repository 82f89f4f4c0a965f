"""Chinese text as it is written → as it is said: characters and six marks, nothing else.

The order of the rules is the one the public checkpoints were trained with: dates before
times before measures before sums before telephone numbers before plain numbers.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from voicepipe.text.account import Verbalized, leave_out
from voicepipe.text.punctuation import FULL_WIDTH
from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.tables import table
from voicepipe.text.zh.dates import say_dates, say_times
from voicepipe.text.zh.quantities import (
    say_arithmetic,
    say_counts,
    say_measures,
    say_phone_numbers,
)
from voicepipe.text.zh.spoken import say_as_spoken

if TYPE_CHECKING:
    from collections.abc import Callable

_REMEMBERED_PARTS = 64  # of the line at hand: it is read, and then looked through for words
_IGNORED = re.compile(r"[—《》【】<>{}()（）#&@“”^_|\\]")
_SILENT_BY_RULE = re.compile(r"[—《》【】<>{}()（）“”^_]")
_CLAUSE_END = re.compile(r"([：、，；。？！,;?!][”’]?)")
_IN_WORDS = re.compile("[\u3400-\u9fff：、，；。？！,;?!….“”‘’]*")
"""What is neither counted nor a sign: no rule for numbers and signs changes it."""
_FULL_WIDTH = {code + 0xFEE0: code for code in range(ord("0"), ord("z") + 1) if chr(code).isalnum()}
_SIGNS = str.maketrans(
    {
        "/": "每",
        "+": "加",
        "-": "减",
        "×": "乘",
        "÷": "除",
        "=": "等",
        **dict(zip("①②③④⑤⑥⑦⑧⑨⑩", "一二三四五六七八九十", strict=True)),
        **{
            letter: name
            for letters, name in (
                ("α", "阿尔法"),
                ("β", "贝塔"),
                ("γΓ", "伽玛"),
                ("δΔ", "德尔塔"),
                ("ε", "艾普西龙"),
                ("ζ", "捷塔"),
                ("η", "依塔"),
                ("θΘ", "西塔"),
                ("ι", "艾欧塔"),
                ("κ", "喀帕"),
                ("λΛ", "拉姆达"),
                ("μ", "缪"),
                ("ν", "拗"),
                ("ξΞ", "克西"),
                ("ο", "欧米克伦"),
                ("πΠ", "派"),
                ("ρ", "肉"),
                ("ςΣσ", "西格玛"),
                ("τ", "套"),
                ("υ", "宇普西龙"),
                ("φΦ", "服艾"),
                ("χ", "器"),
                ("ψ", "普赛"),
                ("ωΩ", "欧米伽"),
            )
            for letter in letters
        },
    }
)
_MARKS = {
    **FULL_WIDTH,
    "...": "…",
    "$": ".",
    "~": "…",
    "～": "…",
}
_MARK = re.compile("|".join(re.escape(mark) for mark in _MARKS))
_UNSPOKEN = re.compile(r"[^\u4e00-\u9fa5!?…,.\-]+")
_ANY_HAN = "\u3400-\u9fff\U00020000-\U000323af"
_UNSPOKEN_SPOKEN = f"[^{_ANY_HAN}!?…,.\\-]+"
_RARE = re.compile("[\u3400-\u4dff\u9fa6-\u9fff\U00020000-\U000323af]")
_REPEATED_MARKS = re.compile(r"([!?…,.\-])[!?…,.\-]+")
# 乾 is 干 in 乾淨 but stays itself in 乾坤, 乾隆 and their like.
_KEPT_QIAN = re.compile("乾(?![坤隆元卦陵清道象造宅旦綱纲縣县嘉德])")


@cache
def _simplified() -> dict[int, str]:
    pairs = table("zh_simplified")
    characters = zip(pairs["traditional"], pairs["simplified"], strict=True)
    return {ord(old): new for old, new in characters if old != "乾"}


def simplify(text: str) -> str:
    """Replace traditional characters by simplified ones, one for one."""
    return _KEPT_QIAN.sub("干", text).translate(_simplified())


def normalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    """Write Chinese text out in words; see `verbalize`, which also says what was left out."""
    return verbalize(Part(text=text), style).text


@lru_cache(maxsize=_REMEMBERED_PARTS)
def verbalize(part: Part, style: ReadingStyle) -> Verbalized:
    """Write Chinese text out in words.

    Args:
        part: Anything; what has no Chinese reading (Latin letters, emoji) is left out and listed.
        style: `SPOKEN` reads every number, unit and sign as a person would.

    Returns:
        Chinese characters and the marks `! ? … , . -`, no two marks in a row.
    """
    # The symbol tables' rimes lack the syllabic nasals of 嗯 and 呣.
    said = "".join(say_clauses(part, style)).replace("嗯", "恩").replace("呣", "母")
    said = _MARK.sub(lambda match: _MARKS[match[0]], said)
    left = leave_out(said, unspoken(said, style, _has_reading))
    return Verbalized(text=_REPEATED_MARKS.sub(r"\1", left.text), dropped=left.dropped)


def say_clauses(part: Part, style: ReadingStyle) -> list[str]:
    """Write numbers and signs out in words, clause by clause, marks as they are.

    Cantonese shares these rules and keeps its marks otherwise.
    """
    text, ignored = part.text, _IGNORED
    if style is ReadingStyle.SPOKEN:
        text, ignored = say_as_spoken(simplify(text), part.before, part.after), _SILENT_BY_RULE
    text = ignored.sub("", text.replace(" ", ""))
    if _IN_WORDS.fullmatch(text):
        return [simplify(text)]
    clauses = _CLAUSE_END.sub(r"\1\n", text).strip().split("\n")
    return [ignored.sub("", _normalize_clause(clause.strip())) for clause in clauses]


def unspoken(text: str, style: ReadingStyle, has_reading: Callable[[str], bool]) -> re.Pattern[str]:
    """Find what a text's language cannot say.

    Args:
        text: In words.
        style: The reference knows the commonest 20,000 characters only.
        has_reading: Tells whether a dictionary has a reading for a rarer one.
    """
    if style is ReadingStyle.REFERENCE:
        return _UNSPOKEN
    unread = "".join(sorted({c for c in _RARE.findall(text) if not has_reading(c)}))
    return _unspoken_but(unread)


@cache
def _unspoken_but(unread: str) -> re.Pattern[str]:
    return re.compile(f"(?:[^{_ANY_HAN}!?…,.\\-]|[{unread}])+" if unread else _UNSPOKEN_SPOKEN)


def _normalize_clause(clause: str) -> str:
    clause = simplify(clause).translate(_FULL_WIDTH)
    clause = say_times(say_dates(clause))
    clause = say_phone_numbers(say_arithmetic(say_measures(clause)))
    return say_counts(clause).translate(_SIGNS)


@cache
def _has_reading(character: str) -> bool:
    import pypinyin  # noqa: PLC0415 - loads its dictionaries

    return ord(character) in pypinyin.constants.PINYIN_DICT

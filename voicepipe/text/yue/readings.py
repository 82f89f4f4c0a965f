"""Which reading a Cantonese character has: the dictionary's, asked in traditional writing.

Simplified writing makes one character of several (只 of 隻 and 只), so the text's own characters
are asked about, and simplified ones are written in full where that is certain. A few rules mend
what the dictionary still reads otherwise than people.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Any

from voicepipe.text.context_rules import first_that_fits, read_rules
from voicepipe.text.tables import table
from voicepipe.text.zh.normalize import simplify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.text.context_rules import Rule

_AMBIGUOUS = "只系松斗丑谷云面后里冲卷胡须制曲困干发复台着几向合周家愿才朱咸征扎杯棱欲气汇真裡"
"""Simplified characters that are traditional ones too, or stand for several."""


def jyutping(text: str, written: str) -> list[tuple[str, str | None]]:
    """Read characters.

    Args:
        text: In words, simplified.
        written: What it was made from, perhaps traditional.

    Returns:
        Each character of `text` with its syllable or two, or None without a reading.
    """
    full = _in_full(text, written)
    found = dictionary(full)
    if len(found) != len(text):  # a sign that the dictionary joins
        found = [pair for character in full for pair in dictionary(character)[:1]]
    decided = deciding_rules(full)
    return [
        (character, rule.reading if rule else syllables)
        for character, (_, syllables), rule in zip(text, found, decided, strict=True)
    ]


def deciding_rules(text: str) -> tuple[Rule | None, ...]:
    """Say for every character which rule decided its reading; None: the dictionary did."""
    rules = _rules()
    return tuple(
        first_that_fits(rules[character], text, index) if character in rules else None
        for index, character in enumerate(text)
    )


def has_reading(character: str) -> bool:
    """Tell whether the dictionary knows a character."""
    return dictionary(character)[0][1] is not None


def _in_full(text: str, written: str) -> str:
    plain = simplify(written)
    if plain == written:
        return text.translate(_traditional())
    full = list(text)
    matcher = SequenceMatcher(None, plain, text, autojunk=False)
    for start, start_said, size in matcher.get_matching_blocks():
        full[start_said : start_said + size] = written[start : start + size]
    return "".join(full)


@cache
def _traditional() -> Mapping[int, str]:
    pairs = table("zh_simplified")
    found: dict[str, list[str]] = {}
    for traditional, simplified in zip(pairs["traditional"], pairs["simplified"], strict=True):
        found.setdefault(simplified, []).append(traditional)
    return {
        ord(simplified): traditional[0]
        for simplified, traditional in found.items()
        if len(traditional) == 1 and simplified not in _AMBIGUOUS
    }


@cache
def _rules() -> Mapping[str, tuple[Rule, ...]]:
    return read_rules("yue_readings")


@cache
def _converter() -> Any:  # noqa: ANN401 - a module without types
    import ToJyutping  # noqa: PLC0415 - loads its dictionary

    return ToJyutping


def dictionary(text: str) -> list[tuple[str, str | None]]:
    """Ask the dictionary of words: each character with its syllables, None without any."""
    found: list[tuple[str, str | None]] = _converter().get_jyutping_list(text)
    return found

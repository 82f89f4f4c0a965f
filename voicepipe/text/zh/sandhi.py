"""Tone changes inside a Mandarin word: 不, 一, neutral syllables, third tones, 儿.

Finals are rimes with a tone digit, one a character: `ao3`, neutral `e5`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from voicepipe.text.tables import table
from voicepipe.text.zh.words import cut_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_PAUSE_MARKS = "：，；。？！“”‘’':,;.?!"
_PARTICLES = frozenset("吧呢哈啊呐噻嘛吖嗨呐哦哒额滴哩哟喽啰耶喔诶的地得")
_ASPECT_TAGS = frozenset({"ul", "uz", "ug"})
_PLURAL_TAGS = frozenset({"r", "n"})
_PLACE_TAGS = frozenset({"s", "l", "f"})
_DOUBLED_TAGS = frozenset("nva")
_QUANTITIES = frozenset("几有两半多各整每做是")
_PLAIN_ER_TAGS = frozenset({"a", "j", "nr"})


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(table("zh_sandhi")[kind])


def change_tones(word: str, tag: str, finals: Sequence[str]) -> list[str]:
    """Apply every tone change a word asks for.

    Args:
        word: Characters; as many as finals.
        tag: Its part of speech.
        finals: Dictionary tones.

    Returns:
        Spoken tones.
    """
    changed = list(finals)
    _change_bu(word, changed)
    _change_yi(word, changed)
    _neutralize(word, tag, changed)
    _change_third_tones(word, changed)
    return changed


def merge_er(word: str, tag: str, finals: Sequence[str]) -> list[str]:
    """Give a final 儿 that melts into the syllable before it that syllable's tone."""
    merged = list(finals)
    if not word.endswith("儿"):
        return merged
    if merged[-1] == "er1":
        merged[-1] = "er2"
    is_kept_apart = word in _words("no_erhua") or tag in _PLAIN_ER_TAGS
    if word not in _words("erhua") and is_kept_apart:
        return merged
    may_melt = merged[-1] in {"er2", "er5"} and word[-2:] not in _words("no_erhua")
    if may_melt and len(merged) > 1:
        merged[-1] = "er" + merged[-2][-1:]
    return merged


def _set_tone(finals: list[str], index: int, tone: str) -> None:
    if finals[index][-1:].isdigit():
        finals[index] = finals[index][:-1] + tone


def _change_bu(word: str, finals: list[str]) -> None:
    if len(word) == 3 and word[1] == "不":  # 看不懂
        _set_tone(finals, 1, "5")
        return
    for index, character in enumerate(word[:-1]):
        if character == "不" and finals[index + 1].endswith("4"):
            _set_tone(finals, index, "2")


def _change_yi(word: str, finals: list[str]) -> None:
    others = [character for character in word if character != "一"]
    if "一" not in word or all(character.isnumeric() for character in others):
        return  # a number read out: 二一零
    if len(word) == 3 and word[1] == "一" and word[0] == word[2]:  # 看一看
        _set_tone(finals, 1, "5")
    elif word.startswith("第一"):
        _set_tone(finals, 1, "1")
    else:
        _change_yi_before_others(word, finals)


def _change_yi_before_others(word: str, finals: list[str]) -> None:
    for index, character in enumerate(word[:-1]):
        if character != "一":
            continue
        if finals[index + 1].endswith("4"):
            _set_tone(finals, index, "2")
        elif word[index + 1] not in _NO_PAUSE_MARKS:
            _set_tone(finals, index, "4")


def _neutralize(word: str, tag: str, finals: list[str]) -> None:
    if tag[:1] in _DOUBLED_TAGS and word not in _words("never_neutral"):
        _neutralize_doubled(word, finals)
    counter = word.find("个")
    if _ends_neutral(word, tag):
        _set_tone(finals, -1, "5")
    elif word == "个" or (counter >= 1 and _is_quantity(word[counter - 1])):
        _set_tone(finals, counter, "5")
    elif _is_listed(word):
        _set_tone(finals, -1, "5")
    start = 0
    for part in _two_parts(word):
        if part and _is_listed(part):
            _set_tone(finals, start + len(part) - 1, "5")
        start += len(part)


def _neutralize_doubled(word: str, finals: list[str]) -> None:
    for index in range(1, len(word)):
        if word[index] == word[index - 1]:
            _set_tone(finals, index, "5")


def _is_quantity(character: str) -> bool:
    return character.isnumeric() or character in _QUANTITIES


def _is_listed(word: str) -> bool:
    return word in _words("neutral") or word[-2:] in _words("neutral")


def _ends_neutral(word: str, tag: str) -> bool:
    last = word[-1]
    if last in _PARTICLES:
        return True
    if len(word) == 1:
        return last in "了着过" and tag in _ASPECT_TAGS
    if last in "们子" and tag in _PLURAL_TAGS and word not in _words("never_neutral"):
        return True
    if last in "上下里" and tag in _PLACE_TAGS:
        return True
    return last in "来去" and word[-2] in "上下进出回过起开"


@lru_cache(maxsize=1 << 15)
def _two_parts(word: str) -> tuple[str, str]:
    """Split a word at its shortest inner word: 蒙古/包, 纸/老虎."""
    shortest = min(cut_parts(word), key=len)
    if word.startswith(shortest):
        return shortest, word[len(shortest) :]
    return word[: -len(shortest)], shortest


def _change_third_tones(word: str, finals: list[str]) -> None:
    if len(word) == 2:
        _lift_pair(finals, 0)
    elif len(word) == 3:
        _change_three(word, finals)
    elif len(word) == 4:  # an idiom falls into two halves
        _lift_pair(finals, 0)
        _lift_pair(finals, 2)


def _is_third(finals: Sequence[str]) -> bool:
    return all(final.endswith("3") for final in finals)


def _lift_pair(finals: list[str], start: int) -> None:
    if _is_third(finals[start : start + 2]):
        _set_tone(finals, start, "2")


def _change_three(word: str, finals: list[str]) -> None:
    first = len(_two_parts(word)[0])
    if _is_third(finals):
        if first == 2:  # 蒙古/包
            _set_tone(finals, 0, "2")
        if first in {1, 2}:  # 纸/老虎
            _set_tone(finals, 1, "2")
        return
    if first == 2:  # 所有/人
        _lift_pair(finals, 0)
    elif first == 1:
        if _is_third(finals[1:]):  # 送/小鸟
            _set_tone(finals, 1, "2")
        elif _is_third(finals[:2]):  # 好/喜欢
            _set_tone(finals, 0, "2")

"""What became of each character of a text: said, a pause, silent by rule, or left out.

Every front end ends with `leave_out`, which takes away what it cannot say and keeps a list: so
nothing is lost that the notes don't quote.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from voicepipe.text.laughter import laughter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import Utterance

PAUSES = frozenset("!?.,:;-…‥。．，、；：！？｡､·・—–―~～〜⋯|/")
"""Marks that are a pause unless they stand inside a word or a number."""
SILENT = frozenset(
    " \t\n\r\v\f\u3000\"'“”„‟‘’‚‛«»‹›「」『』｢｣"
    "()[]{}<>（）［］｛｝〈〉《》【】〔〕〖〗〘〙〚〛¿¡*_´"
    "＂＇´¨•‣◦©®™†‡§¶"
    "♪♫♬♩♡♥☆★※■□◆◇▲▼▽●▶◀"
)
"""What a reader passes over without a word: spaces, quotation marks, brackets, emphasis, and the
notes, hearts, stars and bullets that only colour or order what is written."""
_INNER = frozenset(".,:-'’·・/~～〜_")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class CharacterFate(str, Enum):
    """What became of a character."""

    WORDS = "words"
    """Said, by itself or as part of a word or number."""
    PAUSE = "pause"
    """A mark the reader rests at."""
    SILENT = "silent"
    """Passed over by rule: spaces, quotation marks, brackets."""
    DROPPED = "dropped"
    """Nothing says it. Notes quote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """A stretch of a text and what became of it."""

    text: str
    fate: CharacterFate


class Verbalized(msgspec.Struct, frozen=True, kw_only=True):
    """What a normalizer answers: the words, and what it could not put into words."""

    text: str
    dropped: tuple[str, ...] = ()
    """As written, in order; never spaces or marks that are silent by rule."""


def leave_out(
    text: str, unspoken: re.Pattern[str], *, gap: str = "", silent: frozenset[str] = SILENT
) -> Verbalized:
    """Take away what a language cannot say, and remember what it was.

    Args:
        text: After every rule that puts signs into words.
        unspoken: Matches runs of characters that cannot be said.
        gap: Put where something was left out; for languages that part words by spaces, a space.
        silent: Characters nobody expects to hear; they go without being listed.

    Returns:
        The text without them, and the runs that were neither silent nor pauses.
    """
    dropped: list[str] = []

    def take(match: re.Match[str]) -> str:
        lost = "".join(c for c in match[0] if not is_silent(c, silent) and c not in PAUSES)
        if lost:
            dropped.append(lost)
        return gap if lost or _joins(match) else ""

    return Verbalized(text=unspoken.sub(take, text), dropped=tuple(dropped))


def _joins(match: re.Match[str]) -> bool:
    """Whether the words on both sides would become one."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return before.isalnum() and after.isalnum()


def is_silent(character: str, silent: frozenset[str] = SILENT) -> bool:
    """Whether a character is passed over by rule: a space, a bracket, or nothing that is seen."""
    return (
        character in silent
        or unicodedata.category(character) in _INVISIBLE
        or _VARIANTS.match(character) is not None
    )


def account_of(said: Utterance) -> tuple[Accounted, ...]:
    """Say for every character of a line what became of it.

    Args:
        said: The line, read.

    Returns:
        Stretches that spell `said.text`; neighbours differ in what became of them.
    """
    fates = [_fate(said.text, index) for index in range(len(said.text))]
    for start, end in laughter(said.text, said.language):
        fates[start:end] = [CharacterFate.SILENT] * (end - start)
    for start, end in _places(said.text, said.dropped):
        fates[start:end] = [CharacterFate.DROPPED] * (end - start)
    found: list[Accounted] = []
    start = 0
    for index, fate in enumerate(fates):
        if index + 1 == len(fates) or fates[index + 1] is not fate:
            found.append(Accounted(text=said.text[start : index + 1], fate=fate))
            start = index + 1
    return tuple(found)


def _places(text: str, dropped: Sequence[str]) -> Iterator[tuple[int, int]]:
    end = 0
    for lost in dropped:
        for character in lost:
            place = text.find(character, end)
            if place >= 0:
                end = place + 1
                yield place, end


def _fate(text: str, index: int) -> CharacterFate:
    character = text[index]
    if character in _INNER and _is_inside(text, index):
        return CharacterFate.WORDS
    if character in PAUSES:
        return CharacterFate.PAUSE
    return CharacterFate.SILENT if is_silent(character) else CharacterFate.WORDS


def _is_inside(text: str, index: int) -> bool:
    return text[index - 1 : index].isalnum() and text[index + 1 : index + 2].isalnum()

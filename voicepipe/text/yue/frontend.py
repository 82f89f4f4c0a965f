"""Cantonese characters → symbols, one group a character.

Numbers and signs are put into words by the Mandarin rules; readings come from ToJyutping's
dictionary of words. Cantonese symbols begin with `Y`, so that they meet no Mandarin ones.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from voicepipe.text.account import Verbalized, leave_out
from voicepipe.text.characters import say_characters
from voicepipe.text.punctuation import FULL_WIDTH
from voicepipe.text.records import Part, Pronounced, ReadingStyle
from voicepipe.text.symbols import PUNCTUATION, UNKNOWN
from voicepipe.text.yue.readings import deciding_rules, dictionary, has_reading, jyutping
from voicepipe.text.zh.normalize import say_clauses, unspoken

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS = {
    **FULL_WIDTH,
    "...": "…",
    "$": ".",
    "~": "-",
    "～": "-",
}
_MARK = re.compile("|".join(re.escape(mark) for mark in _MARKS))
# The first that fits is taken, so the order is part of the checkpoints: `aai1` is `aa` + `i1`.
_ONSETS = [
    "aa",
    "ai",
    "au",
    "ap",
    "at",
    "ak",
    "a",
    "p",
    "b",
    "e",
    "ts",
    "t",
    "dz",
    "d",
    "kw",
    "k",
    "gw",
    "g",
    "f",
    "h",
    "l",
    "m",
    "ng",
    "n",
    "s",
    "y",
    "w",
    "c",
    "z",
    "j",
    "ong",
    "on",
    "ou",
    "oi",
    "ok",
    "o",
    "uk",
    "ung",
]
_SYLLABLE = re.compile(r"([a-z]+)([1-6])")


def normalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    """Write Cantonese text out in words; see `verbalize`, which also says what was left out."""
    return verbalize(Part(text=text), style).text


def verbalize(part: Part, style: ReadingStyle) -> Verbalized:
    """Write Cantonese text out in words: simplified characters and `! ? … , . -`."""
    said = _MARK.sub(lambda match: _MARKS[match[0]], "".join(say_clauses(part, style)))
    if style is ReadingStyle.SPOKEN:
        said = _as_in_hong_kong(said, part.text)
    return leave_out(said, unspoken(said, style, has_reading))


def _as_in_hong_kong(said: str, written: str) -> str:
    """Say 公里 and 公斤 for the signs of these units, and an ordinary one on the telephone."""
    for mandarin, cantonese in (("千米", "公里"), ("千克", "公斤"), ("幺", "一")):
        if mandarin not in written:
            said = said.replace(mandarin, cantonese)
    return said


def pronounce(parts: Sequence[Part], *, style: ReadingStyle = ReadingStyle.REFERENCE) -> Pronounced:
    """Read Cantonese.

    Args:
        parts: The text in order. A part with phonemes must hold two a character.
        style: See `ReadingStyle`.

    Returns:
        One unit a character of the normalized text; `UNK` for characters without a reading.
    """
    said = say_characters(parts, partial(verbalize, style=style))
    if style is ReadingStyle.SPOKEN:
        syllables = jyutping(said.text, "".join(part.text for part in parts))
    else:
        syllables = dictionary(said.text)
    return said.pronounced(_read_character(character, read) for character, read in syllables)


def _read_character(character: str, read: str | None) -> tuple[str, ...]:
    if character in PUNCTUATION:
        return (character,)
    # A few characters are said in two syllables: 廿 as in 廿一.
    found = _SYLLABLE.findall(read or "")
    return tuple(s for base, tone in found for s in syllable_symbols(base, tone)) or (UNKNOWN,)


def syllable_symbols(base: str, tone: str) -> tuple[str, str]:
    """Split a Jyutping syllable into its two symbols: `nei`, `5` → `Yn`, `Yei5`."""
    onset = next((onset for onset in _ONSETS if base.startswith(onset)), base[:1])
    return f"Y{onset}", f"Y{base[len(onset) :] or onset[-1]}{tone}"


def parse_jyutping(value: str) -> tuple[tuple[str, ...], ...] | None:
    """Read syllables as a person writes them: `maa5 lei6 ou3`.

    Returns:
        The symbols of each syllable, or None when one is not Jyutping with its tone.
    """
    matches = [_SYLLABLE.fullmatch(written) for written in value.lower().split()]
    if not matches or None in matches:
        return None
    return tuple(syllable_symbols(match[1], match[2]) for match in matches if match)


def rules_of_characters(units: Sequence[str]) -> tuple[str, ...]:
    """Say in a few words what decided each character's reading, for people.

    Args:
        units: As `pronounce` answers them, read as spoken.
    """
    return tuple(
        "a mark"
        if character in PUNCTUATION
        else f"rule {rule.reading}: {rule.reason}"
        if rule
        else "dictionary"
        for character, rule in zip(units, deciding_rules("".join(units)), strict=True)
    )


def unknown_words(text: str) -> tuple[str, ...]:
    """List characters without a Cantonese reading, in order, once each."""
    found: dict[str, None] = {}
    said = verbalize(Part(text=text), ReadingStyle.SPOKEN).text
    for character, read in jyutping(said, text):
        if character not in PUNCTUATION and not _SYLLABLE.search(read or ""):
            found.setdefault(character)
    return tuple(found)

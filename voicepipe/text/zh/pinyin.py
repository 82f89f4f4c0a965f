"""Pinyin syllables ↔ the two symbols a model knows each by."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from voicepipe.text.symbols import PUNCTUATION, UNKNOWN
from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

_AFTER_ONSET = {"uei": "ui", "iou": "iu", "uen": "un"}
_ALONE = {"ing": "ying", "i": "yi", "in": "yin", "u": "wu"}
_ALONE_FIRST = {"v": "yu", "i": "y", "u": "w"}
_ANY_TONE = re.compile("[1-5āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜĀÁǍÀĒÉĚÈŌÓǑÒ]")
_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_TONED = re.compile(r"([a-zêü]+)([1-5])")


@cache
def _symbols() -> Mapping[str, tuple[str, ...]]:
    return {syllable: tuple(pair.split()) for syllable, pair in table("pinyin").items()}


def syllable_symbols(onset: str, final: str) -> tuple[str, ...]:
    """Find the onset and rime symbols of a syllable.

    Args:
        onset: `zh`, or empty.
        final: Rime with its tone digit, `v` for ü: `ong1`; or, with the same text as onset, a mark.

    Returns:
        Two symbols; one for a mark; `UNK` for a syllable no table row has (such as `hng`).
    """
    if onset == final:
        return (onset,) if onset in PUNCTUATION else (UNKNOWN,)
    rime, tone = final[:-1], final[-1:]
    pair = _symbols().get(_spell(onset, rime))
    if pair is None or tone not in "12345":
        return (UNKNOWN,)
    return pair[0], pair[1] + tone


def _spell(onset: str, rime: str) -> str:
    if onset:
        return onset + _AFTER_ONSET.get(rime, rime)
    if rime in _ALONE:
        return _ALONE[rime]
    return _ALONE_FIRST.get(rime[:1], rime[:1]) + rime[1:]


def parse_pinyin(value: str) -> tuple[tuple[str, ...], ...] | None:
    """Read syllables as a person writes them: `chóng lóu`, `chong2 lou2`, `lü4`, `lv4`.

    Returns:
        The symbols of each syllable, or None when a syllable is not Mandarin or none has a tone.
    """
    if not _ANY_TONE.search(value):
        return None
    found = []
    for written in value.lower().replace("'", " ").replace("u:", "v").split():
        toned = _with_digit(written).replace("ü", "v")
        match = _TONED.fullmatch(toned)
        pair = _symbols().get(match.group(1)) if match else None
        if match is None or pair is None:
            return None
        found.append((pair[0], pair[1] + match.group(2)))
    return tuple(found) or None


def _with_digit(written: str) -> str:
    """Put a syllable's tone behind it: `chóng` → chong2, `ma` → ma5."""
    marks = unicodedata.normalize("NFD", written)
    tone = "".join(_TONE_MARKS.get(mark, "") for mark in marks)
    letters = "".join(mark for mark in marks if mark not in _TONE_MARKS)
    if not tone and not letters[-1:].isdigit():
        tone = "5"
    return unicodedata.normalize("NFC", letters) + tone

"""Pinyin syllables ↔ the two symbols a model knows each by."""

from __future__ import annotations

import re
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
    from pypinyin.contrib.tone_convert import to_tone3  # noqa: PLC0415 - loads its dictionaries

    found = []
    for written in value.lower().replace("'", " ").replace("u:", "v").split():
        toned = to_tone3(written, neutral_tone_with_five=True).replace("ü", "v")
        match = _TONED.fullmatch(toned)
        pair = _symbols().get(match.group(1)) if match else None
        if match is None or pair is None:
            return None
        found.append((pair[0], pair[1] + match.group(2)))
    return tuple(found) or None

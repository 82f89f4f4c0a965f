"""Romanized respellings in the spelling espeak-ng reads: `chóngqìng` → `chong2 qing4`."""

from __future__ import annotations

import re
import unicodedata

_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_FINALS = (
    "iang|iong|uang|ueng|ang|eng|ian|iao|ing|ong|uai|uan|van|ai|an|ao|ei|en|er|ia|ie|in|iu|ou"
    "|ua|ue|ui|un|uo|ve|vn|a|e|i|o|u|v"
)
_SYLLABLE = re.compile(
    # A final n, ng or r belongs to the next syllable when a vowel follows: `fangan` is `fan gan`.
    rf"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:{_FINALS})(?![aeiouv](?<=[ngr].))[1-5]?"
)
_JYUTPING = re.compile(r"([a-z]+[1-6])(?=[a-z])")


def numbered_pinyin(text: str) -> str:
    """Spell pinyin with tone digits, one syllable a word.

    Args:
        text: With tone marks or digits, joined or spaced; `ü`, `v` and `u:` are the same vowel.
    """
    joined = text.lower().replace("u:", "v")
    return re.sub(r"[^\W\d_][^\W_]*", lambda word: _word(word[0]), joined, flags=re.UNICODE)


def _word(word: str) -> str:
    letters: list[str] = []
    tone_at: dict[int, str] = {}  # index of the marked vowel → tone
    for mark in unicodedata.normalize("NFD", word):
        if mark in _TONES:
            tone_at[len(letters) - 1] = _TONES[mark]
        elif mark == "\u0308":
            letters[-1] = "v"
        elif not unicodedata.combining(mark):
            letters.append(mark)
    plain = "".join(letters)
    syllables = list(_SYLLABLE.finditer(plain))
    if "".join(s[0] for s in syllables) != plain:
        return plain  # not pinyin: left as it is
    return " ".join(s[0] + _tone(tone_at, s.start(), s.end()) for s in syllables)


def _tone(tone_at: dict[int, str], start: int, end: int) -> str:
    return next((tone for index, tone in tone_at.items() if start <= index < end), "")


def spaced_jyutping(text: str) -> str:
    """Separate joined jyutping syllables: `jyut6ping3` → `jyut6 ping3`."""
    return _JYUTPING.sub(r"\1 ", text.lower())

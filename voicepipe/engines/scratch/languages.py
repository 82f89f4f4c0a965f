"""What espeak-ng can read aloud: its voice for each language, and the scripts that voice knows."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LATIN = frozenset({"LATIN"})
_CYRILLIC = frozenset({"LATIN", "CYRILLIC"})
_ARABIC = frozenset({"LATIN", "ARABIC"})
_HAN = frozenset({"LATIN", "CJK", "IDEOGRAPHIC"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLanguage:
    """How espeak-ng speaks one language."""

    voice: str
    scripts: frozenset[str]
    """First words of Unicode character names (`LATIN`, `CJK` …) whose letters it reads."""


def _own(voice: str, script: str) -> SpokenLanguage:
    return SpokenLanguage(voice=voice, scripts=frozenset({"LATIN", script}))


def _each(tags: str, scripts: frozenset[str]) -> dict[str, SpokenLanguage]:
    return {tag: SpokenLanguage(voice=tag, scripts=scripts) for tag in tags.split()}


SPOKEN: dict[str, SpokenLanguage] = {
    "en": SpokenLanguage(voice="en-us", scripts=_LATIN),
    "en-us": SpokenLanguage(voice="en-us", scripts=_LATIN),
    "en-gb": SpokenLanguage(voice="en", scripts=_LATIN),
    "zh": SpokenLanguage(voice="cmn", scripts=_HAN),
    "cmn": SpokenLanguage(voice="cmn", scripts=_HAN),
    "zh-hk": SpokenLanguage(voice="yue", scripts=_HAN),
    "yue": SpokenLanguage(voice="yue", scripts=_HAN),
    "ja": SpokenLanguage(voice="ja", scripts=_HAN | {"HIRAGANA", "KATAKANA"}),
    "ko": _own("ko", "HANGUL"),
    "no": SpokenLanguage(voice="nb", scripts=_LATIN),
    "sr": _own("sr", "CYRILLIC"),
    "el": _own("el", "GREEK"),
    "hy": _own("hy", "ARMENIAN"),
    "ka": _own("ka", "GEORGIAN"),
    "hi": _own("hi", "DEVANAGARI"),
    "mr": _own("mr", "DEVANAGARI"),
    "ne": _own("ne", "DEVANAGARI"),
    "bn": _own("bn", "BENGALI"),
    "gu": _own("gu", "GUJARATI"),
    "pa": _own("pa", "GURMUKHI"),
    "ta": _own("ta", "TAMIL"),
    "te": _own("te", "TELUGU"),
    "kn": _own("kn", "KANNADA"),
    "ml": _own("ml", "MALAYALAM"),
    "si": _own("si", "SINHALA"),
    "am": _own("am", "ETHIOPIC"),
    "pt": SpokenLanguage(voice="pt", scripts=_LATIN),
    **_each(
        "af az bs ca cs cy da de es es-419 et eu fi fr fr-be fr-ch ga gd hr hu id is it la lb lt"
        " lv ms mt nb nl pl pt-br ro sk sl sq sv sw tr uz vi eo",
        _LATIN,
    ),
    **_each("be bg kk ky mk ru tt uk", _CYRILLIC),
    **_each("ar fa ur", _ARABIC),
}
"""Project tag → voice. A tag with a region that is not listed falls to its language.

espeak-ng also has data for Hebrew and Thai, but reads neither the vowels of the one nor the
syllables of the other: nobody could follow a table-read, so they are left out.
"""


def spoken_language(tag: str) -> SpokenLanguage | None:
    """Find the voice for a project's tag; None when espeak-ng does not speak it."""
    return SPOKEN.get(tag) or SPOKEN.get(tag.partition("-")[0])


@lru_cache(maxsize=1 << 16)
def script_of(character: str) -> str:
    """Name a letter's script; empty for anything that is not a letter."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "UNKNOWN")
    return name.replace("-", " ").partition(" ")[0]

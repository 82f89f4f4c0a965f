"""Respellings as dictionaries for laymen write them (`MAH-ree-oh`) → ARPAbet.

Syllables are apart by hyphens or spaces; a syllable in capitals is stressed. Vowels are
spelled as English ears expect: ah, a(t), ee, eh, ey, igh, oh, oo, uh, ow (as in cow), oy.
"""

from __future__ import annotations

import re

from voicepipe.text.ipa import ensure_stress

_VOWELS = {
    "eye": "AY",
    "igh": "AY",
    "eer": "IH R",
    "ear": "IH R",
    "air": "EH R",
    "are": "EH R",
    "ire": "AY ER",
    "ore": "AO R",
    "oor": "UH R",
    "our": "AW ER",
    "ee": "IY",
    "ea": "IY",
    "ie": "IY",
    "oo": "UW",
    "ew": "UW",
    "uu": "UH",
    "oh": "OW",
    "oa": "OW",
    "oe": "OW",
    "ow": "AW",
    "ou": "AW",
    "aw": "AO",
    "au": "AO",
    "ah": "AA",
    "aa": "AA",
    "ar": "AA R",
    "or": "AO R",
    "er": "ER",
    "ir": "ER",
    "ur": "ER",
    "ay": "EY",
    "ai": "EY",
    "ey": "EY",
    "ye": "AY",
    "oy": "OY",
    "oi": "OY",
    "uh": "AH",
    "eh": "EH",
    "ih": "IH",
    "ae": "AE",
}
_CONSONANTS = {
    "tch": "CH",
    "shh": "SH",
    "ch": "CH",
    "sh": "SH",
    "zh": "ZH",
    "th": "TH",
    "dh": "DH",
    "ng": "NG",
    "nk": "NG K",
    "kh": "K",
    "ph": "F",
    "ck": "K",
    "gh": "G",
    "wh": "W",
    "qu": "K W",
    "hh": "HH",
    **dict(
        zip(
            "bdfgklmnprstvwz",
            ["B", "D", "F", "G", "K", "L", "M", "N", "P", "R", "S", "T", "V", "W", "Z"],
            strict=True,
        )
    ),
    "c": "K",
    "h": "HH",
    "j": "JH",
    "q": "K",
    "x": "K S",
    "y": "Y",
}
_CLOSED = {"a": "AE", "e": "EH", "i": "IH", "o": "AA", "u": "AH", "y": "AY"}
_OPEN = {"a": "AA", "e": "IY", "i": "IY", "o": "OW", "u": "UW", "y": "AY"}
_ALL_VOWELS = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)
_LONG = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
_SILENT_E = re.compile("(.*?)([aeiouy])([^aeiouy]{1,2})e")
_HUMMED = frozenset({"M", "N", "NG", "S", "SH", "Z", "ZH", "F", "V", "HH", "L", "R"})
_WRITTEN = re.compile(r"[A-Za-z]+(?:[-\s'’]+[A-Za-z]+)*")


def respelling_to_arpabet(value: str) -> tuple[str, ...] | str:
    """Read a respelling syllable by syllable.

    Args:
        value: Latin letters, hyphens and spaces.

    Returns:
        ARPAbet with stress digits, or the syllable that cannot be read: it has no vowel and is
        not a sound one can hold, such as `mmm` or `shh`.
    """
    if not _WRITTEN.fullmatch(value.strip()):
        return value
    said: list[str] = []
    for syllable in re.split(r"[-\s'’]+", value.strip()):
        stress = "1" if syllable.isupper() else "0"
        sounds = _read_syllable(syllable.lower())
        if not _ALL_VOWELS & set(sounds) and not _HUMMED.issuperset(sounds):
            return syllable
        said.extend(sound + stress if sound in _ALL_VOWELS else sound for sound in sounds)
    return ensure_stress(said)


def _read_syllable(syllable: str) -> list[str]:
    silent = _SILENT_E.fullmatch(syllable)
    if silent and not _has_vowel(silent[1]):  # lake
        return [*_read_letters(silent[1]), _LONG[silent[2]], *_read_letters(silent[3])]
    return _read_letters(syllable)


def _read_letters(syllable: str) -> list[str]:
    sounds: list[str] = []
    index = 0
    while index < len(syllable):
        length, sound = _next_sound(syllable, index, has_vowel=bool(_ALL_VOWELS & set(sounds)))
        if not (sounds and sound in _CONSONANTS.values() and sounds[-1] == sound):  # ss, ll
            sounds.extend(sound.split())
        index += length
    return sounds


def _next_sound(syllable: str, index: int, *, has_vowel: bool) -> tuple[int, str]:
    rest = syllable[index:]
    if rest[0] == "y" and not has_vowel and _has_vowel(rest[1:]):
        return 1, "Y"
    for table in (_VOWELS, _CONSONANTS):
        for length in (3, 2):
            if len(rest) >= length and rest[:length] in table:
                return length, table[rest[:length]]
    if rest[0] in _CLOSED and not (rest[0] == "y" and has_vowel):
        return 1, _single_vowel(rest)
    if rest[0] == "c" and rest[1:2] in {"e", "i", "y"}:
        return 1, "S"
    return 1, _CONSONANTS[rest[0]]


def _single_vowel(rest: str) -> str:
    if len(rest) == 1:
        return _OPEN[rest[0]]
    return _CLOSED[rest[0]]


def _has_vowel(letters: str) -> bool:
    return any(letter in "aeiou" for letter in letters)

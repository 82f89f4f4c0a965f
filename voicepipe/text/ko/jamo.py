"""Hangul syllables ↔ letters (conjoining inside, compatibility letters as symbols)."""

from __future__ import annotations

import re

_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3
_N_VOWELS, _N_CODAS = 21, 28
_ONSET, _VOWEL, _CODA = 0x1100, 0x1161, 0x11A7
_ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CODAS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_LETTERS = {
    **{_ONSET + index: letter for index, letter in enumerate(_ONSETS)},
    **{_VOWEL + index: letter for index, letter in enumerate(_VOWELS)},
    **{_CODA + 1 + index: letter for index, letter in enumerate(_CODAS)},
}
# The symbol tables know eight plain vowels; the others are said as two.
_DIPHTHONGS = str.maketrans(
    {
        "ㅘ": "ㅗㅏ",
        "ㅙ": "ㅗㅐ",
        "ㅚ": "ㅗㅣ",
        "ㅝ": "ㅜㅓ",
        "ㅞ": "ㅜㅔ",
        "ㅟ": "ㅜㅣ",
        "ㅢ": "ㅡㅣ",
        "ㅑ": "ㅣㅏ",
        "ㅒ": "ㅣㅐ",
        "ㅕ": "ㅣㅓ",
        "ㅖ": "ㅣㅔ",
        "ㅛ": "ㅣㅗ",
        "ㅠ": "ㅣㅜ",
    }
)
_BARE_VOWEL = re.compile("(^|[^\u1100-\u1112])([\u1161-\u1175])")


def split_syllables(text: str) -> str:
    """Replace syllables by their conjoining letters; leave the rest as it is."""
    return "".join(_split(character) for character in text)


def _split(character: str) -> str:
    code = ord(character)
    if not _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
        return character
    rest, coda = divmod(code - _FIRST_SYLLABLE, _N_CODAS)
    onset, vowel = divmod(rest, _N_VOWELS)
    return chr(_ONSET + onset) + chr(_VOWEL + vowel) + (chr(_CODA + coda) if coda else "")


def coda_of(character: str) -> str:
    """Give a syllable's final consonant as a conjoining letter, or nothing."""
    last = _split(character)[-1:]
    return last if ord(last or " ") > _CODA and last != character else ""


def to_letters(conjoining: str) -> str:
    """Turn conjoining letters into the letters of the symbol tables, diphthongs as two vowels."""
    filled = _BARE_VOWEL.sub("\\1\u110b\\2", conjoining)
    return filled.translate(_LETTERS).translate(_DIPHTHONGS)

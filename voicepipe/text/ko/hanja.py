"""Chinese characters in Korean text → hangul, as far as the word dictionary knows them."""

from __future__ import annotations

import re

from voicepipe.text.ko.analyser import analyse

_HANJA = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_GLOSS = re.compile(rf"(?<=[가-힣])[(（]{_HANJA.pattern}[)）]")
# Family names, and what newspapers and menus write alone; the dictionary has most words of two.
_ALONE = dict(
    zip(
        "李朴崔鄭姜趙尹張林韓吳徐申權黃安宋柳洪全高文孫梁裵白許南金龍男女王神天地人日月火水木土山川大中小上下",
        "이박최정강조윤장임한오서신권황안송류홍전고문손양배백허남김용남여왕신천지인일월화수목토산천대중소상하",
        strict=True,
    )
)
_HANGUL = re.compile("[가-힣]+")
# At the head of a word ㄴ and ㄹ are not said before i and y, and ㄹ becomes ㄴ elsewhere.
_ONSET_N, _ONSET_R, _ONSET_NONE = 2, 5, 11
_N_VOWELS, _N_CODAS = 21, 28
_I_AND_Y = frozenset({2, 3, 6, 7, 12, 17, 20})


def say_hanja(text: str) -> str:
    """Write words in Chinese characters as they are said; an explanation in brackets goes.

    Characters the dictionary lacks stay.
    """
    if not _HANJA.search(text):
        return text
    text = _GLOSS.sub("", text)
    return _HANJA.sub(lambda match: _say(match[0]), text)


def _say(characters: str) -> str:
    if characters in _ALONE:
        return _ALONE[characters]
    readings = [word.reading for word in analyse(characters)]
    if not all(_HANGUL.fullmatch(reading) for reading in readings):
        return characters
    return "".join([_as_head(readings[0]), *readings[1:]])


def _as_head(word: str) -> str:
    rest, coda = divmod(ord(word[0]) - 0xAC00, _N_CODAS)
    onset, vowel = divmod(rest, _N_VOWELS)
    if onset in {_ONSET_N, _ONSET_R} and vowel in _I_AND_Y:
        onset = _ONSET_NONE
    elif onset == _ONSET_R:
        onset = _ONSET_N
    return chr(0xAC00 + (onset * _N_VOWELS + vowel) * _N_CODAS + coda) + word[1:]

"""Lone letters in Korean text: short forms people type, and the names of letters."""

from __future__ import annotations

import re
import unicodedata

# Typed for words; laughter and tears are silent by rule, see `voicepipe.text.laughter`.
_SHORT_FORMS = {
    "ㅇㅋ": "오케이",
    "ㄱㅅ": "감사",
    "ㅊㅋ": "축하",
    "ㅈㅅ": "죄송",
    "ㅂㅂ": "바이바이",
    "ㅂㅇ": "바이",
    "ㅎㅇ": "하이",
    "ㅅㄱ": "수고",
    "ㄹㅇ": "리얼",
    "ㅁㄹ": "몰라",
}
_REPEATED = {"ㅇ": "응", "ㄴ": "노노", "ㄱ": "고고", "ㄷ": "덜덜"}
_NAMES = dict(
    zip(
        "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㄲㄸㅃㅆㅉ",
        [
            "기역",
            "니은",
            "디귿",
            "리을",
            "미음",
            "비읍",
            "시옷",
            "이응",
            "지읒",
            "치읓",
            "키읔",
            "티읕",
            "피읖",
            "히읗",
            "쌍기역",
            "쌍디귿",
            "쌍비읍",
            "쌍시옷",
            "쌍지읒",
        ],
        strict=True,
    )
)
_NAMES |= {chr(0x314F + index): chr(0xAC00 + (11 * 21 + index) * 28) for index in range(21)}
_PIECES = re.compile(f"{'|'.join(_SHORT_FORMS)}|[ㅋㅎㅠㅜ]{{2,}}|([ㅇㄴㄱㄷ])\\1+|.")
_LETTERS = re.compile("[\u3131-\u318e]+")
_ROLE = re.compile("CHOSEONG|JUNGSEONG|JONGSEONG")
_CODES = {unicodedata.name(chr(code)): chr(code) for code in range(0x3131, 0x3164)}
_CONJOINING = re.compile("[\u1100-\u11ff]+")


def say_letters_alone(text: str) -> str:
    """Say letters that make no syllable: a short form's word, or their names.

    Letters that no short form and no name is known for stay; so does what is no letter.
    """
    text = _CONJOINING.sub(lambda match: "".join(map(_compatible, match[0])), text)
    return _LETTERS.sub(lambda match: _say(match[0]), text)


def _say(letters: str) -> str:
    return _PIECES.sub(_say_piece, letters)


def _say_piece(match: re.Match[str]) -> str:
    piece = match[0]
    if match[1]:
        return _REPEATED[match[1]]
    return _SHORT_FORMS.get(piece) or ("" if piece[1:] else _NAMES.get(piece, piece))


def _compatible(letter: str) -> str:
    name = _ROLE.sub("LETTER", unicodedata.name(letter, ""))
    return _CODES.get(name, letter)

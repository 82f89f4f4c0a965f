"""Signs in Korean text → what a reader says for them."""

from __future__ import annotations

import re
import unicodedata

from voicepipe.text.ko.jamo import coda_of
from voicepipe.text.ko.numbers import say_digits, say_sino

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        [
            "알파",
            "베타",
            "감마",
            "델타",
            "엡실론",
            "제타",
            "에타",
            "세타",
            "요타",
            "카파",
            "람다",
            "뮤",
            "뉴",
            "크사이",
            "오미크론",
            "파이",
            "로",
            "시그마",
            "타우",
            "입실론",
            "파이",
            "카이",
            "프사이",
            "오메가",
        ],
        strict=True,
    )
)
_NAMES = {
    **_GREEK,
    **{letter.upper(): name for letter, name in _GREEK.items()},
    "ς": "시그마",
    "%": "퍼센트",
    "％": "퍼센트",
    "‰": "퍼밀",
    "°": "도",
    "℃": "도",
    "ℓ": "리터",
    "℉": "도",
    "±": "플러스마이너스",
    "+": "플러스",
    "＋": "플러스",
    "−": "마이너스",
    "÷": "나누기",
    "√": "루트",
    "∞": "무한대",
    "≠": "같지 않다",
    "≤": "이하",
    "≥": "이상",
    "&": "앤드",
    "＆": "앤드",
    "@": "골뱅이",
    "＠": "골뱅이",
    "#": "샵",
    "＃": "샵",
    "₩": "원",
    "￦": "원",
    "$": "달러",
    "€": "유로",
    "£": "파운드",
    "¥": "엔",
    "￥": "엔",
    "¢": "센트",
    "‼": "!!",
    "⁇": "??",
    "⁈": "?!",
    "⁉": "!?",
}
_EQUALS = re.compile("([가-힣])\\s*[=＝]\\s*")
_NAMED = re.compile(f"\\s*([{re.escape(''.join(_NAMES))}])\\s*")
_MARKS = frozenset("‼⁇⁈⁉")
_ENCLOSED = re.compile("[①-⓿㈀-㋿]+")
_COMPANY = {"(주)": "주식회사", "㈜": "주식회사"}
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_FRACTION = re.compile(r"(\d*)([¼-¾⅐-⅞↉])")
_POWERS = str.maketrans({"²": " 제곱", "³": " 세제곱"})
_CIRCLES = re.compile("[○〇◯]+|●{2,}")
_TIMES = re.compile(r"(?<=\w)\s*[×✕]\s*(?=\w)")
_ROMAN = dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", range(1, 13), strict=True))
_ROMAN |= {numeral.lower(): value for numeral, value in _ROMAN.items()}
_ARROW = re.compile("\\s*[←-⇿]+\\s*")
_WAVE = re.compile("[~〜～∼]+")
_WAVE_BETWEEN = re.compile("(?<=[가-힣])[~〜～∼]+(?=[가-힣])")


def say_figures(text: str) -> str:
    """Write signs that hold a number as figures: ½, ①, Ⅲ, figures of other scripts."""
    text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    text = _FRACTION.sub(_say_fraction, text).translate(_POWERS)
    for short, said in _COMPANY.items():
        text = text.replace(short, said)
    text = _ENCLOSED.sub(_say_enclosed, text)
    return "".join(str(_ROMAN.get(character, character)) for character in text)


def say_signs(text: str) -> str:
    """Name what is left of signs, after amounts were put into words."""
    text = _CIRCLES.sub(lambda match: "땡" * max(2, len(match[0])), text)
    text = _EQUALS.sub(_say_equals, _TIMES.sub(" 곱하기 ", text))
    text = _NAMED.sub(_name, text)
    # A wave dash after a word only draws it out.
    text = _WAVE_BETWEEN.sub(" ", text)
    return _WAVE.sub("", _ARROW.sub(", ", text))


def _name(match: re.Match[str]) -> str:
    name = _NAMES[match[1]]
    if match[1] in _MARKS:
        return name
    before = " " if match.start() else ""
    return f"{before}{name} " if match.string[match.end() :] else f"{before}{name}"


def _say_equals(match: re.Match[str]) -> str:
    return f"{match[1]}{'은' if coda_of(match[1]) else '는'} "


def _say_enclosed(match: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", match[0])
    return say_sino(plain) if plain.isdecimal() else plain


def say_part(above: str, below: str) -> str:
    """Say a fraction: 2 and 3 → 삼분의 이."""
    return f"{say_sino(below)}분의 {say_sino(above)}"


def say_code(digits: str) -> str:
    """Say digits one by one as in telephone numbers, a nought as 공."""
    return say_digits(digits).replace("영", "공")


def _say_fraction(match: re.Match[str]) -> str:
    above, below = unicodedata.normalize("NFKC", match[2]).split("\u2044")
    said = say_part(above, below)
    whole = say_sino(match[1]) if match[1] else ""
    return f"{whole}{'과' if coda_of(whole[-1]) else '와'} {said}" if whole else said

"""How Korean spelling sounds: the rules of the Standard Pronunciation, on conjoining letters.

Tags from the word analysis mark a letter's role: `/P` the stem of a verb or adjective,
`/E` an ending, `/B` a counter. They steer tensing and are gone afterwards.

Source: Standard Pronunciation of Korean (표준 발음법), articles 5, 9–20, 23–27; the order of
the rules is g2pk2's, which the checkpoints were trained with.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable

_TENSE = dict(zip("ᄀᄃᄇᄉᄌ", "ᄁᄄᄈᄊᄍ", strict=True))
_TENSED_STEMS = {"ᆫ": "ᆫ", "ᆷ": "ᆷ", "ᆬ": "ᆫ", "ᆱ": "ᆷ"}
_FIXED_ENDINGS = ("걸", "밖에", "세라", "수록", "지라도", "지언정", "진대")
_LINKS = {
    **dict(zip("ᆨᆩᆫᆮᆯᆷᆸᆺᆻᆽᆾᆿᇀᇁ", "ᄀᄁᄂᄃᄅᄆᄇᄉᄊᄌᄎᄏᄐᄑ", strict=True)),
    "ᆪ": "ᆨᄊ",
    "ᆬ": "ᆫᄌ",
    "ᆰ": "ᆯᄀ",
    "ᆱ": "ᆯᄆ",
    "ᆲ": "ᆯᄇ",
    "ᆳ": "ᆯᄊ",
    "ᆴ": "ᆯᄐ",
    "ᆵ": "ᆯᄑ",
    "ᆹ": "ᆸᄊ",
    "ᇂ": "ᄋ",
    "ᆭ": "ᄂ",
    "ᆶ": "ᄅ",
}
_LINK = re.compile(f"([{''.join(_LINKS)}])ᄋ")
_TAG = re.compile("/[PEBJ]")


def apply_sound_rules(letters: str) -> str:
    """Rewrite spelling as sound.

    Args:
        letters: Conjoining letters with tags; anything else passes through.

    Returns:
        Conjoining letters as they are said, without tags.
    """
    letters = _TAG.sub("", _apply_special_rules(letters))
    for pattern, replace in _coda_rules():
        letters = pattern.sub(replace, letters)
    # Sounds move over to an empty onset only where the rules above left them in place.
    return _LINK.sub(lambda match: _LINKS[match[1]], letters)


def _apply_special_rules(letters: str) -> str:
    letters = re.sub("([ᄌᄍᄎ])ᅧ", "\\1ᅥ", letters)  # 가져 → 가저
    letters = re.sub("([ᄀ-ᄊᄌ-ᄒ])ᅴ", "\\1ᅵ", letters)  # 희망 → 히망
    letters = letters.replace("/J", "")
    letters = _apply_letter_names(letters)
    letters = re.sub("ᆰ/P[ᄀᄁ]", "ᆯᄁ", letters)  # 맑게 → 말께
    letters = re.sub("([ᆲᆴ])/P([ᄀᄃᄉᄌ])", lambda m: m[1] + _TENSE[m[2]], letters)  # 넓게
    letters = re.sub(
        "([ᆫᆷᆬᆱ])/P([ᄀᄃᄉᄌ])", lambda m: _TENSED_STEMS[m[1]] + _TENSE[m[2]], letters
    )  # 신고 → 신꼬
    letters = re.sub("(바)ᆲ(?=$|[^ᄋᄒ])", "\\1ᆸ", letters)  # 밟다 → 밥따
    letters = re.sub("(너)ᆲ(?=[ᄌᄍᄃᄄ]ᅮ)", "\\1ᆸ", letters)  # 넓죽하다
    letters = re.sub("ᆮᄋ(?=[ᅵᅧ])", "ᄌ", letters)  # 굳이 → 구지
    letters = re.sub("ᇀᄋ(?=[ᅵᅧ])", "ᄎ", letters)  # 같이 → 가치
    letters = re.sub("ᆴᄋ(?=[ᅵᅧ])", "ᆯᄎ", letters)  # 벼훑이
    letters = re.sub("ᆮᄒ(?=ᅵ)", "ᄎ", letters)  # 굳히다 → 구치다
    letters = re.sub("ᆯ/E ([ᄀᄃᄇᄉᄌ])", lambda m: "ᆯ " + _TENSE[m[1]], letters)  # 할 것
    return _apply_fixed_endings(letters)


def _apply_letter_names(letters: str) -> str:
    """Article 16: the names of consonant letters, 디귿이 → 디그시; reaches every ㅡ, as trained."""
    letters = re.sub("([그])ᆮᄋ", "\\1ᄉ", letters)
    letters = re.sub("([으])[ᆽᆾᇀᇂ]ᄋ", "\\1ᄉ", letters)
    letters = re.sub("([으])ᆿᄋ", "\\1ᄀ", letters)
    return re.sub("([으])ᇁᄋ", "\\1ᄇ", letters)


def _apply_fixed_endings(letters: str) -> str:
    for spelled, said in _fixed_endings():
        letters = letters.replace(spelled, said)
    return letters


@cache
def _fixed_endings() -> tuple[tuple[str, str], ...]:
    from voicepipe.text.ko.jamo import split_syllables  # noqa: PLC0415 - built once

    pairs = []
    for ending in _FIXED_ENDINGS:
        spelled = split_syllables(ending)
        said = _TENSE[spelled[0]] + spelled[1:].replace("ᆩᄋ", "ᄁ")
        pairs.append((f"ᆯ{spelled}", f"ᆯ{said}"))
    return tuple(pairs)


@cache
def _coda_rules() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    """One rule a final consonant: before each initial one, and at the end of a word."""
    rules = []
    for coda, row in table("ko_codas").items():
        onsets = "".join(onset for onset in row if onset != "end")
        alternatives = [f"( ?)([{onsets}])"] if onsets else []
        if "end" in row:
            alternatives.append(r"(?=\W|$)")
        rules.append((re.compile(f"{coda}(?:{'|'.join(alternatives)})"), _replacer(row)))
    return tuple(rules)


def _replacer(row: dict[str, str]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if match[2] is None:
            return row["end"]
        coda, onset = row[match[2]].split("|")
        return f"{coda}{match[1]}{onset}"

    return replace

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

from voicepipe.text.steps import Step
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


def _apply_coda_rules(letters: str) -> str:
    for pattern, replace in _coda_rules():
        letters = pattern.sub(replace, letters)
    return letters


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


def _rule(name: str, pattern: str, said: str | Callable[[re.Match[str]], str]) -> Step:
    compiled = re.compile(pattern)
    return Step(rule=name, rewrite=lambda letters: compiled.sub(said, letters))


SOUND_RULES = (
    _rule("ㅕ after ㅈ, ㅉ, ㅊ is ㅓ", "([ᄌᄍᄎ])ᅧ", r"\1ᅥ"),  # 가져 → 가저
    _rule("ㅢ after a consonant is ㅣ", "([ᄀ-ᄊᄌ-ᄒ])ᅴ", r"\1ᅵ"),  # 희망 → 히망
    Step(rule="", rewrite=lambda letters: letters.replace("/J", "")),
    Step(rule="names of letters", rewrite=_apply_letter_names),
    _rule("tensing after a stem", "ᆰ/P[ᄀᄁ]", "ᆯᄁ"),  # 맑게 → 말께
    # 넓게, 신고 → 신꼬
    _rule("tensing after a stem", "([ᆲᆴ])/P([ᄀᄃᄉᄌ])", lambda m: m[1] + _TENSE[m[2]]),
    _rule(
        "tensing after a stem",
        "([ᆫᆷᆬᆱ])/P([ᄀᄃᄉᄌ])",
        lambda m: _TENSED_STEMS[m[1]] + _TENSE[m[2]],
    ),
    _rule("ㄼ is ㅂ in 밟-", "(\u1107\u1161)ᆲ(?=$|[^ᄋᄒ])", r"\1ᆸ"),  # 밟다 → 밥따
    _rule("ㄼ is ㅂ in 넓죽-", "(\u1102\u1165)ᆲ(?=[ᄌᄍᄃᄄ]ᅮ)", r"\1ᆸ"),  # 넓죽하다
    _rule("palatalization", "ᆮᄋ(?=[ᅵᅧ])", "ᄌ"),  # 굳이 → 구지
    _rule("palatalization", "ᇀᄋ(?=[ᅵᅧ])", "ᄎ"),  # 같이 → 가치
    _rule("palatalization", "ᆴᄋ(?=[ᅵᅧ])", "ᆯᄎ"),  # 벼훑이
    _rule("palatalization", "ᆮᄒ(?=ᅵ)", "ᄎ"),  # 굳히다 → 구치다
    _rule(
        "tensing after an ending in ㄹ", "ᆯ/E ([ᄀᄃᄇᄉᄌ])", lambda m: "ᆯ " + _TENSE[m[1]]
    ),  # 할 것
    Step(rule="tensing in endings after ㄹ", rewrite=_apply_fixed_endings),
    Step(rule="", rewrite=lambda letters: _TAG.sub("", letters)),
    Step(rule="final consonants before what follows", rewrite=_apply_coda_rules),
    # Sounds move over to an empty onset only where the rules above left them in place.
    Step(
        rule="a final consonant moves over to an empty onset",
        rewrite=lambda letters: _LINK.sub(lambda match: _LINKS[match[1]], letters),
    ),
)
"""Rewrite spelling as sound, on conjoining letters with tags; anything else passes through, and the
tags are gone afterwards."""

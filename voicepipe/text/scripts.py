"""Which language each stretch of a line is in, by its script and the voice's own language.

A detector would need a model and still guess on short lines; the script is certain, and for
what scripts share (Chinese characters, digits, marks) the voice's language decides.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby

from voicepipe.text.languages import HAN_LANGUAGES, Language

_KANA = re.compile(
    "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d]"
)
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7a3]")
_HAN = re.compile("[々〇〻\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_EAST_ASIAN_RUN = re.compile(f"(?:{_KANA.pattern}|{_HAN.pattern})+")
_OPENING = frozenset("“‘「『（《〈【([{<¿¡")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text in one language."""

    text: str
    language: Language


def split_languages(text: str, prior: Language) -> tuple[Run, ...]:
    """Cut a line into runs of one language.

    Args:
        text: Anything.
        prior: The voice's language for this line.

    Returns:
        Runs that spell the text; neighbours differ. Latin letters are English, kana Japanese,
        hangul Korean. Chinese characters follow the prior; where it has none, or they stand in a
        stretch that is mostly kana, the kana decide. Digits, marks and spaces follow the words
        around them; between two languages, the prior's side, or the letters they touch.
    """
    spoken = languages_of_characters(text, prior)
    return tuple(
        Run(text="".join(character for character, _ in run), language=language)
        for language, run in groupby(zip(text, spoken, strict=True), key=lambda pair: pair[1])
    )


def languages_of_characters(text: str, prior: Language) -> list[Language]:
    """Give each character its language; see `split_languages`."""
    found = [_language_by_script(character) for character in text]
    for match in _EAST_ASIAN_RUN.finditer(text):
        resolved = _language_of_run(match[0], text, prior)
        for index in range(*match.span()):
            if _HAN.match(text[index]):
                found[index] = resolved
    return _fill_gaps(text, found, prior)


def _language_by_script(character: str) -> Language | None:
    if _KANA.match(character):
        return Language.JA
    if _HANGUL.match(character):
        return Language.KO
    if character.isalpha() and "LATIN" in unicodedata.name(character, ""):
        return Language.EN
    return None


def _language_of_run(run: str, text: str, prior: Language) -> Language:
    n_kana = len(_KANA.findall(run))
    if prior in HAN_LANGUAGES:
        return Language.JA if 2 * n_kana >= len(run) else prior
    return Language.JA if _KANA.search(text) else Language.ZH


def _fill_gaps(text: str, found: list[Language | None], prior: Language) -> list[Language]:
    filled: list[Language] = []
    index = 0
    for is_gap, group in groupby(found, key=lambda language: language is None):
        size = len(list(group))
        stop = index + size
        if is_gap:
            left = filled[-1] if filled else None
            right = found[stop] if stop < len(found) else None
            filled.extend(_fill_gap(text[index:stop], left, right, prior))
        else:
            filled.extend(language for language in found[index:stop] if language)
        index = stop
    return filled


def _fill_gap(
    gap: str, left: Language | None, right: Language | None, prior: Language
) -> list[Language]:
    if left is None or right is None or left is right:
        return [left or right or prior] * len(gap)
    digits = [index for index, character in enumerate(gap) if character.isdigit()]
    if digits:
        owner = _owner_of_digits(gap, left, right, prior)
        return [left if index < digits[0] else owner for index in range(len(gap))]
    opening = next((i for i, character in enumerate(gap) if character in _OPENING), len(gap))
    return [left if index < opening else right for index in range(len(gap))]


def _owner_of_digits(gap: str, left: Language, right: Language, prior: Language) -> Language:
    if gap[0].isdigit() and left is Language.EN:
        return left  # T60
    if gap[-1].isdigit() and right is Language.EN:
        return right  # 5G
    return right if right is prior else left

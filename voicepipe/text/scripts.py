"""Which language each stretch of a line is in, by its script and the voice's own language.

A detector would need a model and still guess on short lines; the script is certain, and for
what scripts share (Chinese characters, digits, marks) the voice's language decides.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from voicepipe.text.languages import HAN_LANGUAGES, Language
from voicepipe.text.laughter import laughter
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KANA = re.compile(
    "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d]"
)
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7a3]")
_HAN = re.compile("[々〇〻\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_MARKS_AND_DIGITS = " -@\\[-`{-~\u2010-\u2027\u3001-\u3003\u3008-\u3011\uff01-\uff20\uff3b-\uff40"
_HAN_ONLY = re.compile(f"[{_MARKS_AND_DIGITS}\u4e00-\u9fff]*")
_KANA_AND_HAN = re.compile(f"[{_MARKS_AND_DIGITS}\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fa\u30fc]*")
"""Lines in nothing but their own script; most are."""
_EAST_ASIAN_RUN = re.compile(f"(?:{_KANA.pattern}|{_HAN.pattern})+")
_OPENING = frozenset("“‘「『（《〈【([{<¿¡")
_UNITS = (
    "km/h|m/s|km|cm|mm|nm|μm|µm|dm|kg|mg|ml|mL|dB|db|Hz|kHz|MHz|GHz|kW|kWh|mAh|kPa|kcal|kJ|min|ms"
    "|[cmk]?m[23²³]|°[CF]|[AaPp]\\.?[Mm]\\.?|[mgshtLWV]"
)
_NUMBER = re.compile(
    # A sign of money, a number with its inner marks, a unit; `v2` and `2V2` hold no unit.
    rf"[¥￥$＄€£₩₽₹]?\s?(?:(?<![^\W\d])[-+−±])?\d+(?:[.,:/~～–−-]\d+)*[%％‰]?(?:\s?(?:{_UNITS})(?![A-Za-z\d]))?"
)
_CHINESE_ITEM = re.compile(
    "第[IVX]+(?![A-Za-z])|[IVX]+(?=[章节部代世号级型季集卷幕])|(?<![A-Za-z])[Nn][Oo]\\.\\s*(?=\\d)"
)
_NUMBERED = r"(?<![A-Za-z])[Nn][Oo]\.?\s?(?=\d)"
_LEVEL = r"(?<![A-Za-z])[Ll][Vv]\.?\s?(?=\d)"
_NOON = r"(?<![A-Za-z])[AaPp]\.?[Mm]\.?\s?(?=\d)"
# Letters in capitals with figures: A4, F-15, R2-D2, 2LDK. Four letters are a word or a name.
_CODE = (
    "(?<![A-Za-z0-9])(?=[A-Z0-9-]*[0-9])(?=[A-Z0-9-]*[A-Z])(?![A-Z0-9-]*[A-Z]{4})"
    "[A-Z0-9]+(?:-[A-Z0-9]+)*(?![A-Za-z0-9])"
)
_MORE_UNITS = (
    r"(?<=[\d数何幾수몇])\s?(?:[kMGT]B|[MG]bps|[MG]W|kV|hPa|[cd]l|dL|cc|cal|fps|rpm|mph|ft|lb|oz|ha|l"
    rf"|{_UNITS})(?![A-Za-z\d])"
)
_ROMAN = (
    "(?<=第)[IVX]+(?![A-Za-z])|(?<![A-Za-z])[IVX]+(?=世)"
    "|(?<=[ァ-ヶー々一-龠])(?:II|III|IV|VI|VII|VIII|IX|XI|XII)(?![A-Za-z0-9])"
)
_SIGNED = r"[+＋−](?=\d)"
_KOREAN_ROMAN = "(?<=제)[IVX]+(?![A-Za-z])|(?<![A-Za-z])[IVX]+(?=세)"
_JAPANESE_ITEM = re.compile(
    "|".join((_CODE, _MORE_UNITS, _NUMBERED, _LEVEL, _NOON, _SIGNED, _ROMAN))
)
_KOREAN_ITEM = re.compile(
    "|".join((_CODE, _MORE_UNITS, _NUMBERED, _LEVEL, _NOON, _SIGNED, _KOREAN_ROMAN))
)
_MAY_BE_SPOKEN = re.compile(r"[\dIVXwｗ]|[数何幾수몇]\s?[A-Za-z]")
_ITEMS = {
    **dict.fromkeys((Language.ZH, Language.YUE), _CHINESE_ITEM),
    Language.JA: _JAPANESE_ITEM,
    Language.KO: _KOREAN_ITEM,
}
"""What each language says in its own words although Latin letters stand there."""
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+(?:\.[A-Za-z]+)+", re.ASCII)
_NOT_EAST_ASIAN = re.compile(r"[^\u3001-\uffef\U00020000-\U000323af]+")
_LATIN_WORD = re.compile(r"(?<![\w'’])[A-Za-z]{2,}(?:['’][a-z]+)?(?!\w)|(?<!\w)[aAI](?!\w)")
_FEWEST_WORDS = 3
"""Latin words that make a stretch a sentence, whose numbers are said in its own language."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of text in one language."""

    text: str
    language: Language


def split_languages(
    text: str, prior: Language, style: ReadingStyle = ReadingStyle.REFERENCE
) -> tuple[Run, ...]:
    """Cut a line into runs of one language.

    Args:
        text: Anything.
        prior: The voice's language for this line.
        style: `SPOKEN` gives numbers beside Latin letters, with their units, to the prior.

    Returns:
        Runs that spell the text; neighbours differ. Latin letters are English, kana Japanese,
        hangul Korean. Chinese characters follow the prior; where it has none, or they stand in a
        stretch that is mostly kana, the kana decide. Digits, marks and spaces follow the words
        around them; between two languages, the prior's side, or the letters they touch.
    """
    spoken = languages_of_characters(text, prior, style)
    return tuple(Run(text=run, language=language) for run, language in runs_of(text, spoken))


def runs_of(text: str, languages: Sequence[Language]) -> Iterator[tuple[str, Language]]:
    """Cut a text where its language changes.

    Args:
        text: Anything.
        languages: Of its characters; what is beyond the text does not count.
    """
    start, end = 0, len(text)
    if end and languages[:end].count(languages[0]) == end:
        yield text, languages[0]
        return
    while start < end:
        language = languages[start]
        stop = start + 1
        while stop < end and languages[stop] is language:
            stop += 1
        yield text[start:stop], language
        start = stop


def languages_of_characters(
    text: str, prior: Language, style: ReadingStyle = ReadingStyle.REFERENCE
) -> list[Language]:
    """Give each character its language; see `split_languages`."""
    if prior is Language.EN and text.isascii():
        return [prior] * len(text)
    if prior in HAN_LANGUAGES and _HAN_ONLY.fullmatch(text):
        return [prior] * len(text)
    if prior is Language.JA and _KANA_AND_HAN.fullmatch(text) and _KANA.search(text):
        return [prior] * len(text)
    found = _found_by_script(text, prior, style)
    if style is ReadingStyle.SPOKEN and prior is not Language.EN:
        for start, end in _spoken_by_prior(text, prior):
            found[start:end] = [prior] * (end - start)
    return _fill_gaps(text, found, prior)


def _found_by_script(text: str, prior: Language, style: ReadingStyle) -> list[Language | None]:
    found = [*map(_language_by_script, text)]
    is_korean = style is ReadingStyle.SPOKEN and prior is Language.KO and Language.KO in found
    for match in _EAST_ASIAN_RUN.finditer(text):
        resolved = _language_of_run(match[0], text, prior)
        is_spoken_chinese = style is ReadingStyle.SPOKEN and prior in HAN_LANGUAGES
        if is_spoken_chinese and resolved is not prior and not _is_japanese(match[0]):
            resolved = prior
        if is_korean and resolved is Language.ZH:
            resolved = prior  # hanja between hangul
        for index in range(*match.span()):
            if _HAN.match(text[index]):
                found[index] = resolved
    return found


@lru_cache(maxsize=1 << 14)
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


def _is_japanese(run: str) -> bool:
    """Whether Japanese writes all characters of a run: 你 and 们 it does not."""
    try:
        run.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _spoken_by_prior(text: str, prior: Language) -> Iterator[tuple[int, int]]:
    """Find what a speaker says in the line's own language although Latin letters stand there."""
    if not _MAY_BE_SPOKEN.search(text):
        return
    foreign = [match.span() for match in _ADDRESS.finditer(text)]
    foreign += [m.span() for m in _NOT_EAST_ASIAN.finditer(text) if _is_sentence(m[0])]
    if prior is Language.JA:
        yield from laughter(text, prior)
    for pattern in (_NUMBER, _ITEMS[prior]):
        for match in pattern.finditer(text):
            if not any(start <= match.start() < end for start, end in foreign):
                yield match.span()


def _is_sentence(latin: str) -> bool:
    return len(_LATIN_WORD.findall(_NUMBER.sub(" ", latin))) >= _FEWEST_WORDS


def _fill_gaps(text: str, found: list[Language | None], prior: Language) -> list[Language]:
    spoken = {language for language in set(found) if language}
    if len(spoken) <= 1:  # no gap has two sides that differ
        return [*(spoken or {prior})] * len(found)
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

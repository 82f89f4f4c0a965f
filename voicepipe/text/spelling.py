"""How a person says a word is said: respellings, phonetic alphabets, syllabaries.

The same notations serve the lexicon and the inline tag `[say:…]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from voicepipe.errors import InputError
from voicepipe.text.ipa import ensure_stress, ipa_to_arpabet
from voicepipe.text.languages import Language
from voicepipe.text.respelling import respelling_to_arpabet
from voicepipe.text.symbols import SymbolVersion, symbol_table
from voicepipe.text.zh.pinyin import parse_pinyin


class Notation(str, Enum):
    """A way of writing sounds."""

    RESPELLING = "respelling"
    """`MAH-ree-oh`: English ears, stress in capitals."""
    ARPABET = "arpabet"
    """`M AA1 R IY0 OW0`"""
    IPA = "ipa"
    """`ˈmɑːrioʊ`, mapped to the nearest English sounds."""
    PINYIN = "pinyin"
    """`chóng lóu` or `chong2 lou2`"""
    JYUTPING = "jyutping"
    """`cung4 lau4`"""
    KANA = "kana"
    """`マリオ`: read instead of the word."""
    HANGUL = "hangul"
    """`마리오`: read instead of the word."""
    SPELLING = "spelling"
    """Other words of the line's language that sound right; read instead of the word."""


_KANA = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\uff66-\uff9f\s・’'/]+")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3\s]+")
_HAN = re.compile(r".*[\u3400-\u9fff\uf900-\ufaff]")
_SHAPES = (
    (Notation.KANA, re.compile(f"{_KANA.pattern}$")),
    (Notation.HANGUL, re.compile(f"{_HANGUL.pattern}$")),
    (Notation.SPELLING, _HAN),
    (Notation.IPA, re.compile("[/\\[]")),
)
_PREFIXED = re.compile(r"\s*(respelling|arpabet|ipa|pinyin|jyutping|kana|hangul|spelling)\s*:\s*")
_ARPABET_WORD = re.compile(r"[A-Z]{1,2}[0-2]?(?:\s+[A-Z]{1,2}[0-2]?)*")
_ARPABET_STRESS = re.compile(r"[A-Z]{2}[0-2]")
_TONE_MARK = re.compile("[1-5]|[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_VOWELS = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)
_LONGEST = 200
"""Characters: longer than any word's sound."""


class SpellingError(InputError):
    """A pronunciation is not a sound of its notation, or not one the models were taught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """A pronunciation that has been read."""

    notation: Notation
    value: str
    """As written, without its notation's name."""
    language: Language
    """Whose sounds it is made of: English for respellings, ARPAbet and IPA."""
    phonemes: tuple[str, ...] = ()
    """The sounds; empty when `text` is to be read instead."""
    text: str = ""
    """What to read in place of the word; empty when `phonemes` say it all."""


def parse_spelling(value: str, language: Language, notation: Notation | None = None) -> Spelling:
    """Read a pronunciation.

    Args:
        value: As written. It may begin with its notation's name (`ipa: …`); otherwise kana, hangul,
            slashes (IPA), ARPAbet with stress digits, and, in Chinese, syllables with tones are
            recognized, and everything else in Latin letters is a respelling.
        language: Of the line or lexicon section.
        notation: When the writer said which it is.

    Raises:
        SpellingError: It cannot be read; the message quotes the part that cannot.
    """
    prefix = _PREFIXED.match(value)
    if notation is None and prefix:
        notation, value = Notation(prefix[1]), value[prefix.end() :]
    value = value.strip()
    if not value or len(value) > _LONGEST:
        raise SpellingError(
            f"a pronunciation has 1 to {_LONGEST} characters, this one {len(value)}",
            remedy="write how the word sounds, such as MAH-ree-oh",
        )
    chosen = notation or _recognize(value, language)
    if chosen is Notation.KANA:
        return _as_text(value, chosen, Language.JA, _KANA, "kana such as マリオ")
    if chosen is Notation.HANGUL:
        return _as_text(value, chosen, Language.KO, _HANGUL, "hangul such as 마리오")
    if chosen is Notation.SPELLING:
        return Spelling(notation=chosen, value=value, language=language, text=value)
    if chosen in {Notation.PINYIN, Notation.JYUTPING}:
        return _as_syllables(value, chosen)
    return _as_english(value, chosen)


def _recognize(value: str, language: Language) -> Notation:
    for notation, shape in _SHAPES:
        if shape.match(value):
            return notation
    if _ARPABET_WORD.fullmatch(value) and _ARPABET_STRESS.search(value):
        return Notation.ARPABET
    if language is Language.ZH and _TONE_MARK.search(value):
        return Notation.PINYIN
    return Notation.JYUTPING if language is Language.YUE else Notation.RESPELLING


def _as_text(
    value: str, notation: Notation, language: Language, shape: re.Pattern[str], example: str
) -> Spelling:
    if not shape.fullmatch(value):
        raise SpellingError(f'"{value}" is not {notation.value}', remedy=f"write {example}")
    return Spelling(notation=notation, value=value, language=language, text=value)


def _cantonese_syllables(value: str) -> tuple[tuple[str, ...], ...] | None:
    # Its front end brings those of Chinese and English along.
    from voicepipe.text.yue.frontend import parse_jyutping  # noqa: PLC0415

    return parse_jyutping(value)


def _as_syllables(value: str, notation: Notation) -> Spelling:
    is_pinyin = notation is Notation.PINYIN
    syllables = parse_pinyin(value) if is_pinyin else _cantonese_syllables(value)
    if syllables is None and not is_pinyin and not re.search("[1-6]", value):
        # Cantonese lines may carry foreign names, respelled as elsewhere.
        return _as_english(value, Notation.RESPELLING)
    known = symbol_table(SymbolVersion.V2).ids
    phonemes = tuple(symbol for syllable in syllables or () for symbol in syllable)
    if not phonemes or any(symbol not in known for symbol in phonemes):
        example = "chóng lóu" if is_pinyin else "cung4 lau4"
        raise SpellingError(
            f'"{value}" is not {notation.value} with tones',
            remedy=f"write every syllable with its tone, such as {example}",
        )
    language = Language.ZH if is_pinyin else Language.YUE
    return Spelling(notation=notation, value=value, language=language, phonemes=phonemes)


def _as_english(value: str, notation: Notation) -> Spelling:
    if notation is Notation.ARPABET:
        read: tuple[str, ...] | str = _read_arpabet(value)
        remedy = "write ARPAbet such as M AA1 R IY0 OW0"
    elif notation is Notation.IPA:
        read = ipa_to_arpabet(value)
        remedy = "use the nearest English sound, or a respelling such as MAH-ree-oh"
    else:
        read = respelling_to_arpabet(value)
        remedy = "write syllables with a vowel each, apart by hyphens: MAH-ree-oh"
    if isinstance(read, str) or not read:
        raise SpellingError(f'"{read or value}" in "{value}" has no English sound', remedy=remedy)
    return Spelling(notation=notation, value=value, language=Language.EN, phonemes=read)


def _read_arpabet(value: str) -> tuple[str, ...] | str:
    known = symbol_table(SymbolVersion.V1).ids
    said = []
    for written in value.upper().split():
        # A vowel without its digit is unstressed; `ensure_stress` sees to the word.
        symbol = f"{written}0" if written in _VOWELS else written
        if symbol not in known or not re.fullmatch("[A-Z]{1,2}[0-2]?", symbol):
            return written
        said.append(symbol)
    return ensure_stress(said)

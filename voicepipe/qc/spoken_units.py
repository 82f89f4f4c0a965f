"""A reading as a row of small units that can be said, left out or repeated.

Words in English and Korean, syllables in Chinese and Cantonese, morae in Japanese. Both what a line
should say and what was recognised are read by our own front ends, so that numbers, names of the
lexicon and words written in two ways are the same units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.qc.said_sounds import is_sound
from voicepipe.text.languages import Language
from voicepipe.text.written_words import WORD_BORDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import SpokenSegment, Utterance

_KANA_ROWS: Final = {
    "": "ア イ ウ エ オ",
    "k": "カ キ ク ケ コ",
    "g": "ガ ギ グ ゲ ゴ",
    "s": "サ スィ ス セ ソ",
    "z": "ザ ズィ ズ ゼ ゾ",
    "t": "タ ティ トゥ テ ト",
    "d": "ダ ディ ドゥ デ ド",
    "n": "ナ ニ ヌ ネ ノ",
    "h": "ハ ヒ フ ヘ ホ",
    "f": "ファ フィ フ フェ フォ",
    "b": "バ ビ ブ ベ ボ",
    "p": "パ ピ プ ペ ポ",
    "m": "マ ミ ム メ モ",
    "y": "ヤ イ ユ イェ ヨ",
    "r": "ラ リ ル レ ロ",
    "w": "ワ ウィ ウ ウェ ウォ",
    "v": "ヴァ ヴィ ヴ ヴェ ヴォ",
    "sh": "シャ シ シュ シェ ショ",
    "j": "ジャ ジ ジュ ジェ ジョ",
    "ch": "チャ チ チュ チェ チョ",
    "ts": "ツァ ツィ ツ ツェ ツォ",
    "ky": "キャ キィ キュ キェ キョ",
    "gy": "ギャ ギィ ギュ ギェ ギョ",
    "ny": "ニャ ニィ ニュ ニェ ニョ",
    "hy": "ヒャ ヒィ ヒュ ヒェ ヒョ",
    "by": "ビャ ビィ ビュ ビェ ビョ",
    "py": "ピャ ピィ ピュ ピェ ピョ",
    "my": "ミャ ミィ ミュ ミェ ミョ",
    "ry": "リャ リィ リュ リェ リョ",
    "ty": "テャ ティ テュ テェ テョ",
    "dy": "デャ ディ デュ デェ デョ",
}
_KANA: Final = {
    (consonant, vowel): kana
    for consonant, row in _KANA_ROWS.items()
    for vowel, kana in zip("aiueo", row.split(), strict=True)
}
_MORAE_OF_THEIR_OWN: Final = {"N": "ン", "cl": "ッ"}
_ACCENTS: Final = frozenset("[]")
"""A rise or fall of the pitch, in the middle of whatever sound."""
_JA_VOWELS: Final = frozenset("aiueo")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenUnit:
    """A word, syllable or mora."""

    text: str
    """As people read it; Japanese in katakana."""
    sounds: tuple[str, ...]
    """Phonemes of its language's front end, at least one."""
    language: Language


def units_of(said: Utterance) -> tuple[SpokenUnit, ...]:
    """Cut a reading into units; marks and pauses are none."""
    return tuple(unit for segment in said.segments for unit in _units(segment))


def shown(units: Sequence[SpokenUnit]) -> str:
    """Write units for people: words apart, syllables and morae together."""
    parts: list[str] = []
    for unit in units:
        is_word = unit.language in (Language.EN, Language.KO)
        parts.append(f" {unit.text} " if is_word else unit.text)
    return " ".join("".join(parts).split())


def _units(segment: SpokenSegment) -> Iterator[SpokenUnit]:
    if segment.language is Language.JA:
        yield from _morae(segment.phonemes)
    elif segment.language is Language.KO:
        yield from _korean_words(segment)
    else:
        start = 0
        for text, count in zip(segment.units, segment.word2ph, strict=True):
            sounds = tuple(p for p in segment.phonemes[start : start + count] if is_sound(p))
            start += count
            if sounds:
                yield SpokenUnit(text=text, sounds=sounds, language=segment.language)


def _morae(phonemes: Sequence[str]) -> Iterator[SpokenUnit]:
    consonant, last_vowel = "", ""
    for phoneme in phonemes:
        if not is_sound(phoneme):
            last_vowel = last_vowel if phoneme in _ACCENTS else ""
            continue
        sound = phoneme if phoneme in _MORAE_OF_THEIR_OWN else phoneme.lower()
        if sound in _MORAE_OF_THEIR_OWN:
            yield _mora(_MORAE_OF_THEIR_OWN[sound], (sound,))
            consonant, last_vowel = "", ""
        elif sound in _JA_VOWELS:
            # Long vowels are spelled in two ways: sensei, sensee.
            is_long = not consonant and (last_vowel + sound) in {"ei", "ou"}
            vowel = last_vowel if is_long else sound
            text = _KANA.get((consonant, sound), consonant + sound)
            yield _mora(text, (consonant, vowel) if consonant else (vowel,))
            consonant, last_vowel = "", vowel
        else:
            consonant = sound


def _mora(text: str, sounds: tuple[str, ...]) -> SpokenUnit:
    return SpokenUnit(text=text, sounds=sounds, language=Language.JA)


def _korean_words(segment: SpokenSegment) -> Iterator[SpokenUnit]:
    words: list[list[str]] = [[]]
    for phoneme in segment.phonemes:
        if phoneme == WORD_BORDER:
            words.append([])
        elif is_sound(phoneme):
            words[-1].append(phoneme)
    texts = segment.normalized_text.split()
    spoken = [word for word in words if word]
    named = texts if len(texts) == len(spoken) else ["".join(word) for word in spoken]
    for text, sounds in zip(named, spoken, strict=True):
        yield SpokenUnit(text=text.strip(".,!?…"), sounds=tuple(sounds), language=Language.KO)

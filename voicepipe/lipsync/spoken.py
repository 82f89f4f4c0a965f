"""What a line says: its phonemes in order, and which written word each belongs to (torch-free).

Front ends answer with units of normalized text ("twenty-five", "dollars"); captions show what is
written ("$25"). Characters that both have in common hold the two together; what was put into other
words belongs to what is written between them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING, Final

from voicepipe.errors import UsageError
from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.parts import Reading, spoken_parts
from voicepipe.text.languages import Language, language_of
from voicepipe.text.lexicon import EMPTY_LEXICON
from voicepipe.text.symbols import PUNCTUATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import SpokenSegment, Utterance

SYMBOLS: Final = "v2"
"""The table whose phonemes the embedded recogniser hears."""
SILENT: Final = PUNCTUATION | {UNKNOWN, "SP", "SP2", "SP3", "_", "[", "]", "#", "^", "空", "停"}
"""Symbols without a sound."""
_BY_CHARACTER: Final = frozenset({"zh", "yue", "ja"})
_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005-\u3007"
_TOKEN_BY_CHARACTER: Final = re.compile(
    rf"[{_CJK}]|[^\W{_CJK}]+(?:['’.,:%-][^\W{_CJK}]+)*|\s+|.", re.DOTALL
)
_NO_INITIAL: Final = re.compile("^(?:AA|EE|OO)")
_BUZZED_I: Final = re.compile("i[r0](?=[1-5])")
_AS_U: Final = re.compile("(?<=[jqxy])v")
_TOKEN_BY_SPACE: Final = re.compile(r"\S+|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A written word and the phonemes that say it."""

    text: str
    start: int
    """Place in the text, in characters."""
    end: int
    first: int
    """Its first phoneme, counted among those of the line."""
    last: int
    """The phoneme after its last; equal to `first` when nothing says it."""
    reading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """A line as it is said."""

    text: str
    phonemes: tuple[str, ...]
    """Only those that sound."""
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    text: str
    reading: str
    n_phonemes: int


def spoken_line(
    text: str,
    segments: Sequence[Segment] = (),
    *,
    language: str,
    lexicon: Lexicon = EMPTY_LEXICON,
    speaker: str = "",
) -> SpokenLine:
    """Read a line.

    Args:
        text: As a subtitle shows it.
        segments: The same with its respellings; empty: the text as it stands.
        language: A project's tag. Where no front end reads it, letters stand for sounds.
        lexicon: The project's pronunciations.
        speaker: Whose entries of the lexicon win.

    Raises:
        SpellingError: A respelling cannot be read.
    """
    try:
        spoken = language_of(language)
    except UsageError:
        return _by_letters(text)
    reading = Reading(language=spoken, symbols=SYMBOLS, lexicon=lexicon, speaker=speaker)
    said = [part.utterance for part in spoken_parts(segments or (Segment(text=text),), reading)]
    phonemes = tuple(p for one in said for p in one.phonemes if p not in SILENT)
    units = [unit for one in said for unit in _units(one)]
    return SpokenLine(text=text, phonemes=phonemes, words=_words(text, units, spoken.value))


def _units(said: Utterance) -> Iterator[_Unit]:
    for segment in said.segments:
        at = 0
        for unit, n_phonemes in zip(segment.units, segment.word2ph, strict=True):
            phonemes = segment.phonemes[at : at + n_phonemes]
            at += n_phonemes
            yield from _split(unit, phonemes, segment)


def _split(unit: str, phonemes: Sequence[str], segment: SpokenSegment) -> Iterator[_Unit]:
    """Cut Japanese stretches into words; leave out marks."""
    sounding = [phoneme for phoneme in phonemes if phoneme not in SILENT]
    if not sounding:
        return
    if segment.language is Language.JA:
        from voicepipe.text.ja.frontend import words_of_unit  # noqa: PLC0415 - loads a dictionary

        for word, kana, n_phonemes in words_of_unit(unit, sounding):
            yield _Unit(word, kana, n_phonemes)
    elif segment.language is Language.KO:
        yield from _by_length(unit, len(sounding))
    else:
        yield _Unit(unit, _syllable(sounding, segment.language), len(sounding))


def _by_length(unit: str, n_phonemes: int) -> Iterator[_Unit]:
    """Cut a stretch at its spaces; longer words get more of its phonemes."""
    words = unit.split()
    ends = list(accumulate(len(word) for word in words))
    before = 0
    for word, end in zip(words, ends, strict=True):
        upto = n_phonemes * end // ends[-1]
        yield _Unit(word, "", upto - before)
        before = upto


def _syllable(sounding: Sequence[str], language: Language) -> str:
    """Spell a character's sounds as people write them: `zh ir4` is zhi4."""
    if language is Language.YUE:
        return "".join(phoneme.removeprefix("Y") for phoneme in sounding)
    if language is not Language.ZH:
        return ""
    spelled = _NO_INITIAL.sub("", "".join(sounding))
    return _AS_U.sub("u", _BUZZED_I.sub("i", spelled)).lower()


def _words(text: str, units: Sequence[_Unit], language: str) -> tuple[Word, ...]:
    pattern = _TOKEN_BY_CHARACTER if language in _BY_CHARACTER else _TOKEN_BY_SPACE
    tokens = [(match.start(), match.end()) for match in pattern.finditer(text)]
    spelled = [place for place in tokens if any(c.isalnum() for c in text[place[0] : place[1]])]
    if not spelled or not units:
        return ()
    owners = _owners(text, spelled, units)
    return tuple(_joined(text, spelled, units, owners))


def _owners(text: str, tokens: Sequence[tuple[int, int]], units: Sequence[_Unit]) -> list[int]:
    """Give the written token of each unit; never falling."""
    written = [(c, n) for n, (a, b) in enumerate(tokens) for c in _plain(text[a:b])]
    said = [(c, n) for n, unit in enumerate(units) for c in _plain(unit.text)]
    matcher = SequenceMatcher(None, [c for c, _ in said], [c for c, _ in written], autojunk=False)
    owner: dict[int, int] = {}
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            unit = said[block.a + offset][1]
            owner.setdefault(unit, written[block.b + offset][1])
    return _filled(owner, len(units), len(tokens))


def _filled(owner: dict[int, int], n_units: int, n_tokens: int) -> list[int]:
    """Give the units between two that are known to what is written between them."""
    known = [(-1, -1), *sorted(owner.items()), (n_units, n_tokens)]
    filled: list[int] = []
    for (unit, token), (next_unit, next_token) in pairwise(known):
        if unit >= 0:
            filled.append(token)
        n_loose, between = next_unit - unit - 1, next_token - token - 1
        for number in range(n_loose):
            if between > 0:
                filled.append(token + 1 + number * between // n_loose)
            else:
                filled.append(token if token >= 0 else min(next_token, n_tokens - 1))
    return filled


def _joined(
    text: str, tokens: Sequence[tuple[int, int]], units: Sequence[_Unit], owners: Sequence[int]
) -> Iterator[Word]:
    """One word for each token that something says, with what follows it up to the next."""
    firsts = [0]
    for unit in units:
        firsts.append(firsts[-1] + unit.n_phonemes)
    groups = [
        (token, [number for number, _ in group])
        for token, group in groupby(enumerate(owners), key=lambda pair: pair[1])
    ]
    starts = [0, *(tokens[token][0] for token, _ in groups[1:]), len(text)]
    for (_, members), start, stop in zip(groups, starts, starts[1:], strict=False):
        shown = text[start:stop].strip()
        begun = text.index(shown, start)
        yield Word(
            text=shown,
            start=begun,
            end=begun + len(shown),
            first=firsts[members[0]],
            last=firsts[members[-1] + 1],
            reading=" ".join(units[number].reading for number in members).strip(),
        )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _by_letters(text: str) -> SpokenLine:
    """Read a language that has no front end: a letter is a sound."""
    units = [
        _Unit(match[0], "", len(letters))
        for match in _TOKEN_BY_SPACE.finditer(text)
        for letters in (_letters(match[0]),)
        if letters
    ]
    phonemes = tuple(c for match in _TOKEN_BY_SPACE.finditer(text) for c in _letters(match[0]))
    return SpokenLine(text=text, phonemes=phonemes, words=_words(text, units, ""))


def _letters(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold())
    return "".join(character for character in bare if character.isalpha())

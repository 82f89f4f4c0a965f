"""Which written words a reading says: text as people see it, and the phonemes of each word.

Front ends answer with units of normalized text ("twenty-five", "dollars"); people see what is
written ("$25"). Characters that both have in common hold the two together; what was put into other
words belongs to what is written between them. Torch-free.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING, Final

from voicepipe.text.languages import Language
from voicepipe.text.symbols import PUNCTUATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import SpokenSegment, Utterance

WORD_BORDER: Final = "空"
"""Between two Korean words."""
SILENT: Final = PUNCTUATION | {
    *(UNKNOWN, WORD_BORDER, "停", "SP", "SP2", "SP3", "_", "[", "]", "#", "^")
}
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


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """A unit of a reading that sounds."""

    text: str
    reading: str
    n_phonemes: int


def written_words(text: str, said: Sequence[Utterance], language: Language) -> tuple[Word, ...]:
    """Find the words of a text that was read.

    Args:
        text: As it is written.
        said: Its readings, one after another.
        language: The text's.

    Returns:
        In order; empty when nothing of it is spelled with letters or digits.
    """
    units = [unit for one in said for unit in _units(one)]
    return words_of_units(text, units, language.value)


def _units(said: Utterance) -> Iterator[WrittenUnit]:
    for segment in said.segments:
        at = 0
        for unit, n_phonemes in zip(segment.units, segment.word2ph, strict=True):
            phonemes = segment.phonemes[at : at + n_phonemes]
            at += n_phonemes
            yield from _split(unit, phonemes, segment)


def _split(unit: str, phonemes: Sequence[str], segment: SpokenSegment) -> Iterator[WrittenUnit]:
    """Cut Japanese stretches into words; leave out marks."""
    sounding = [phoneme for phoneme in phonemes if phoneme not in SILENT]
    if not sounding:
        return
    if segment.language is Language.JA:
        from voicepipe.text.ja.frontend import words_of_unit  # noqa: PLC0415 - loads a dictionary

        for word, kana, n_phonemes in words_of_unit(unit, sounding):
            yield WrittenUnit(word, kana, n_phonemes)
    elif segment.language is Language.KO:
        yield from _between_spaces(unit, phonemes)
    else:
        yield WrittenUnit(unit, _syllable(sounding, segment.language), len(sounding))


def _between_spaces(unit: str, phonemes: Sequence[str]) -> Iterator[WrittenUnit]:
    """Cut a stretch of Korean at its spaces, which the front end marks among the phonemes."""
    words = unit.split()
    counts = [0]
    for phoneme in phonemes:
        if phoneme == WORD_BORDER:
            counts.append(0)
        elif phoneme not in SILENT:
            counts[-1] += 1
    counts = [count for count in counts if count]
    if len(counts) != len(words):
        counts = _shares(words, sum(counts))
    for word, count in zip(words, counts, strict=True):
        yield WrittenUnit(word, "", count)


def _shares(words: Sequence[str], n_phonemes: int) -> list[int]:
    """Share phonemes out among words: longer ones get more."""
    ends = [0, *accumulate(len(word) for word in words)]
    return [n_phonemes * b // ends[-1] - n_phonemes * a // ends[-1] for a, b in pairwise(ends)]


def _syllable(sounding: Sequence[str], language: Language) -> str:
    """Spell a character's sounds as people write them: `zh ir4` is zhi4."""
    if language is Language.YUE:
        return "".join(phoneme.removeprefix("Y") for phoneme in sounding)
    if language is not Language.ZH:
        return ""
    spelled = _NO_INITIAL.sub("", "".join(sounding))
    return _AS_U.sub("u", _BUZZED_I.sub("i", spelled)).lower()


def words_of_units(text: str, units: Sequence[WrittenUnit], language: str) -> tuple[Word, ...]:
    """Find the written words of units that any reading gave.

    Args:
        text: As it is written.
        units: In the order of the text.
        language: Base tag; empty: words stand between spaces.
    """
    pattern = _TOKEN_BY_CHARACTER if language in _BY_CHARACTER else _TOKEN_BY_SPACE
    tokens = [(match.start(), match.end()) for match in pattern.finditer(text)]
    spelled = [place for place in tokens if any(c.isalnum() for c in text[place[0] : place[1]])]
    if not spelled or not units:
        return ()
    owners = _owners(text, spelled, units)
    return tuple(_joined(text, spelled, units, owners))


def _owners(
    text: str, tokens: Sequence[tuple[int, int]], units: Sequence[WrittenUnit]
) -> list[int]:
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
    text: str,
    tokens: Sequence[tuple[int, int]],
    units: Sequence[WrittenUnit],
    owners: Sequence[int],
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

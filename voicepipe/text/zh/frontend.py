"""Mandarin characters → symbols, one group a character.

Characters with several readings are told apart by pypinyin's phrase dictionary, word by
word; the neural disambiguator that some installations of the reference add is not used.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from voicepipe.text.characters import say_characters
from voicepipe.text.records import Part, Pronounced, ReadingStyle
from voicepipe.text.symbols import PUNCTUATION, SymbolVersion
from voicepipe.text.zh.counts import COUNTER
from voicepipe.text.zh.merging import merge_words
from voicepipe.text.zh.normalize import verbalize
from voicepipe.text.zh.pinyin import syllable_symbols
from voicepipe.text.zh.polyphones import deciding_rules, tell_apart
from voicepipe.text.zh.sandhi import change_tones, merge_er
from voicepipe.text.zh.words import Word, cut_words, is_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_REMEMBERED_WORDS = 1 << 15
_REMEMBERED_CLAUSES = 1 << 12
_NUMBER_CHARACTERS = frozenset("零一二三四五六七八九十百千万亿点")
_COUNTED = re.compile(f"[零一二三四五六七八九十百千万亿点]+{COUNTER}")
"""Numbers with what they count: no dictionary lists 五吨, and nobody misses it there."""
_LONGEST_CLAUSE = 200
"""Characters without a mark that are cut into words at once: time grows with their square."""
_AFTER_MARK = re.compile(r"(?<=[!?…,.\-])")


def pronounce(
    parts: Sequence[Part],
    *,
    version: SymbolVersion = SymbolVersion.V2,
    style: ReadingStyle = ReadingStyle.REFERENCE,
) -> Pronounced:
    """Read Mandarin.

    Args:
        parts: The text in order. A part with phonemes must hold two a character.
        version: Merging 儿 into the syllable before it came with the second table.
        style: See `ReadingStyle`.

    Returns:
        One unit a character of the normalized text.
    """
    said = say_characters(parts, lambda part: verbalize(part, style))
    return said.pronounced(_read(said.text, style, melts_er=version is not SymbolVersion.V1))


def _read(text: str, style: ReadingStyle, *, melts_er: bool) -> list[tuple[str, ...]]:
    units: list[tuple[str, ...]] = []
    for clause in _clauses(text):
        units.extend(_read_clause(clause, style, melts_er))
    return units


@lru_cache(maxsize=_REMEMBERED_CLAUSES)
def _read_clause(clause: str, style: ReadingStyle, melts_er: bool) -> tuple[tuple[str, ...], ...]:
    words: Sequence[Word] = cut_words(clause)
    if style is ReadingStyle.SPOKEN:
        words = tell_apart(words)
    units: list[tuple[str, ...]] = []
    for word in merge_words(words, _finals):
        units.extend(_read_word(word, style, melts_er))
    return tuple(units)


def _clauses(text: str) -> Iterator[str]:
    for clause in _AFTER_MARK.split(text):
        for start in range(0, len(clause), _LONGEST_CLAUSE):
            yield clause[start : start + _LONGEST_CLAUSE]


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _read_word(word: Word, style: ReadingStyle, melts_er: bool) -> tuple[tuple[str, ...], ...]:
    if word.text in PUNCTUATION:
        return ((word.text,),)
    onsets = [
        _parts_of(reading)[0] if reading else onset
        for reading, onset in zip(word.readings(), onsets_and_rimes(word.text)[0], strict=True)
    ]
    plain = _finals(word)
    finals = change_tones(word.text, word.tag, plain)
    if style is ReadingStyle.SPOKEN:
        finals = _keep_decided(word, plain, finals)
    if melts_er:
        finals = merge_er(word.text, word.tag, finals)
    return tuple(syllable_symbols(*pair) for pair in zip(onsets, finals, strict=True))


def _keep_decided(word: Word, plain: Sequence[str], changed: Sequence[str]) -> list[str]:
    """Take back changes of tone that were meant for another reading of a character.

    What a rule decided keeps its tone, except that thirds still rise before thirds. 地 is neutral
    as a particle, not in 基地.
    """
    kept = list(changed)
    for index, (character, reading) in enumerate(zip(word.text, word.readings(), strict=True)):
        is_particle = character in "的地得" and plain[index][:-1] == "e"
        is_neutralized = changed[index].endswith("5") and (reading or character in "的地得")
        rises = reading.endswith("3") and not is_neutralized
        if (reading and not rises) or (is_neutralized and not is_particle):
            kept[index] = plain[index]
    return kept


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _finals(word: Word) -> tuple[str, ...]:
    finals = onsets_and_rimes(word.text)[1]
    if not word.given:
        return finals
    return tuple(
        _parts_of(reading)[1] if reading else final
        for reading, final in zip(word.given, finals, strict=True)
    )


_ONSET = re.compile("zh|ch|sh|[bpmfdtnlgkhjqxrzcs]|")
_WHOLE = {"yi": "i", "yan": "ian", "yin": "in", "ying": "ing", "wei": "uei", "ye": "ie"}


@cache
def _parts_of(reading: str) -> tuple[str, str]:
    """Split `zhang3` into `zh` and `ang3`, as the dictionary does."""
    onset = _ONSET.match(reading)
    start = onset.end() if onset else 0
    rime, tone = reading[start:-1], reading[-1]
    return reading[:start], _WHOLE.get(rime, rime) + tone


@lru_cache(maxsize=_REMEMBERED_WORDS)
def onsets_and_rimes(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the onset and the rime of each character; itself where it has no reading."""
    import pypinyin  # noqa: PLC0415 - loads 40,000 phrases

    # The library's stubs promise less than it takes: `errors` may answer with a list.
    read: Any = pypinyin.lazy_pinyin
    found = [
        (syllable, syllable) if syllable == character else _onset_and_rime(syllable)
        for character, syllable in zip(
            word, read(word, style=pypinyin.Style.TONE, errors=list), strict=True
        )
    ]
    return tuple([onset for onset, _ in found]), tuple([rime for _, rime in found])


@cache
def _onset_and_rime(syllable: str) -> tuple[str, str]:
    """Split `zhāng` into `zh` and `ang1`; there are some 1,300."""
    from pypinyin.contrib.tone_convert import to_finals_tone3, to_initials  # noqa: PLC0415

    rime = to_finals_tone3(syllable, strict=True, neutral_tone_with_five=True)
    return to_initials(syllable, strict=True), rime


def rules_of_characters(units: Sequence[str]) -> tuple[str, ...]:
    """Say in a few words what decided each character's reading, for people.

    Args:
        units: As `pronounce` answers them, read as spoken.
    """
    rules: list[str] = []
    for clause in _clauses("".join(units)):
        words = cut_words(clause)
        characters = [(word, character) for word in words for character in word.text]
        for (word, character), rule in zip(characters, deciding_rules(words), strict=True):
            if rule:
                rules.append(f"rule {rule.reading}: {rule.reason}")
            elif character in PUNCTUATION:
                rules.append("a mark")
            else:
                rules.append("dictionary" if is_known(word.text) else "dictionary of characters")
    return tuple(rules)


def unknown_words(text: str) -> tuple[str, ...]:
    """List characters without a reading, and words that only a dictionary could have settled.

    Returns:
        In order of appearance, once each: words that none lists and that hold a character of
        several readings. Names cut into single characters are not noticed.
    """
    found: dict[str, None] = {}
    said = verbalize(Part(text=text), ReadingStyle.SPOKEN)
    for clause in _clauses(said.text):
        for word in _unknown_in_clause(clause):
            found.setdefault(word)
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED_CLAUSES)
def _unknown_in_clause(clause: str) -> tuple[str, ...]:
    return tuple([word.text for word in cut_words(clause) if not _is_sure(word)])


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _is_sure(word: Word) -> bool:
    if word.text in PUNCTUATION or _NUMBER_CHARACTERS.issuperset(word.text):
        return True
    if ("UNK",) in _read_word(word, ReadingStyle.SPOKEN, True):
        return False
    is_counted = _COUNTED.fullmatch(word.text) is not None
    return is_counted or is_known(word.text) or all(map(_has_one_reading, word.text))


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _has_one_reading(character: str) -> bool:
    import pypinyin  # noqa: PLC0415 - as above

    return all(len(readings) == 1 for readings in pypinyin.pinyin(character, heteronym=True))

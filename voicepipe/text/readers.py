"""One way to ask any language's front end; each is imported when its language is first read."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from voicepipe.text.languages import Language
from voicepipe.text.records import Part, Pronounced, SpokenSegment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import ReadingStyle
    from voicepipe.text.symbols import SymbolTable

_FEWEST_ENGLISH = 4
"""Phonemes, marks included: below this the reference puts a comma in front of an English run."""
_HAN_READ = frozenset({Language.ZH, Language.YUE})


def read_run(
    language: Language, parts: Sequence[Part], table: SymbolTable, style: ReadingStyle
) -> Iterator[SpokenSegment]:
    """Read a run of one language.

    Args:
        language: Whose front end reads it.
        parts: The text in order, with the pronunciations that are given.
        table: The checkpoint's symbols.
        style: See `ReadingStyle`.

    Yields:
        One segment; in Chinese and Cantonese more, when a given pronunciation has another number of
        syllables than its word has characters: such a word stands apart, without features.
    """
    for stands_apart, group in _split_at_misfits(language, _join_texts(parts)):
        if stands_apart:
            yield from (_as_given(part, language, table) for part in group)
        else:
            yield _segment(group, _pronounce(language, group, table, style), language, table)


def unknown_in_run(text: str, language: Language) -> tuple[str, ...]:
    """List the words of a run that its language's dictionaries lack."""
    if language is Language.ZH:
        from voicepipe.text.zh.frontend import unknown_words  # noqa: PLC0415 - loads at first use
    elif language is Language.EN:
        from voicepipe.text.en.frontend import unknown_words  # noqa: PLC0415
    elif language is Language.JA:
        from voicepipe.text.ja.frontend import unknown_words  # noqa: PLC0415
    elif language is Language.KO:
        from voicepipe.text.ko.frontend import unknown_words  # noqa: PLC0415
    else:
        from voicepipe.text.yue.frontend import unknown_words  # noqa: PLC0415
    return unknown_words(text)


def rules_of_units(segment: SpokenSegment) -> tuple[str, ...]:
    """Say in a few words what decided the sound of each unit of a run, for people."""
    language, units = segment.language, segment.units
    if language is Language.EN:
        from voicepipe.text.en.frontend import rules_of_tokens  # noqa: PLC0415

        return rules_of_tokens(units)
    if language is Language.JA:
        from voicepipe.text.ja.frontend import rules_of_units as rules_of_ja  # noqa: PLC0415

        return rules_of_ja(units, segment.written)
    if language is Language.KO:
        from voicepipe.text.ko.frontend import rules_of_units as rules_of_ko  # noqa: PLC0415

        return rules_of_ko(units, segment.written)
    if any(len(unit) != 1 for unit in units):  # a word whose sounds are given stands apart
        return ("given: lexicon or [say:…]",) * len(units)
    return _rules_of_characters(language, units)


def _rules_of_characters(language: Language, units: Sequence[str]) -> tuple[str, ...]:
    if language is Language.ZH:
        from voicepipe.text.zh.frontend import rules_of_characters  # noqa: PLC0415
    else:
        from voicepipe.text.yue.frontend import rules_of_characters  # noqa: PLC0415
    return rules_of_characters(units)


def _pronounce(
    language: Language, parts: Sequence[Part], table: SymbolTable, style: ReadingStyle
) -> Pronounced:
    if language is Language.ZH:
        from voicepipe.text.zh.frontend import pronounce as read_zh  # noqa: PLC0415

        return read_zh(parts, version=table.version, style=style)
    if language is Language.EN:
        return _pronounce_english(parts, style)
    if language is Language.JA:
        from voicepipe.text.ja.frontend import pronounce  # noqa: PLC0415
    elif language is Language.KO:
        from voicepipe.text.ko.frontend import pronounce  # noqa: PLC0415
    else:
        from voicepipe.text.yue.frontend import pronounce  # noqa: PLC0415
    return pronounce(parts, style=style)


def _pronounce_english(parts: Sequence[Part], style: ReadingStyle) -> Pronounced:
    from voicepipe.text.en.frontend import pronounce  # noqa: PLC0415

    said = pronounce(parts, style=style)
    if not 0 < sum(len(phonemes) for phonemes in said.unit_phonemes) < _FEWEST_ENGLISH:
        return said
    return Pronounced(
        normalized_text=said.normalized_text,
        units=(",", *said.units),
        unit_phonemes=((",",), *said.unit_phonemes),
        dropped=said.dropped,
    )


def _join_texts(parts: Sequence[Part]) -> list[Part]:
    """Join neighbours without given sounds, so that a respelled word is read in its sentence."""
    joined: list[Part] = []
    for part in parts:
        if joined and not part.phonemes and not joined[-1].phonemes:
            text, before = joined[-1].text + part.text, joined[-1].before
            joined[-1] = Part(text=text, before=before, after=part.after)
        else:
            joined.append(part)
    return joined


def _split_at_misfits(
    language: Language, parts: Sequence[Part]
) -> Iterator[tuple[bool, list[Part]]]:
    group: list[Part] = []
    for part in parts:
        if language in _HAN_READ and part.phonemes and not _fits(part):
            if group:
                yield False, group
            yield True, [part]
            group = []
        else:
            group.append(part)
    if group:
        yield False, group


def _fits(part: Part) -> bool:
    """Tell whether a word is Chinese characters with one syllable of two symbols each."""
    is_han = re.fullmatch("[\u4e00-\u9fa5]+", part.text) is not None
    return is_han and len(part.phonemes) == 2 * len(part.text)


def _as_given(part: Part, language: Language, table: SymbolTable) -> SpokenSegment:
    return SpokenSegment(
        language=language,
        normalized_text=part.text,
        units=(part.text,),
        phonemes=table.known(part.phonemes),
        word2ph=(len(part.phonemes),),
        has_features=False,
    )


def _segment(
    parts: Sequence[Part], said: Pronounced, language: Language, table: SymbolTable
) -> SpokenSegment:
    return SpokenSegment(
        language=language,
        normalized_text=said.normalized_text,
        units=said.units,
        phonemes=table.known(chain.from_iterable(said.unit_phonemes)),
        word2ph=tuple(map(len, said.unit_phonemes)),
        has_features=language is Language.ZH,
        dropped=said.dropped,
        written="".join(part.text for part in parts),
    )

"""A line of text → the utterance a model receives. Torch-free.

The one entry to this room: splits the line by language, puts in the project's
pronunciations, reads each run with its language's front end, and turns symbols into ids.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from voicepipe.errors import UsageError
from voicepipe.text.languages import Language, language_of
from voicepipe.text.lexicon import EMPTY_LEXICON
from voicepipe.text.prepare import prepare
from voicepipe.text.readers import read_run, unknown_in_run
from voicepipe.text.records import (
    AppliedEntry,
    Part,
    ReadingStyle,
    SpokenSegment,
    Utterance,
)
from voicepipe.text.scripts import languages_of_characters, runs_of, split_languages
from voicepipe.text.spelling import Notation, Spelling, parse_spelling
from voicepipe.text.symbols import SymbolVersion, symbol_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.lexicon import Lexicon

FEWEST_PHONEMES = 6
"""Below this the models ramble or fall silent; a full stop goes in front. See `utterance`."""
_V1_LANGUAGES = frozenset({Language.ZH, Language.EN, Language.JA})
_CARRIER = "."
_MARKS = ' \n,.!?…，。！？、；：;:—–~～“”"「」『』（）()'
_OTHER_WORDS = frozenset({Notation.SPELLING})


class _Piece(Struct, frozen=True, kw_only=True):
    """A stretch in one language, perhaps with a pronunciation of its own."""

    text: str
    language: Language
    spelling: Spelling | None = None


def utterance(
    text: str | Sequence[tuple[str, str | None]],
    language: Language | str,
    *,
    symbols: SymbolVersion | str = SymbolVersion.V2,
    lexicon: Lexicon = EMPTY_LEXICON,
    speaker: str = "",
    style: ReadingStyle = ReadingStyle.REFERENCE,
    pads_short: bool = True,
) -> Utterance:
    """Read a line.

    A line of fewer than six phonemes ("No.", 嗯。) gets a full stop in front, as the checkpoints'
    own front end does: a short pause that the model speaks through, in place of a carrier phrase
    that would have to be cut off again. English runs of fewer than three sounds also get a comma.
    Nothing is put before a line with no sound at all.

    Args:
        text: The line; or its stretches in order, each with the respelling that the script gives
            it (`[say:…]`), or None.
        language: The voice's language for this line.
        symbols: The checkpoint's symbol table.
        lexicon: The project's pronunciations.
        speaker: Whose entries of the lexicon win.
        style: `REFERENCE` for what the checkpoints heard in training, `SPOKEN` for what a reader
            would say where the two differ.
        pads_short: False leaves short lines as they are, for a transcript or a comparison.

    Returns:
        The utterance; without phonemes when the text holds nothing that can be said.

    Raises:
        UsageError: No front end or, for v1, no symbols for the language.
        SpellingError: A respelling cannot be read.
    """
    spoken = language if isinstance(language, Language) else language_of(language)
    table = symbol_table(symbols)
    if table.version is SymbolVersion.V1 and spoken not in _V1_LANGUAGES:
        raise UsageError(
            f"v1 checkpoints have no symbols for {spoken.value}",
            remedy="cast a voice with a v2 or later checkpoint for this language",
        )
    written: list[tuple[str, str | None]] = [(text, None)] if isinstance(text, str) else list(text)
    stretches = written
    if style is ReadingStyle.SPOKEN:
        stretches = [(prepare(stretch, spoken), say) for stretch, say in written]
    pieces = tuple(_cut(stretches, spoken, style, lexicon, speaker))
    segments = [
        segment for run in _runs(pieces) for segment in read_run(run[0], run[1], table, style)
    ]
    segments = [s for s in segments if s.phonemes or s.normalized_text or s.dropped]
    if pads_short and 0 < sum(len(s.phonemes) for s in segments) < FEWEST_PHONEMES:
        segments = _pad(segments)
    phonemes = tuple(chain.from_iterable([segment.phonemes for segment in segments]))
    return Utterance(
        text="".join(stretch for stretch, _ in written),
        language=spoken,
        normalized_text="".join(segment.normalized_text for segment in segments),
        segments=tuple(segments),
        phonemes=phonemes,
        phoneme_ids=table.encode(phonemes),
        word2ph=tuple(chain.from_iterable([segment.word2ph for segment in segments])),
        symbols=table.version.value,
        applied=tuple(_applied(pieces)),
    )


def unknown_words(text: str, language: Language | str) -> tuple[str, ...]:
    """List the words no dictionary knows: candidates for the lexicon.

    Args:
        text: The line.
        language: The voice's language for it.

    Returns:
        In order of appearance, once each.

    Raises:
        UsageError: No front end for the language.
    """
    spoken = language if isinstance(language, Language) else language_of(language)
    found: dict[str, None] = {}
    for run in split_languages(prepare(text, spoken), spoken, ReadingStyle.SPOKEN):
        for word in unknown_in_run(run.text, run.language):
            found.setdefault(word)
    return tuple(found)


def _cut(
    stretches: Sequence[tuple[str, str | None]],
    prior: Language,
    style: ReadingStyle,
    lexicon: Lexicon,
    speaker: str,
) -> Iterator[_Piece]:
    whole = "".join(text for text, _ in stretches)
    spoken = languages_of_characters(whole, prior, style)
    start = 0
    for text, say in stretches:
        languages = spoken[start : start + len(text)]
        start += len(text)
        if say is not None:
            yield from _respell(text, languages, parse_spelling(say, prior), prior)
        else:
            yield from _cut_by_lexicon(text, languages, prior, lexicon, speaker)


def _respell(
    text: str, languages: Sequence[Language], spelling: Spelling, prior: Language
) -> Iterator[_Piece]:
    """Put a respelling in a stretch's place, but keep the marks around it: they are pauses."""
    words = text.strip(_MARKS)
    start = text.find(words) if words else 0
    yield from _plain(text[:start], languages)
    yield _spell(words, spelling, prior)
    stop = start + len(words)
    yield from _plain(text[stop:], languages[stop:])


def _plain(text: str, languages: Sequence[Language]) -> Iterator[_Piece]:
    for run, language in runs_of(text, languages):
        yield _Piece(text=run, language=language)


def _cut_by_lexicon(
    text: str, languages: Sequence[Language], prior: Language, lexicon: Lexicon, speaker: str
) -> Iterator[_Piece]:
    """Look the line's own language up first, then each run in another one."""
    end = 0
    for match in lexicon.find(text, prior, speaker):
        yield from _cut_by_run(text[end : match.start], languages[end:], prior, lexicon, speaker)
        yield _spell(text[match.start : match.end], match.entry.spelling, prior)
        end = match.end
    yield from _cut_by_run(text[end:], languages[end:], prior, lexicon, speaker)


def _cut_by_run(
    text: str, languages: Sequence[Language], prior: Language, lexicon: Lexicon, speaker: str
) -> Iterator[_Piece]:
    for run, language in runs_of(text, languages):
        end = 0
        matches = () if language is prior else lexicon.find(run, language, speaker)
        for match in matches:
            yield _Piece(text=run[end : match.start], language=language)
            yield _spell(run[match.start : match.end], match.entry.spelling, language)
            end = match.end
        yield _Piece(text=run[end:], language=language)


def _spell(text: str, spelling: Spelling, prior: Language) -> _Piece:
    language = prior if spelling.notation in _OTHER_WORDS else spelling.language
    return _Piece(text=text, language=language, spelling=spelling)


def _runs(pieces: Sequence[_Piece]) -> Iterator[tuple[Language, list[Part]]]:
    heard = [piece for piece in pieces if piece.text or piece.spelling]
    runs = [list(group) for _, group in groupby(heard, key=lambda piece: piece.language)]
    for index, run in enumerate(runs):
        before = runs[index - 1][-1].text if index else ""
        after = runs[index + 1][0].text if index + 1 < len(runs) else ""
        last = len(run) - 1
        yield (
            run[0].language,
            [
                _part(piece, before if place == 0 else "", after if place == last else "")
                for place, piece in enumerate(run)
            ],
        )


def _part(piece: _Piece, before: str, after: str) -> Part:
    spelling = piece.spelling
    if spelling is None:
        return Part(text=piece.text, before=before, after=after)
    if spelling.phonemes:
        return Part(text=piece.text or spelling.value, phonemes=spelling.phonemes)
    return Part(text=spelling.text)


def _applied(pieces: Sequence[_Piece]) -> Iterator[AppliedEntry]:
    for piece in pieces:
        if piece.spelling:
            notation, value = piece.spelling.notation.value, piece.spelling.value
            yield AppliedEntry(word=piece.text, notation=notation, value=value)


def _pad(segments: list[SpokenSegment]) -> list[SpokenSegment]:
    first = segments[0]
    padded = replace(
        first,
        normalized_text=_CARRIER + first.normalized_text,
        units=(_CARRIER, *first.units),
        phonemes=(_CARRIER, *first.phonemes),
        word2ph=(1, *first.word2ph),
    )
    return [padded, *segments[1:]]

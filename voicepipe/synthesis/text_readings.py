"""What a text sounds like, as far as planning asks, small enough to keep (torch-free).

The utterance a front end answers holds each unit and phoneme by name. A plan needs the ids, what
BERT has to look at, and what people are told; that is what these records keep, each as an array:
a third of what the names of its fields would take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from voicepipe.errors import UsageError
from voicepipe.synthesis.parts import has_words, parts_and_sounds, read_aloud
from voicepipe.text.frontend import unknown_words
from voicepipe.text.spelling import SpellingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.screenplay.line import Segment
    from voicepipe.synthesis.parts import Reading
    from voicepipe.text.records import Utterance

_Count = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
_Pause = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF)]


class FeatureRun(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Characters whose phonemes carry linguistic features."""

    start: _Count
    """First of their phonemes."""
    units: tuple[str, ...]
    counts: tuple[_Count, ...]
    """Phonemes of each."""


class TextReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A text read aloud as one utterance."""

    normalized_text: str
    symbols: str
    """Version of the symbol table."""
    phoneme_ids: tuple[_Count, ...]
    characters: tuple[FeatureRun, ...] = ()
    applied: tuple[tuple[str, str, str], ...] = ()
    """Word, notation and value of the pronunciations of the project that were used."""
    dropped: tuple[str, ...] = ()
    """What no front end could say, as written."""


class PartReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A part of a line: see `SpokenPart`."""

    text: TextReading
    emotion: str = ""
    speed: float = 1.0
    pitch_semitones: float = 0.0
    energy_db: float = 0.0
    range: float = 1.0
    stressed: tuple[tuple[_Count, _Count], ...] = ()
    pause_after_ms: _Pause = 0
    is_written_pause: bool = False


class SoundReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A sound among the parts: see `SoundMark`."""

    name: str
    before_part: _Count
    energy_db: float = 0.0
    pause_after_ms: _Pause = 0


class LineReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A line read, or why it cannot be."""

    parts: tuple[PartReading, ...] = ()
    sounds: tuple[SoundReading, ...] = ()
    unknown: tuple[str, ...] = ()
    """Words without a respelling that neither a dictionary nor the lexicon knows: once a segment,
    in order."""
    language_fault: str = ""
    spelling_fault: str = ""
    remedy: str = ""

    @property
    def dropped(self) -> tuple[str, ...]:
        """What no front end could say, as written, part by part."""
        return tuple(lost for part in self.parts for lost in part.text.dropped)

    @property
    def needs_characters(self) -> bool:
        """Whether BERT has to look at the line."""
        return any(part.text.characters for part in self.parts)


class TranscriptReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A transcript read, or why it cannot be."""

    said: TextReading | None
    fault: str = ""

    @property
    def needs_characters(self) -> bool:
        """Whether BERT has to look at the transcript."""
        return self.said is not None and bool(self.said.characters)


def text_reading(said: Utterance) -> TextReading:
    """Keep of an utterance what a plan asks for."""
    return TextReading(
        normalized_text=said.normalized_text,
        symbols=said.symbols,
        phoneme_ids=said.phoneme_ids,
        characters=tuple(_feature_runs(said)),
        applied=tuple((entry.word, entry.notation, entry.value) for entry in said.applied),
        dropped=said.dropped,
    )


def read_line(segments: Sequence[Segment], reading: Reading) -> LineReading:
    """Read a line part by part.

    Args:
        segments: Of the line, in order.
        reading: Language, symbols, pronunciations.
    """
    try:
        parts, sounds = parts_and_sounds(segments, reading)
    except SpellingError as error:
        return LineReading(spelling_fault=error.message, remedy=error.remedy)
    except UsageError as error:
        return LineReading(language_fault=error.message, remedy=error.remedy)
    return LineReading(
        parts=tuple(
            PartReading(
                text=text_reading(part.utterance),
                emotion=part.emotion,
                speed=part.speed,
                pitch_semitones=part.pitch_semitones,
                energy_db=part.energy_db,
                range=part.range,
                stressed=part.stressed,
                pause_after_ms=part.pause_after_ms,
                is_written_pause=part.is_written_pause,
            )
            for part in parts
        ),
        sounds=tuple(
            SoundReading(
                name=sound.name,
                before_part=sound.before_part,
                energy_db=sound.energy_db,
                pause_after_ms=sound.pause_after_ms,
            )
            for sound in sounds
        ),
        unknown=tuple(
            word
            for segment in segments
            if parts and not segment.say
            for word in _unknown_words(segment.text, reading)
        ),
    )


def read_transcript(text: str, reading: Reading) -> TranscriptReading:
    """Read what is said in a reference clip."""
    try:
        said = read_aloud([(text, None)], reading, pads_short=False)
    except UsageError as error:
        return TranscriptReading(said=None, fault=error.message)
    if not has_words(said):
        return TranscriptReading(said=None, fault=f'nothing can be said of "{text}"')
    return TranscriptReading(said=text_reading(said))


def _unknown_words(text: str, reading: Reading) -> tuple[str, ...]:
    """List the words of a text that neither a dictionary nor the lexicon knows."""
    for match in reading.lexicon.find(text, reading.language, reading.speaker):
        text = text[: match.start] + " " * (match.end - match.start) + text[match.end :]
    return unknown_words(text, reading.language)


def _feature_runs(said: Utterance) -> list[FeatureRun]:
    found: list[FeatureRun] = []
    start = 0
    for segment in said.segments:
        if segment.has_features and segment.units:
            found.append(FeatureRun(start=start, units=segment.units, counts=segment.word2ph))
        start += len(segment.phonemes)
    return found

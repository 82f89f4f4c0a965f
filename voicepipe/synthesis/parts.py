"""From a line's text to the parts that are spoken in one breath each (torch-free).

A part is what the model hears at once: one delivery, no script pause inside, no longer than it can
keep in mind. Knows no models, clips or sound.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from voicepipe.screenplay.line import spoken_stretches
from voicepipe.text.clauses import natural_pause_ms, split_clauses
from voicepipe.text.frontend import utterance
from voicepipe.text.languages import Language
from voicepipe.text.records import ReadingStyle
from voicepipe.text.symbols import PUNCTUATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.screenplay.line import Segment
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import Utterance

Stretch = tuple[str, "str | None"]
"""Text, and the respelling that the script gives it."""
PhonemeRange = tuple[int, int]
"""The first phoneme, and the first one after the last."""

_ENDS = frozenset("，。？！,.?!~:：；;—…、-")
_SILENT = PUNCTUATION | {UNKNOWN, "SP", "SP2", "SP3", "_"}
_AFTER_SOUND_MS = 80
"""Where the script writes no pause."""
_CLOSERS = " \t”’」』）)》〉】]\"'"


class Reading(Struct, frozen=True, kw_only=True):
    """Whose words they are and how they are to be read."""

    language: Language
    symbols: str
    """Version of the checkpoint's symbol table."""
    lexicon: Lexicon
    speaker: str = ""


class SpokenPart(Struct, frozen=True, kw_only=True):
    """A part of a line as a model receives it."""

    utterance: Utterance
    emotion: str
    """As marked in the text; empty: the line's own."""
    speed: float
    """Relative to the line's."""
    pitch_semitones: float
    energy_db: float = 0.0
    range: float = 1.0
    stressed: tuple[PhonemeRange, ...] = ()
    """Which of the utterance's phonemes the script stresses."""
    pause_after_ms: int
    """Exact silence before the next part; 0 after the last, whose pause is finishing's business."""
    is_written_pause: bool = False
    """The script asks for that pause; otherwise it is what the marks of a long line ask for."""


class SoundMark(Struct, frozen=True, kw_only=True):
    """A sound among the parts of a line."""

    name: str
    before_part: int
    """How many parts are spoken before it."""
    energy_db: float
    pause_after_ms: int


class _Run(Struct, frozen=True, kw_only=True):
    """Segments that are spoken alike, without a pause between them."""

    stretches: tuple[Stretch, ...]
    stressed: tuple[tuple[int, int], ...]
    """Where stress begins and ends among the characters of all stretches."""
    emotion: str
    speed: float
    pitch_semitones: float
    energy_db: float
    range: float
    sound: str
    pause_after_ms: int
    is_written_pause: bool


def spoken_parts(segments: Sequence[Segment], reading: Reading) -> tuple[SpokenPart, ...]:
    """Give the parts of `parts_and_sounds`."""
    return parts_and_sounds(segments, reading)[0]


def parts_and_sounds(
    segments: Sequence[Segment], reading: Reading
) -> tuple[tuple[SpokenPart, ...], tuple[SoundMark, ...]]:
    """Read a line part by part.

    Args:
        segments: Of the line, in order.
        reading: Language, symbols, pronunciations.

    Returns:
        The parts that hold something to say; none when nothing does. And the sounds between them.
        Pauses of parts without words are added to what stands before them.

    Raises:
        UsageError: No front end, or no symbols, for the language.
        SpellingError: A respelling cannot be read.
    """
    parts: list[SpokenPart] = []
    sounds: list[SoundMark] = []
    for run in _runs(segments):
        if run.sound:
            sounds.append(_sound_mark(run, len(parts)))
            continue
        for clause in _clauses(run):
            said = read_aloud(clause.stretches, reading)
            if has_words(said):
                parts.append(_part(said, clause, reading))
            elif sounds and sounds[-1].before_part == len(parts):
                pause_ms = sounds[-1].pause_after_ms + clause.pause_after_ms
                sounds[-1] = replace(sounds[-1], pause_after_ms=pause_ms)
            elif parts:
                last = parts[-1]
                pause_ms = last.pause_after_ms + clause.pause_after_ms
                is_written = last.is_written_pause or clause.is_written_pause
                parts[-1] = replace(last, pause_after_ms=pause_ms, is_written_pause=is_written)
    if parts and not any(sound.before_part == len(parts) for sound in sounds):
        parts[-1] = replace(parts[-1], pause_after_ms=0, is_written_pause=False)
    return tuple(parts), tuple(sounds)


def read_aloud(
    stretches: Sequence[Stretch], reading: Reading, *, pads_short: bool = True
) -> Utterance:
    """Read stretches as one utterance that ends with a mark.

    The checkpoints were trained on sentences: without a closing mark they run on.

    Args:
        stretches: In order.
        reading: How.
        pads_short: See `voicepipe.text.frontend.utterance`; False for transcripts.
    """
    closed = list(stretches)
    whole = "".join(text for text, _ in closed).rstrip(_CLOSERS)
    if whole and whole[-1] not in _ENDS:
        is_latin = reading.language in {Language.EN, Language.KO}
        closed.append(("." if is_latin else "。", None))
    return utterance(
        closed,
        reading.language,
        symbols=reading.symbols,
        lexicon=reading.lexicon,
        speaker=reading.speaker,
        style=ReadingStyle.SPOKEN,
        pads_short=pads_short,
    )


def has_words(said: Utterance) -> bool:
    """Tell whether an utterance has a sound besides its marks."""
    return any(phoneme not in _SILENT for phoneme in said.phonemes)


def _sound_mark(run: _Run, before_part: int) -> SoundMark:
    return SoundMark(
        name=run.sound,
        before_part=before_part,
        energy_db=run.energy_db,
        pause_after_ms=run.pause_after_ms if run.is_written_pause else _AFTER_SOUND_MS,
    )


def _part(said: Utterance, clause: _Run, reading: Reading) -> SpokenPart:
    return SpokenPart(
        utterance=said,
        emotion=clause.emotion,
        speed=clause.speed,
        pitch_semitones=clause.pitch_semitones,
        energy_db=clause.energy_db,
        range=clause.range,
        stressed=tuple(
            _stressed_phonemes(said, clause.stretches, place, reading) for place in clause.stressed
        ),
        pause_after_ms=clause.pause_after_ms,
        is_written_pause=clause.is_written_pause,
    )


def _stressed_phonemes(
    said: Utterance, stretches: Sequence[Stretch], place: tuple[int, int], reading: Reading
) -> PhonemeRange:
    """Find the phonemes of some characters: those that what stands around them does not have."""
    before, _ = _take(list(stretches), place[0])
    _, after = _take(list(stretches), place[1])
    sounds = [index for index, phoneme in enumerate(said.phonemes) if _is_sound(phoneme)]
    n_before, n_after = _n_sounds(before, reading), _n_sounds(after, reading)
    held = sounds[n_before : len(sounds) - n_after]
    return (held[0], held[-1] + 1) if held else (0, 0)


def _n_sounds(stretches: Sequence[Stretch], reading: Reading) -> int:
    said = read_aloud(stretches, reading, pads_short=False)
    return sum(map(_is_sound, said.phonemes))


def _is_sound(phoneme: str) -> bool:
    """Tell sounds from marks, those of Japanese accents included."""
    return phoneme not in _SILENT and phoneme[0].isalnum()


def _runs(segments: Sequence[Segment]) -> Iterator[_Run]:
    gathered: list[Segment] = []
    for segment in segments:
        if gathered and not _is_alike(gathered[-1], segment):
            yield _run(gathered)
            gathered = []
        gathered.append(segment)
    if gathered:
        yield _run(gathered)


def _is_alike(before: Segment, after: Segment) -> bool:
    return (
        not before.pause_after_ms
        and not before.sound
        and not after.sound
        and before.emotion == after.emotion
        and before.speed == after.speed
        and before.pitch_semitones == after.pitch_semitones
        and before.energy_db == after.energy_db
        and before.range == after.range
    )


def _run(segments: list[Segment]) -> _Run:
    last = segments[-1]
    text = "".join(segment.text for segment in segments)
    return _Run(
        stretches=spoken_stretches(segments),
        stressed=_stressed_characters(segments),
        emotion=last.emotion,
        speed=last.speed,
        pitch_semitones=last.pitch_semitones,
        energy_db=last.energy_db,
        range=last.range,
        sound=last.sound,
        pause_after_ms=last.pause_after_ms or natural_pause_ms(text),
        is_written_pause=last.pause_after_ms > 0,
    )


def _stressed_characters(segments: Sequence[Segment]) -> tuple[tuple[int, int], ...]:
    ends = list(accumulate(len(segment.text) for segment in segments))
    found: list[tuple[int, int]] = []
    for segment, end in zip(segments, ends, strict=True):
        start = end - len(segment.text)
        if not segment.is_stressed:
            continue
        if found and found[-1][1] == start:  # a respelling inside
            start = found.pop()[0]
        found.append((start, end))
    return tuple(found)


def _clauses(run: _Run) -> Iterator[_Run]:
    """Cut a run that is too long; a respelled stretch stays whole."""
    clauses = split_clauses("".join(text for text, _ in run.stretches))
    if len(clauses) <= 1:
        yield run
        return
    left = list(run.stretches)
    end = 0
    for clause in clauses[:-1]:
        taken, left = _take(left, len(clause.text))
        start, end = end, end + sum(len(text) for text, _ in taken)
        if taken:
            yield replace(
                run,
                stretches=tuple(taken),
                stressed=_within(run.stressed, start, end),
                pause_after_ms=clause.pause_after_ms,
                is_written_pause=False,
            )
    if left:
        rest = _within(run.stressed, end, end + sum(len(text) for text, _ in left))
        yield replace(run, stretches=tuple(left), stressed=rest)


def _within(places: Sequence[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Cut places to a stretch of characters, and count them from its beginning."""
    cut = [(max(start, first) - start, min(end, last) - start) for first, last in places]
    return tuple((first, last) for first, last in cut if first < last)


def _take(stretches: list[Stretch], n_characters: int) -> tuple[list[Stretch], list[Stretch]]:
    taken: list[Stretch] = []
    left = list(stretches)
    while left and n_characters > 0:
        text, say = left.pop(0)
        if len(text) > n_characters and say is None:
            left.insert(0, (text[n_characters:], None))
            text = text[:n_characters]
        taken.append((text, say))
        n_characters -= len(text)
    return taken, left

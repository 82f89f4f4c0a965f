"""From a line's text to the parts that are spoken in one breath each (torch-free).

A part is what the model hears at once: one delivery, no script pause inside, no longer than it can
keep in mind. Knows no models, clips or sound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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

_ENDS = frozenset("，。？！,.?!~:：；;—…、-")
_SILENT = PUNCTUATION | {UNKNOWN, "SP", "SP2", "SP3", "_"}
_CLOSERS = " \t”’」』）)》〉】]\"'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Whose words they are and how they are to be read."""

    language: Language
    symbols: str
    """Version of the checkpoint's symbol table."""
    lexicon: Lexicon
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenPart:
    """A part of a line as a model receives it."""

    utterance: Utterance
    emotion: str
    """As marked in the text; empty: the line's own."""
    speed: float
    """Relative to the line's."""
    pitch_semitones: float
    pause_after_ms: int
    """Exact silence before the next part; 0 after the last, whose pause is finishing's business."""
    is_written_pause: bool = False
    """The script asks for that pause; otherwise it is what the marks of a long line ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Segments that are spoken alike, without a pause between them."""

    stretches: tuple[Stretch, ...]
    emotion: str
    speed: float
    pitch_semitones: float
    pause_after_ms: int
    is_written_pause: bool


def spoken_parts(segments: Sequence[Segment], reading: Reading) -> tuple[SpokenPart, ...]:
    """Read a line part by part.

    Args:
        segments: Of the line, in order.
        reading: Language, symbols, pronunciations.

    Returns:
        The parts that hold something to say; none when nothing does. Pauses of parts without words
        are added to those before them.

    Raises:
        UsageError: No front end, or no symbols, for the language.
        SpellingError: A respelling cannot be read.
    """
    parts: list[SpokenPart] = []
    for run in _runs(segments):
        for clause in _clauses(run):
            said = read_aloud(clause.stretches, reading)
            if has_words(said):
                parts.append(_part(said, clause))
            elif parts:
                last = parts[-1]
                pause_ms = last.pause_after_ms + clause.pause_after_ms
                is_written = last.is_written_pause or clause.is_written_pause
                parts[-1] = replace(last, pause_after_ms=pause_ms, is_written_pause=is_written)
    if parts:
        parts[-1] = replace(parts[-1], pause_after_ms=0, is_written_pause=False)
    return tuple(parts)


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


def _part(said: Utterance, clause: _Run) -> SpokenPart:
    return SpokenPart(
        utterance=said,
        emotion=clause.emotion,
        speed=clause.speed,
        pitch_semitones=clause.pitch_semitones,
        pause_after_ms=clause.pause_after_ms,
        is_written_pause=clause.is_written_pause,
    )


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
        and before.emotion == after.emotion
        and before.speed == after.speed
        and before.pitch_semitones == after.pitch_semitones
    )


def _run(segments: list[Segment]) -> _Run:
    last = segments[-1]
    text = "".join(segment.text for segment in segments)
    return _Run(
        stretches=tuple((segment.text, segment.say) for segment in segments),
        emotion=last.emotion,
        speed=last.speed,
        pitch_semitones=last.pitch_semitones,
        pause_after_ms=last.pause_after_ms or natural_pause_ms(text),
        is_written_pause=last.pause_after_ms > 0,
    )


def _clauses(run: _Run) -> Iterator[_Run]:
    """Cut a run that is too long; a respelled stretch stays whole."""
    clauses = split_clauses("".join(text for text, _ in run.stretches))
    if len(clauses) <= 1:
        yield run
        return
    left = list(run.stretches)
    for clause in clauses[:-1]:
        taken, left = _take(left, len(clause.text))
        if taken:
            yield replace(
                run,
                stretches=tuple(taken),
                pause_after_ms=clause.pause_after_ms,
                is_written_pause=False,
            )
    if left:
        yield replace(run, stretches=tuple(left))


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

"""Drawn mouths: one shape after another, as sprites need them (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.lipsync.sounds import CLOSED, REST, sound_spans
from voicepipe.lipsync.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.lipsync.sounds import SoundSpan
    from voicepipe.lipsync.timing import ClipTiming

SHORTEST_S: Final = 0.05
"""A shape that is seen for less flickers: at 24 pictures a second it may not be seen at all."""
SHORTEST_REST_S: Final = 0.15
"""In a shorter pause the mouth stays as it is."""
_SET = "rhubarb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A mouth shape and when it is seen."""

    shape: str
    """`A` to `H`, or `X`."""
    start_s: float
    end_s: float


def mouth_cues(timing: ClipTiming) -> tuple[Cue, ...]:
    """Choose mouth shapes for a whole clip: from 0 to its end, without a gap.

    Lips that meet are always seen, if need be at the cost of the shape that follows.
    """
    spans = sound_spans(timing.phonemes, language=timing.language, duration_s=timing.duration_s)
    if not spans:
        return ()
    return tuple(_merged(_lengthened(_shapes(spans))))


def _shapes(spans: Sequence[SoundSpan]) -> list[Cue]:
    shapes: Mapping[str, str] = table(_SET)["sounds"]
    rest = table(_SET)["rest"]
    cues: list[Cue] = []
    for number, span in enumerate(spans):
        is_short = span.end_s - span.start_s < SHORTEST_REST_S
        if span.sound == REST and is_short and 0 < number < len(spans) - 1:
            shape = cues[-1].shape
        else:
            shape = rest if span.sound == REST else shapes[span.sound]
        cues.append(Cue(shape=shape, start_s=span.start_s, end_s=span.end_s))
    return list(_merged(cues))


def _lengthened(cues: Sequence[Cue]) -> list[Cue]:
    """Leave out what would flicker; but closed lips take from their neighbours."""
    closed = table(_SET)["sounds"][CLOSED]
    kept: list[Cue] = []
    for cue in cues:
        start_s = kept[-1].end_s if kept else cue.start_s
        if cue.end_s <= start_s:
            continue
        length_s = cue.end_s - start_s
        if cue.shape == closed:
            end_s = min(max(cue.end_s, start_s + SHORTEST_S), cues[-1].end_s)
            kept.append(Cue(shape=closed, start_s=start_s, end_s=end_s))
        elif length_s < SHORTEST_S and kept:
            kept[-1] = Cue(shape=kept[-1].shape, start_s=kept[-1].start_s, end_s=cue.end_s)
        else:
            kept.append(Cue(shape=cue.shape, start_s=start_s, end_s=cue.end_s))
    return kept


def _merged(cues: Sequence[Cue]) -> Iterator[Cue]:
    current: Cue | None = None
    for cue in cues:
        if current is not None and current.shape == cue.shape:
            current = Cue(shape=cue.shape, start_s=current.start_s, end_s=cue.end_s)
            continue
        if current is not None:
            yield current
        current = cue
    if current is not None:
        yield current

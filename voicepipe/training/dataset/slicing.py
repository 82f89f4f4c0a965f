"""Cutting a long take where its speaker paused and its text has a full stop.

A stretch without its own words is worth nothing, so a take is cut only where pauses and sentences
agree: as many clear pauses as there are gaps between sentences, and every stretch about as long as
its sentence takes at the take's own pace. Everything else is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.silence import find_speech, frame_levels_db
from voicepipe.training.dataset.transcripts import sentences_by_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.audio.clip import AudioClip

LONGEST_S: Final = 15.0
"""Of a stretch that is trained with. Attention over a stretch grows with its square, and longer
ones crowd the others out of a batch; the published models saw few beyond it."""
TARGET_S: Final = (2.0, 10.0)
"""Neighbouring sentences are joined up to the upper, and until they reach the lower."""
SHORTEST_PAUSE_S: Final = 0.2
"""Closures of stops and breath groups inside a sentence stay under this."""
CLEARER: Final = 1.5
"""The shortest pause that is cut must be this much longer than the longest that is not."""
PACE_SPREAD: Final = 1.5
"""A sentence may be this much quicker or slower than its take, as actors are; a sentence beside
another's words is off by more, sooner or later."""
KEPT_SILENCE_S: Final = 0.25
"""Left before and after the speech of a stretch."""

_PAUSE_DB: Final = -32.0
"""Under the take's loud frames: this quiet is a pause. Rooms of a good take lie under it."""
_LOUD_PERCENTILE: Final = 95
_HOP_S: Final = 0.005
_FULL_STOP: Final = re.compile(
    r"""[.!?…]+["'”’»)\]]*(?=\s|$) | [。！？；]+[”’」』）]* | …+[”’」』）]*(?=[\u3000-\ud7af])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a take with its own words."""

    start: int
    """First sample."""
    end: int
    """One past the last."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCut:
    """Why a take cannot be cut."""

    reason: str
    remedy: str
    is_silent: bool = False
    """There is nothing in it to be cut."""


def cut_take(
    clip: AudioClip, text: str, weigh: Callable[[str], float]
) -> tuple[Stretch, ...] | NoCut:
    """Cut a take into stretches of two to ten seconds; a short take is one stretch.

    Args:
        clip: The take.
        text: What is said in it; line ends, where it has any, part the sentences.
        weigh: How long a text is when spoken, in any unit, such as its phonemes.

    Returns:
        The stretches in order, with little silence at their ends; or why there are none.
    """
    extent = find_speech(clip)
    if extent is None:
        remedy = "listen to it, and name the right file"
        return NoCut(reason="holds no speech", remedy=remedy, is_silent=True)
    rate = clip.sample_rate
    if (extent.end - extent.start) / rate <= LONGEST_S:
        whole = Stretch(start=extent.start, end=extent.end, text=_joined(sentences_by_line(text)))
        return (_framed(whole, clip),)
    sentences = split_sentences(text)
    lasts = f"speaks for {(extent.end - extent.start) / rate:.1f} s (at most {LONGEST_S:g} s)"
    if len(sentences) < 2:
        remedy = "cut it at a pause in an audio editor, with a text for each part"
        return NoCut(reason=f"{lasts} and its text is one sentence", remedy=remedy)
    bounds = _bounds(clip, extent.start, extent.end, len(sentences))
    if isinstance(bounds, str):
        remedy = "write one sentence a line into its .txt where the pauses are, or cut it by hand"
        return NoCut(reason=f"{lasts}, and {bounds}", remedy=remedy)
    pieces = [
        Stretch(start=start, end=end, text=sentence)
        for (start, end), sentence in zip(bounds, sentences, strict=True)
    ]
    odd = _odd_one(pieces, weigh)
    if odd is not None:
        reason = f'{lasts}, and "{_short(odd.text)}" does not fit the {_seconds(odd, rate)} between'
        remedy = "compare text and recording; write one sentence a line where the pauses are"
        return NoCut(reason=f"{reason} its pauses", remedy=remedy)
    return _as_stretches(pieces, clip, lasts)


def split_sentences(text: str) -> tuple[str, ...]:
    """Part a text at its line ends; a text on one line, at its full stops."""
    lines = sentences_by_line(text)
    if len(lines) > 1:
        return lines
    ends = [match.end() for match in _FULL_STOP.finditer(text)]
    parts = [text[start:end] for start, end in pairwise((0, *ends, len(text)))]
    return tuple(part.strip() for part in parts if re.search(r"\w", part))


def _bounds(clip: AudioClip, start: int, end: int, n_sentences: int) -> list[tuple[int, int]] | str:
    """Find as many spoken runs as sentences, or say why they do not agree."""
    pauses = _pauses(clip, start, end)
    wanted = n_sentences - 1
    if len(pauses) < wanted:
        return f"has {len(pauses)} pauses for {n_sentences} sentences"
    by_length = sorted(pauses, key=lambda pause: pause[1] - pause[0], reverse=True)
    if len(by_length) > wanted:
        last, first_left = by_length[wanted - 1], by_length[wanted]
        if last[1] - last[0] < CLEARER * (first_left[1] - first_left[0]):
            return (
                f"has {len(pauses)} pauses for {n_sentences} sentences, "
                "none of which clearly part them"
            )
    chosen = sorted(by_length[:wanted])
    edges = [start, *(edge for pause in chosen for edge in pause), end]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _pauses(clip: AudioClip, start: int, end: int) -> list[tuple[int, int]]:
    """List the quiet runs between first and last sound, in samples."""
    levels = frame_levels_db(clip)
    hop = max(1, round(_HOP_S * clip.sample_rate))
    loud = float(np.percentile(levels, _LOUD_PERCENTILE))
    quiet = np.concatenate(([0], (levels < loud + _PAUSE_DB).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(quiet)) * hop
    shortest = SHORTEST_PAUSE_S * clip.sample_rate
    return [
        (int(first), int(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if first > start and last < end and last - first >= shortest
    ]


def _odd_one(pieces: Sequence[Stretch], weigh: Callable[[str], float]) -> Stretch | None:
    """Find the piece that is furthest from the take's own pace, if it is too far."""
    lengths = np.array([piece.end - piece.start for piece in pieces], dtype=np.float64)
    weights = np.array([max(weigh(piece.text), 0.5) for piece in pieces])
    pace = float(weights.sum() / lengths.sum())
    off = np.abs(np.log(weights / lengths / pace))
    worst = int(np.argmax(off))
    return pieces[worst] if off[worst] > np.log(PACE_SPREAD) else None


def _as_stretches(
    pieces: Sequence[Stretch], clip: AudioClip, lasts: str
) -> tuple[Stretch, ...] | NoCut:
    """Join neighbours up to ten seconds, and refuse a sentence that is too long by itself."""
    rate = clip.sample_rate
    joined: list[Stretch] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and _may_join(last, piece, rate):
            text = _joined((last.text, piece.text))
            joined[-1] = Stretch(start=last.start, end=piece.end, text=text)
        else:
            joined.append(piece)
    long = next((p for p in joined if (p.end - p.start) / rate > LONGEST_S), None)
    if long is not None:
        reason = f'{lasts}, of which "{_short(long.text)}" alone takes {_seconds(long, rate)}'
        return NoCut(reason=reason, remedy="cut it at a breath in an audio editor")
    framed = [_framed(piece, clip) for piece in joined]
    # Two stretches share a pause that is shorter than what both would keep of it.
    for at in range(len(framed) - 1):
        left, right = framed[at], framed[at + 1]
        if left.end > right.start:
            middle = (left.end + right.start) // 2
            framed[at] = Stretch(start=left.start, end=middle, text=left.text)
            framed[at + 1] = Stretch(start=middle, end=right.end, text=right.text)
    return tuple(framed)


def _may_join(last: Stretch, piece: Stretch, rate: int) -> bool:
    together = (piece.end - last.start) / rate
    shorter = min(last.end - last.start, piece.end - piece.start) / rate
    return together <= TARGET_S[1] and shorter < TARGET_S[0] * 2


def _framed(piece: Stretch, clip: AudioClip) -> Stretch:
    keep = round(KEPT_SILENCE_S * clip.sample_rate)
    start, end = max(0, piece.start - keep), min(clip.n_samples, piece.end + keep)
    return Stretch(start=start, end=end, text=piece.text)


def _joined(sentences: Sequence[str]) -> str:
    """Put sentences on one line; scripts without spaces get none."""
    text = ""
    for sentence in sentences:
        is_spaced = text[-1:].isascii() or sentence[:1].isascii() or _is_hangul(sentence)
        text += (" " if text and is_spaced else "") + sentence
    return text


def _is_hangul(text: str) -> bool:
    return bool(text) and "\uac00" <= text[0] <= "\ud7a3"


def _seconds(piece: Stretch, rate: int) -> str:
    return f"{(piece.end - piece.start) / rate:.1f} s"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"

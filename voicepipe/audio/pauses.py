"""The pauses inside speech, and the same speech with longer or shorter ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.silence import LEVEL_HOP_S, find_speech, frame_levels_db, runs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PAUSE_DB: Final = -40.0
"""Under the loudest moment: quieter is a pause, or the closure of a plosive."""
_SHORTEST_S: Final = 0.12
"""Closures of plosives are shorter."""
_FADE_S: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch inside speech in which nobody speaks, in samples."""

    start: int
    end: int
    """One past the last."""

    @property
    def length(self) -> int:
        """How many samples it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseChange:
    """What is done to one pause."""

    pause: Pause
    length: int
    """Samples it lasts afterwards."""

    @property
    def more(self) -> int:
        """How many samples come in; under 0: go out."""
        return self.length - self.pause.length


def find_pauses(clip: AudioClip) -> tuple[Pause, ...]:
    """Find the pauses between the first sound and the last, in order."""
    extent = find_speech(clip)
    if extent is None:
        return ()
    levels = frame_levels_db(clip)
    hop = max(1, round(LEVEL_HOP_S * clip.sample_rate))
    found = []
    for first, last in runs_of(levels < float(levels.max()) + _PAUSE_DB):
        # A frame reaches over the beginning of the next one.
        pause = Pause(start=first * hop, end=(last + 1) * hop)
        is_inside = extent.start < pause.start and pause.end < extent.end
        if is_inside and pause.length >= _SHORTEST_S * clip.sample_rate:
            found.append(pause)
    return tuple(found)


def with_pauses(clip: AudioClip, changes: Sequence[PauseChange]) -> AudioClip:
    """Give a clip with other pauses; what sounds stays as it is, sample for sample.

    A pause is cut, or the room's own noise in it goes on, in its middle.

    Args:
        clip: Mono.
        changes: In order; of pauses of this clip.
    """
    pieces: list[NDArray[np.float32]] = []
    done = 0
    for change in changes:
        pieces.append(clip.samples[done : change.pause.start])
        pieces.append(_lasting(clip, change))
        done = change.pause.end
    pieces.append(clip.samples[done:])
    return AudioClip(samples=np.concatenate(pieces), sample_rate=clip.sample_rate)


def moved(at_s: float, changes: Sequence[PauseChange], sample_rate: int) -> float:
    """Say when a moment of a clip comes once its pauses are changed, in seconds."""
    at = at_s * sample_rate
    shift = 0.0
    for change in changes:
        pause = change.pause
        if at >= pause.end:
            shift += change.more
        elif at > pause.start:
            shift += (at - pause.start) / pause.length * change.more
    return (at + shift) / sample_rate


def _lasting(clip: AudioClip, change: PauseChange) -> NDArray[np.float32]:
    pause = change.pause
    room = clip.samples[pause.start : pause.end]
    n_fade = min(round(_FADE_S * clip.sample_rate), change.length // 4, pause.length // 4)
    if not change.more or not n_fade:
        return room[: change.length]
    if change.more < 0:
        half = change.length // 2
        return _joined(room[: half + n_fade], room[pause.length - change.length + half :], n_fade)
    middle = room[pause.length // 4 : pause.length - pause.length // 4]
    # Backwards and forwards, so that nothing jumps.
    there_and_back = np.concatenate((middle[::-1], middle))
    n_more = change.more + 2 * n_fade
    filling = np.resize(there_and_back, n_more)
    half = pause.length // 2
    return _joined(_joined(room[:half], filling, n_fade), room[half:], n_fade)


def _joined(
    before: NDArray[np.float32], after: NDArray[np.float32], n_fade: int
) -> NDArray[np.float32]:
    """Lay one end over the other beginning."""
    ramp = ((np.arange(n_fade) + 0.5) / n_fade).astype(np.float32)
    overlap = before[before.size - n_fade :] * ramp[::-1] + after[:n_fade] * ramp
    return np.concatenate((before[: before.size - n_fade], overlap, after[n_fade:]))

"""Making speech as long as its slot: first its pace, then its pauses.

The pace is the engine's: a line is spoken again with what its last answer's length asks for. What
comes of it follows from the line's own answers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.audio.pauses import PauseChange, find_pauses, moved, with_pauses
from voicepipe.audio.silence import find_speech
from voicepipe.synthesis.alignment import Alignment, PhonemeTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.pauses import Pause
    from voicepipe.synthesis.slot import Slot

MOST_CORRECTIONS: Final = 2
"""How often one answer's pace is set anew."""
_AIM: Final = 0.5
"""Of the tolerance: what lies nearer is left as it is."""
_LEAST_CHANGE: Final = 0.01
"""A smaller change of pace is not worth another answer."""
_SHORTEST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 1.0
_SHRUNK: Final = 0.4
_GROWN: Final = 2.0
"""Of its length: how far a pause is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedSpeech:
    """An answer with its pauses changed so that it fits, as far as they go."""

    clip: AudioClip
    alignment: Alignment | None


def speech_s(clip: AudioClip) -> float:
    """Measure from the first sound to the last; 0: there is none."""
    extent = find_speech(clip)
    return 0.0 if extent is None else (extent.end - extent.start) / clip.sample_rate


def better_pace(clip: AudioClip, slot: Slot, pace: float) -> float | None:
    """Say at which pace the same words would fit better.

    Args:
        clip: Spoken at `pace`.
        slot: What it has to fit.
        pace: A factor on the line's own.

    Returns:
        None: it fits well enough, or no pace that is allowed fits better.
    """
    spoken_s = speech_s(clip)
    if not spoken_s or abs(slot.difference(spoken_s)) <= _AIM * slot.tolerance:
        return None
    resting_s = sum(pause.length for pause in find_pauses(clip)) / clip.sample_rate
    # Pauses that a script asks for keep their length at any pace; the engine's own do not.
    voiced_s = spoken_s - resting_s / 2
    room_s = max(slot.slot_s - resting_s / 2, 0.1 * slot.slot_s)
    wanted = round(slot.within(pace * voiced_s / room_s), 3)
    return wanted if abs(wanted / pace - 1) >= _LEAST_CHANGE else None


def fitted(clip: AudioClip, alignment: Alignment | None, slot: Slot) -> FittedSpeech:
    """Change the pauses of an answer by what its pace leaves."""
    spoken_s = speech_s(clip)
    changes: Sequence[PauseChange] = ()
    if spoken_s and abs(slot.difference(spoken_s)) > _AIM * slot.tolerance:
        changes = _changes(clip, round((slot.slot_s - spoken_s) * clip.sample_rate))
    if not changes:
        return FittedSpeech(clip=clip, alignment=alignment)
    return FittedSpeech(
        clip=with_pauses(clip, changes),
        alignment=_moved(alignment, changes, clip.sample_rate),
    )


def _changes(clip: AudioClip, n_more: int) -> list[PauseChange]:
    """Share out what is lacking or too much among the pauses, as far as each goes."""
    pauses = find_pauses(clip)
    room = [_room(pause, clip.sample_rate, grows=n_more > 0) for pause in pauses]
    total = sum(room)
    if not total:
        return []
    share = min(1.0, abs(n_more) / total)
    sign = 1 if n_more > 0 else -1
    return [
        PauseChange(pause=pause, length=pause.length + sign * round(share * most))
        for pause, most in zip(pauses, room, strict=True)
    ]


def _room(pause: Pause, sample_rate: int, *, grows: bool) -> int:
    """Count the samples by which a pause may be changed."""
    length = pause.length
    if grows:
        return max(0, round(min(_GROWN * length, _LONGEST_PAUSE_S * sample_rate)) - length)
    return max(0, length - round(max(_SHRUNK * length, _SHORTEST_PAUSE_S * sample_rate)))


def _moved(
    alignment: Alignment | None, changes: Sequence[PauseChange], sample_rate: int
) -> Alignment | None:
    if alignment is None:
        return None
    return Alignment(
        phonemes=tuple(
            PhonemeTime(
                phoneme=one.phoneme,
                start_s=moved(one.start_s, changes, sample_rate),
                end_s=moved(one.end_s, changes, sample_rate),
            )
            for one in alignment.phonemes
        )
    )

"""Parts of a line into one clip: pitch, exact pauses, no clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.pauses import PauseChange, find_pauses, with_pauses
from voicepipe.audio.resample import resample
from voicepipe.audio.silence import find_speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_FADE_MS = 5
_BREATH_MS = 40
"""Room left at a joint without a pause, such as a change of emotion within a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartSound:
    """One part's sound and the silence after it."""

    samples: NDArray[np.float32]
    """Shape (S,); holds speech."""
    pause_after_ms: int


def pitch_ratio(semitones: float) -> float:
    """Frequency ratio of an interval."""
    return float(2.0 ** (semitones / 12.0))


def pitch_shifted(samples: NDArray[np.float32], sample_rate: int, semitones: float) -> AudioClip:
    """Raise a voice by playing it faster; the caller had it spoken slower by the same ratio.

    Args:
        samples: Spoken at the wanted speed divided by `pitch_ratio(semitones)`.
        sample_rate: Hz.
        semitones: Over 0 is higher. Formants move along.
    """
    clip = AudioClip(samples=samples, sample_rate=sample_rate)
    if semitones == 0:
        return clip
    played = round(sample_rate * pitch_ratio(semitones))
    faster = resample(AudioClip(samples=samples, sample_rate=played), sample_rate)
    return AudioClip(samples=faster.samples, sample_rate=sample_rate)


def amplified(samples: NDArray[np.float32], gain_db: float) -> NDArray[np.float32]:
    """Make a part louder than the others of its line; the line as a whole is levelled later."""
    return samples * np.float32(10 ** (gain_db / 20)) if gain_db else samples


def with_scaled_pauses(clip: AudioClip, factor: float) -> AudioClip:
    """Lengthen or shorten the pauses within a part; what sounds stays sample for sample."""
    if factor == 1:
        return clip
    changes = [
        PauseChange(pause=pause, length=round(pause.length * factor)) for pause in find_pauses(clip)
    ]
    return with_pauses(clip, changes)


def joined_parts(parts: Sequence[PartSound], sample_rate: int) -> AudioClip:
    """Lay parts end to end.

    At a joint each side is cut to what sounds, so that a pause is as long as it should be; the
    line's own ends are left to finishing.

    Args:
        parts: At least one.
        sample_rate: Hz, of all.
    """
    if len(parts) == 1:
        return AudioClip(samples=parts[0].samples, sample_rate=sample_rate)
    pieces: list[NDArray[np.float32]] = []
    last = len(parts) - 1
    for index, part in enumerate(parts):
        before = parts[index - 1].pause_after_ms if index else 0
        sound = _cut(part, sample_rate, before=before, head=index > 0, tail=index < last)
        pieces.append(sound)
        if index < last:
            n_pause = round(part.pause_after_ms * sample_rate / 1000)
            pieces.append(np.zeros(n_pause, dtype=np.float32))
    return AudioClip(samples=np.concatenate(pieces), sample_rate=sample_rate)


def _cut(
    part: PartSound, sample_rate: int, *, before: int, head: bool, tail: bool
) -> NDArray[np.float32]:
    extent = find_speech(AudioClip(samples=part.samples, sample_rate=sample_rate))
    assert extent is not None, "a part without speech is refused before it is joined"
    breath = round(_BREATH_MS * sample_rate / 1000)
    start, end = 0, part.samples.size
    if head:
        start = max(0, extent.start - (0 if before else breath))
    if tail:
        end = min(end, extent.end + (0 if part.pause_after_ms else breath))
    sound: NDArray[np.float32] = part.samples[start:end].copy()
    n_fade = min(round(_FADE_MS * sample_rate / 1000), sound.size // 2)
    ramp = ((np.arange(n_fade) + 0.5) / max(1, n_fade)).astype(np.float32)
    if head:
        sound[:n_fade] *= ramp
    if tail:
        sound[sound.size - n_fade :] *= ramp[::-1]
    return sound

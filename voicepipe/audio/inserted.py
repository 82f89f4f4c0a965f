"""Known sounds inside a clip: found again, and taken out for those who listen for words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.audio.silence import find_speech

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_COMPARED_HZ: Final = 8_000
_ALIKE: Final = 0.8
"""Correlation from which a stretch is the sound: finishing changes its level and little else."""
_MOST_TIMES: Final = 20
_FAINT: Final = 1e-6


def without_sounds(clip: AudioClip, sounds: Iterable[AudioClip]) -> AudioClip:
    """Silence known sounds in a clip, wherever and however loud they are.

    Args:
        clip: Finished or not.
        sounds: At any rates.

    Returns:
        As long as it was; the clip itself when none is in it.
    """
    places = _places(clip, sounds)
    if not places:
        return clip
    samples = clip.samples.copy()
    for start, end in places:
        samples[start:end] = 0.0
    return AudioClip(samples=samples, sample_rate=clip.sample_rate)


def words_only(clip: AudioClip, sounds: Iterable[AudioClip]) -> AudioClip:
    """Cut known sounds out of a clip; otherwise as `without_sounds`."""
    places = _places(clip, sounds)
    if not places:
        return clip
    is_kept = np.ones(clip.n_samples, dtype=bool)
    for start, end in places:
        is_kept[start:end] = False
    return AudioClip(samples=clip.samples[is_kept], sample_rate=clip.sample_rate)


def _places(clip: AudioClip, sounds: Iterable[AudioClip]) -> list[tuple[int, int]]:
    """Find the first sample of every sound, and the first one after it."""
    places = []
    heard = resample(clip, _COMPARED_HZ).samples.astype(np.float64)
    for sound in sounds:
        known = _core(resample(sound, _COMPARED_HZ))
        for _ in range(_MOST_TIMES):
            at = _place(known, heard)
            if at is None:
                break
            ends = (max(0, at), min(len(heard), at + len(known)))
            heard[slice(*ends)] = 0.0
            start, end = (round(n * clip.sample_rate / _COMPARED_HZ) for n in ends)
            places.append((start, min(end, clip.n_samples)))
    return places


def _core(sound: AudioClip) -> NDArray[np.float64]:
    extent = find_speech(sound)
    heard = sound.samples if extent is None else sound.samples[extent.start : extent.end]
    return np.asarray(heard, dtype=np.float64)


def _place(known: NDArray[np.float64], heard: NDArray[np.float64]) -> int | None:
    """Find the first sample of the stretch that is most like a sound, if it is the sound.

    Below 0 where the clip begins with it and was trimmed.
    """
    power = float(known @ known)
    room = len(known) // 2
    heard = np.pad(heard, room)
    if len(known) > len(heard) or power < _FAINT:
        return None
    size = 1 << (len(known) + len(heard)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(known, size))
    likeness = np.fft.irfft(product, size)[: len(heard) - len(known) + 1]
    sums = np.cumsum(np.concatenate(([0.0], heard**2)))
    powers = sums[len(known) :] - sums[: -len(known)]
    likeness = likeness / np.sqrt(np.maximum(powers, _FAINT) * power)
    best = int(np.argmax(likeness))
    return best - room if likeness[best] >= _ALIKE else None

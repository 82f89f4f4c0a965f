"""Spoken stretches and exact pauses, put together into one clip and doubted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.errors import SynthesisError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_AUDIBLE = 33 / 32768  # -60 dBFS: espeak-ng's own rest noise is below
_MIN_PEAK = 0.01  # -40 dBFS; the quietest delivery peaks ten times higher
_MIN_S_PER_LETTER = 0.01  # at 450 words a minute a letter takes 0.025 s
_MAX_S_PER_LETTER = 2.0  # a digit of a long number may take 1 s at 80 words a minute


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """One segment's sound and the pause after it."""

    samples: NDArray[np.float32]
    """Shape (S,), full scale is [-1, 1]; empty for a bare pause."""
    pause_after_ms: int


def spoken_samples(pcm: bytes, text: str, n_letters: int, sample_rate: int) -> NDArray[np.float32]:
    """Turn PCM into samples, and make sure that it can be speech.

    Args:
        pcm: 16-bit little-endian mono.
        text: What was asked for, for messages.
        n_letters: Letters and digits in it, at least 1.
        sample_rate: Hz.

    Raises:
        SynthesisError: No sound, or far too short or too long for the text.
    """
    whole_numbers = np.frombuffer(pcm, dtype="<i2")
    samples: NDArray[np.float32] = whole_numbers.astype(np.float32) / np.float32(32768)
    audible = _audible_part(samples)
    if audible.size == 0 or float(np.abs(audible).max()) < _MIN_PEAK:
        raise SynthesisError(f'espeak-ng made no sound for "{text}"')
    duration_s = audible.size / sample_rate
    low, high = n_letters * _MIN_S_PER_LETTER, 2.0 + n_letters * _MAX_S_PER_LETTER
    if not low <= duration_s <= high:
        message = (
            f'espeak-ng spoke {duration_s:.2f} s for "{text}"; {n_letters} letters take '
            f"{low:.2f} to {high:.2f} s"
        )
        raise SynthesisError(message)
    return samples


def joined(stretches: Sequence[Stretch], sample_rate: int) -> AudioClip:
    """Lay stretches end to end, with pauses that are as long as asked and wholly silent.

    Sound beside a pause is cut to its audible part first, so that the pause is neither longer nor
    shorter than written; elsewhere espeak-ng's own breath between clauses stays.
    """
    pieces: list[NDArray[np.float32]] = []
    is_after_pause = False
    for stretch in stretches:
        has_pause = stretch.pause_after_ms > 0
        pieces.append(_trimmed(stretch.samples, head=is_after_pause, tail=has_pause))
        if has_pause:
            n_pause = round(stretch.pause_after_ms * sample_rate / 1000)
            pieces.append(np.zeros(n_pause, dtype=np.float32))
        is_after_pause = has_pause
    return AudioClip(samples=np.concatenate(pieces), sample_rate=sample_rate)


def _audible_part(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return _trimmed(samples, head=True, tail=True)


def _trimmed(samples: NDArray[np.float32], *, head: bool, tail: bool) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if loud.size == 0:
        return samples[:0] if head or tail else samples
    start = int(loud[0]) if head else 0
    stop = int(loud[-1]) + 1 if tail else samples.size
    return samples[start:stop]

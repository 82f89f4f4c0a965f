"""Where speech begins and ends in a clip.

Two thresholds under the clip's loudest moment: the upper one finds speech, the lower one follows
it into soft onsets, tails and breaths. What lies outside is room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.clip import AudioClip

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRAME_S = 0.010
LEVEL_HOP_S = 0.005
"""Between two frames of `frame_levels_db`."""
_SPEECH_DB = -35.0
"""Under the loudest frame: this much energy is speech, or as loud as speech."""
_SOFT_DB = -55.0
"""Under the loudest frame: breaths, releases and soft onsets end here."""
_NOISY_SOFT_DB = -45.0
"""The highest the lower threshold goes when the room is noisy."""
_ABOVE_ROOM_DB = 6.0
_SHORTEST_SOUND_S = 0.020
"""A soft sound must last this long; anything shorter is a click."""
_BREATH_GAP_S = 0.400
"""A breath may stand this far from the words it belongs to."""
SILENT_DBFS = -60.0
"""A clip whose loudest frame lies under this holds no speech at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The stretch of a clip that sounds."""

    start: int
    """First sample that sounds."""
    end: int
    """One past the last."""


def find_speech(clip: AudioClip) -> Extent | None:
    """Find where sound begins and ends, breaths and soft edges included.

    Returns:
        None when no 10 ms frame reaches -60 dBFS RMS.
    """
    levels = frame_levels_db(clip)
    if not len(levels) or float(levels.max()) < SILENT_DBFS:
        return None
    loudest = float(levels.max())
    room = float(np.percentile(levels, 10))
    soft_db = max(loudest + _SOFT_DB, min(room + _ABOVE_ROOM_DB, loudest + _NOISY_SOFT_DB))
    runs = runs_of(levels >= soft_db)
    sounds = [run for run in runs if run[1] - run[0] + 1 >= _SHORTEST_SOUND_S / LEVEL_HOP_S] or runs
    peaks = [float(levels[first : last + 1].max()) for first, last in sounds]
    # A click may be the loudest moment; then the loudest real sound is speech.
    speech_db = min(loudest + _SPEECH_DB, max(peaks))
    speech = [run for run, peak in zip(sounds, peaks, strict=True) if peak >= speech_db]
    first, last = _grow(sounds, speech[0][0], speech[-1][1])
    hop, frame = _steps(clip.sample_rate)
    return Extent(start=first * hop, end=min(clip.n_samples, last * hop + frame))


def speech_fault(clip: AudioClip) -> str:
    """Say why a sound cannot be speech; empty when it can."""
    if not clip.n_samples or not bool(np.isfinite(clip.samples).all()):
        return "the waveform holds no numbers (none at all, NaN or infinite)"
    if find_speech(clip) is None:
        return "the waveform is silent: nothing in it is as loud as speech"
    return ""


def trim(clip: AudioClip, *, keep_ms: float) -> AudioClip:
    """Cut silence from both ends.

    Args:
        clip: Mono; given back unchanged when it holds no speech.
        keep_ms: Left standing before the first and after the last sound.
    """
    extent = find_speech(clip)
    if extent is None:
        return clip
    keep = round(keep_ms * clip.sample_rate / 1000)
    start, end = max(0, extent.start - keep), min(clip.n_samples, extent.end + keep)
    return AudioClip(samples=clip.samples[start:end], sample_rate=clip.sample_rate)


def frame_levels_db(clip: AudioClip) -> NDArray[np.float64]:
    """Measure RMS in 10 ms frames every 5 ms, the last one shorter; dBFS, at least -200.

    Returns:
        Shape (frames,); empty for an empty clip.
    """
    hop, frame = _steps(clip.sample_rate)
    running = np.concatenate(([0.0], np.cumsum(np.square(clip.samples, dtype=np.float64))))
    starts = np.arange(0, max(1, clip.n_samples - frame + hop), hop)
    starts = starts[starts < clip.n_samples]
    ends = np.minimum(starts + frame, clip.n_samples)
    power = np.maximum(running[ends] - running[starts], 0.0) / np.maximum(ends - starts, 1)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-20))
    return levels


def _steps(sample_rate: int) -> tuple[int, int]:
    return max(1, round(LEVEL_HOP_S * sample_rate)), max(1, round(_FRAME_S * sample_rate))


def runs_of(above: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give the first and the last index of every stretch that is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], above.astype(np.int8), [0]))))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _grow(runs: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    reach = round(_BREATH_GAP_S / LEVEL_HOP_S)
    for start, end in reversed(runs):
        if start < first <= end + reach:
            first = start
    for start, end in runs:
        if end > last >= start - reach:
            last = end
    return first, last

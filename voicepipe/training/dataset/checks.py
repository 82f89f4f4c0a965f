"""What is measured on one stretch of a dataset, and what is said about it.

Figures only describe; `dataset_verdict` decides about the whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.loudness import measure_loudness
from voicepipe.training.codes import (
    NARROW,
    NOISY,
    OFFSET,
    OVERLOADED,
    PACE,
    SEVERAL_CHANNELS,
)
from voicepipe.voices.reference_checks import MAX_OFFSET, MIN_SNR_DB, measure_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.wav import SoundFacts
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.findings import Findings

SHORTEST_S: Final = 0.6
"""The acoustic stage hears 0.64 s at a time, and pads what is a little shorter."""
NARROW_HZ: Final = 5_000.0
"""Telephones end at 3.4 kHz and 8 kHz files at 4; nothing recorded in a room ends under 5."""
DULL_HZ: Final = 9_000.0
"""16 kHz files and conference calls end at 7 to 8 kHz; s and f have half of their energy beyond."""
SLOWEST, QUICKEST = 3.0, 25.0
"""Sounds a second of speech: the published models were trained within, and nobody speaks beyond."""

_LONG_ENOUGH_S: Final = 2.0
"""A short phrase may do without any s or f, and without a moment in which the room is heard."""
_N_FFT: Final = 2048
_FLOOR_MARGIN_DB: Final = 10.0
"""Speech stands this far above what is always there."""
_DEEPEST_DB: Final = -72.0
"""Under the strongest band: lower is the rounding of 16 bits, not speech."""
_BAND_HZ: Final = 250.0
_FEWEST_PACES: Final = 8
_LEAST_DISTANCE: Final = 0.1
_SPREADS: Final = 6.0
"""Median deviations: one person's takes lie within three or four of them."""
_NYQUIST_SHARE: Final = 0.97
"""Filters of converters fall off near the top; a file that reaches there is whole."""
_HELD_PERCENTILE: Final = 98.0
"""Of frames: the loudest of s and f, which are a twentieth of speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchFigures:
    """What was measured on one stretch."""

    duration_s: float
    speech_s: float
    """From the first sound to the last."""
    sample_rate: int
    """Hz, of the file."""
    channels: int
    bandwidth_hz: float
    """Where speech ends; at most half of the sample rate."""
    snr_db: float
    """Loud frames over quiet frames; `inf` over digital silence."""
    clipped_runs: int
    """Places where the wave stands flat at its extreme."""
    offset: float
    """The mean; full scale is 1."""
    loudness_lufs: float | None
    """None: too quiet for any loudness."""
    n_phonemes: int
    """Sounds of the text, without marks."""

    @property
    def phonemes_per_s(self) -> float:
        """The pace."""
        return self.n_phonemes / self.speech_s

    @property
    def is_paced_as_speech(self) -> bool:
        """Whether anybody could say this text in this time."""
        return SLOWEST <= self.phonemes_per_s <= QUICKEST


def measure_clip(clip: AudioClip, facts: SoundFacts, n_phonemes: int) -> StretchFigures:
    """Measure one stretch.

    Args:
        clip: The stretch alone.
        facts: Of the file it is from.
        n_phonemes: Of its text, without marks.
    """
    figures = measure_reference("", clip, facts)
    loudness = measure_loudness(clip)
    return StretchFigures(
        duration_s=clip.duration_s,
        speech_s=clip.duration_s - figures.leading_silence_s - figures.trailing_silence_s,
        sample_rate=clip.sample_rate,
        channels=facts.channels,
        bandwidth_hz=bandwidth_hz(clip),
        snr_db=figures.snr_db,
        clipped_runs=figures.clipped_runs,
        offset=figures.offset,
        loudness_lufs=None if loudness is None else loudness.lufs,
        n_phonemes=n_phonemes,
    )


def bandwidth_hz(clip: AudioClip) -> float:
    """Find where a recording's speech ends, whatever its sample rate promises.

    The strongest moments of every band are compared with the strongest band and with the band that
    is quietest: speech ends where nothing stands out of the noise any more. Noise that was added
    after a conversion upwards does not pass for speech.

    Returns:
        Hz; half of the sample rate for a recording that reaches the top.
    """
    nyquist = clip.sample_rate / 2
    held = _held_spectrum(clip)
    if held is None:
        return nyquist
    per_band = max(1, round(_BAND_HZ * _N_FFT / clip.sample_rate))
    n_bands = len(held) // per_band
    bands = held[: n_bands * per_band].reshape(n_bands, per_band).mean(axis=1)
    levels = 10 * np.log10(np.maximum(bands, 1e-20))
    width = per_band * clip.sample_rate / _N_FFT
    tops = (np.arange(n_bands) + 1) * width
    inside = tops <= _NYQUIST_SHARE * nyquist
    floor = float(levels[inside].min()) if inside.any() else -math.inf
    needed = max(float(levels.max()) + _DEEPEST_DB, floor + _FLOOR_MARGIN_DB)
    heard = np.flatnonzero(levels >= needed)
    if floor >= float(levels.max()) + _DEEPEST_DB / 2 or not len(heard):
        return nyquist  # as loud everywhere as at its loudest: noise, or no speech at all
    top = float(tops[heard[-1]])
    return nyquist if top >= _NYQUIST_SHARE * nyquist - width else top


def _held_spectrum(clip: AudioClip) -> NDArray[np.float64] | None:
    """Give the power that each frequency reaches in its strongest moments; None when too short."""
    n_frames = (clip.n_samples - _N_FFT) // (_N_FFT // 2) + 1
    if n_frames < 4:
        return None
    starts = np.arange(n_frames) * (_N_FFT // 2)
    window = np.blackman(_N_FFT)  # side lobes at -58 dB, falling: a strong band hides no weak one
    power = np.empty((n_frames, _N_FFT // 2 + 1))
    for row, start in enumerate(starts):
        spectrum = np.fft.rfft(clip.samples[start : start + _N_FFT] * window)
        power[row] = np.square(np.abs(spectrum))
    held: NDArray[np.float64] = np.percentile(power, _HELD_PERCENTILE, axis=0)
    return held


def judge_clip(
    name: str, figures: StretchFigures, *, sound_at: SourceSpan, text_at: SourceSpan, to: Findings
) -> None:
    """Say what is wrong with one stretch.

    Args:
        name: What to call it.
        figures: Measured.
        sound_at: Where a transcript names the recording.
        text_at: Where its text is.
        to: Told of it.
    """
    if not figures.is_paced_as_speech:
        message = (
            f'"{name}" has {figures.n_phonemes} sounds in {figures.speech_s:.1f} s: '
            f"{figures.phonemes_per_s:.1f} a second; speech has {SLOWEST:g} to {QUICKEST:g}"
        )
        to.add(PACE, text_at, message, "compare text and recording; until then it is left out")
    if figures.clipped_runs:
        message = f'"{name}" is overloaded in {figures.clipped_runs} places'
        to.add(OVERLOADED, sound_at, message, "use another take")
    if figures.snr_db < MIN_SNR_DB and figures.duration_s >= _LONG_ENOUGH_S:
        message = f'"{name}" has a signal-to-noise ratio of about {figures.snr_db:.0f} dB'
        remedy = "use a cleaner take, or leave it out"
        to.add(NOISY, sound_at, f"{message}; {MIN_SNR_DB:g} dB or more is good", remedy)
    if figures.bandwidth_hz < NARROW_HZ and figures.duration_s >= _LONG_ENOUGH_S:
        message = (
            f'"{name}" ends at {figures.bandwidth_hz / 1000:.1f} kHz, although its '
            f"{figures.sample_rate} Hz reach to {figures.sample_rate / 2000:g} kHz"
        )
        if figures.sample_rate / 2 < NARROW_HZ:
            message = f'"{name}" has only {figures.sample_rate} Hz'
        to.add(NARROW, sound_at, message, "find the original recording")
    if abs(figures.offset) > MAX_OFFSET:
        message = f'"{name}" swings around {figures.offset:+.3f} instead of 0'
        to.add(OFFSET, sound_at, message, "remove the offset in an audio editor")
    if figures.channels > 1:
        message = f'"{name}" has {figures.channels} channels; their average is used'
        to.add(SEVERAL_CHANNELS, sound_at, message, "export one microphone as mono")


def odd_paces(paces: Sequence[float]) -> tuple[int, ...]:
    """Find recordings at half or twice the usual pace of their group.

    Args:
        paces: Sounds a second, of one language.

    Returns:
        Their places; none among fewer than eight, where nothing is usual yet.
    """
    if len(paces) < _FEWEST_PACES:
        return ()
    usual = float(np.median(np.asarray(paces)))
    return tuple(i for i, pace in enumerate(paces) if not usual / 2 <= pace <= usual * 2)


def other_voices(embeddings: NDArray[np.float32]) -> tuple[int, ...]:
    """Find recordings that sound like somebody else, by how far they are from the others.

    Args:
        embeddings: (recordings, width) of the speaker network.

    Returns:
        Their places; none among fewer than eight.
    """
    if len(embeddings) < _FEWEST_PACES:
        return ()
    rows = np.asarray(embeddings, dtype=np.float64)
    units = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    # The median is not drawn towards a second speaker, as a mean would be.
    middle = np.median(units, axis=0)
    near = units @ (middle / max(float(np.linalg.norm(middle)), 1e-12))
    usual = float(np.median(near))
    spread = float(np.median(np.abs(near - usual)))
    limit = usual - max(_LEAST_DISTANCE, _SPREADS * spread)
    return tuple(int(place) for place in np.flatnonzero(near < limit))

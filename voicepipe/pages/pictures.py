"""What a clip looks like: outline and spectrogram, small enough for ten thousand of them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

PICTURE_REVISION: Final = 1
"""Raised whenever the same clip would be drawn otherwise."""
N_PEAKS: Final = 240
N_COLUMNS: Final = 160
N_BANDS: Final = 48
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 11_000.0
_WINDOW_S: Final = 0.025
_RANGE_DB: Final = 72.0
"""From the loudest point of the clip down to what is drawn black."""
_LEVELS: Final = 15
"""Four bits a point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A clip's outline and spectrogram, as the page's scripts read them."""

    peaks: str
    """Base64 of `N_PEAKS` bytes: the largest magnitude of each stretch, 255 full scale."""
    spectrogram: str
    """Base64 of two points a byte, the first in the high half: columns of `N_BANDS`, low first."""


def picture_of(clip: AudioClip) -> Picture:
    """Draw a clip.

    Args:
        clip: Any length, any rate.
    """
    return Picture(
        peaks=base64.b64encode(_peaks(clip.samples)).decode(),
        spectrogram=base64.b64encode(_spectrogram(clip)).decode(),
    )


def _peaks(samples: NDArray[np.float32]) -> bytes:
    edges = np.linspace(0, samples.size, N_PEAKS + 1).astype(int)[:-1]
    if samples.size < N_PEAKS:
        samples = np.resize(samples, N_PEAKS) if samples.size else np.zeros(N_PEAKS, np.float32)
        edges = np.arange(N_PEAKS)
    largest = np.maximum.reduceat(np.abs(samples), edges)
    return bytes(np.clip(np.rint(largest * 255), 0, 255).astype(np.uint8))


def _spectrogram(clip: AudioClip) -> bytes:
    size = max(64, int(clip.sample_rate * _WINDOW_S))
    samples = np.pad(clip.samples, (0, max(0, size - clip.n_samples)))
    # Frames no further apart than a window, so that long clips lose nothing between columns.
    repeats = max(1, -(-samples.size // (size * N_COLUMNS)))
    starts = np.linspace(0, samples.size - size, N_COLUMNS * repeats).astype(int)
    frames = samples[starts[:, None] + np.arange(size)] * np.hanning(size).astype(np.float32)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2  # (columns * repeats, bins)
    bands = np.maximum.reduceat(power, _band_edges(size, clip.sample_rate), axis=1)[:, :N_BANDS]
    columns = bands.reshape(N_COLUMNS, repeats, N_BANDS).max(axis=1)
    level = 10 * np.log10(np.maximum(columns, 1e-12))
    scaled = (level - level.max() + _RANGE_DB) / _RANGE_DB
    points = np.clip(np.rint(scaled * _LEVELS), 0, _LEVELS).astype(np.uint8).reshape(-1, 2)
    return bytes(points[:, 0] << 4 | points[:, 1])


def _band_edges(size: int, sample_rate: int) -> NDArray[np.int64]:
    """First bins of the bands, and one past the last: as far apart as pitches are heard."""
    top = min(_HIGHEST_HZ, sample_rate / 2)
    mels = np.linspace(_mel(_LOWEST_HZ), _mel(top), N_BANDS + 1)
    bins = np.rint(700 * (10 ** (mels / 2595) - 1) * size / sample_rate).astype(np.int64)
    # Low bands may share a bin; each keeps one of its own.
    return np.minimum(np.maximum.accumulate(bins), size // 2 - 1)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))

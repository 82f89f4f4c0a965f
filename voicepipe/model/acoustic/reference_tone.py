"""How a reference clip sounds brighter or darker than the same words said again in its style.

A network that has heard a few dozen voices colours a new one like those. It cannot hear that, but
it can be shown: it says the clip's own words, and what the long-term spectra differ by is put right
in everything else it says. The words are the same, so all of the difference is the voice's.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

from voicepipe.audio.mel import CORNER_HZ, MELS_A_DECADE, hz_of, mel_of

ROUNDS: Final = 2
"""How often a clip is said again: what is put right at one frequency is heard at its neighbours."""

_MOST = math.log(10) * 8 / 20  # 8 dB; more is another room, not another voice

_N_FFT, _HOP = 1024, 256
_MOST_POINTS, _LEAST_POINTS = 40, 12  # over the mel axis
_POINTS_TIMES_HZ = 8_000.0  # finer for a pitch would be copying the harmonics of one clip
_LEVEL_HZ = 5_000.0  # the level is that of what lies below
_LEAST_POWER = 0.1  # of the mean; quieter frames are pauses
_SILENCE = 1e-7


def reference_tone(
    recorded: Tensor, said: Tensor, pitch_hz: float, n_bands: int, sample_rate: int
) -> Tensor:
    """Compare a clip with its own words said again.

    Args:
        recorded: (S,) samples of the clip.
        said: (S',) samples of the network's.
        pitch_hz: Of the clip: the wider its harmonics lie, the coarser the comparison.
        n_bands: Points of the result, evenly spaced on the mel scale up to half the sample rate.
        sample_rate: Of both, in Hz.

    Returns:
        (n_bands,) nepers to be added to log-magnitudes; their level is that of no change.
    """
    n_points = round(min(max(_POINTS_TIMES_HZ / pitch_hz, _LEAST_POINTS), _MOST_POINTS))
    weights = band_weights(n_points, _N_FFT, sample_rate).to(recorded)
    off = (_long_term(recorded, weights) - _long_term(said, weights)) / 2
    counted = points_hz(n_points, sample_rate).to(off) < _LEVEL_HZ
    tone = off - off[counted].mean()
    finer = torch.linspace(0, n_points - 1, n_bands).to(tone)
    below = finer.floor().clamp(max=n_points - 2).long()
    return torch.lerp(tone[below], tone[below + 1], finer - below)


def bounded(tone: Tensor) -> Tensor:
    """No more of a tone than a voice can account for."""
    return tone.clamp(-_MOST, _MOST)


def band_weights(n_bands: int, n_fft: int, sample_rate: int) -> Tensor:
    """Weights (F, n_bands) that draw straight lines between points on the mel scale."""
    hz = torch.linspace(0.0, sample_rate / 2, n_fft // 2 + 1)
    mel = MELS_A_DECADE * torch.log10(1 + hz / CORNER_HZ)
    place = mel / mel[-1] * (n_bands - 1)
    below = place.floor().clamp(max=n_bands - 2).long()
    weights = torch.zeros(len(hz), n_bands)
    rows = torch.arange(len(hz))
    weights[rows, below] = 1 - (place - below)
    weights[rows, below + 1] = place - below
    return weights


def points_hz(n_bands: int, sample_rate: int) -> Tensor:
    """Say where the points of an envelope lie, (n_bands,)."""
    return hz_of(torch.linspace(0, mel_of(sample_rate / 2), n_bands))


def _long_term(wave: Tensor, weights: Tensor) -> Tensor:
    """Logarithms of the mean power of all but pauses, (points,)."""
    window = torch.hann_window(_N_FFT).to(wave)
    spectrum = torch.stft(
        wave, _N_FFT, _HOP, window=window, pad_mode="constant", return_complex=True
    )
    power = spectrum.abs().square()
    loudness = power.sum(dim=0)
    spoken = power[:, loudness >= _LEAST_POWER * loudness.mean()].mean(dim=1)
    # Points closer than bins have no weights, and then nothing to say.
    return torch.log(spoken @ (weights / weights.sum(dim=0).clamp(min=_SILENCE)) + _SILENCE)

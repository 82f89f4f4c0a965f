"""Making one speaker sound like another body: formants moved, the spectrum tilted.

A stretch and its reference are coloured alike, so that whoever learns to say the one in the voice
of the other has to listen to the reference instead of knowing twenty speakers by heart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from tiny.corpus import SAMPLE_RATE

if TYPE_CHECKING:
    from torch import Tensor

_N_FFT, _HOP = 1024, 256
_N_CEPSTRA = 30  # what is smoother than the harmonics of a voice of 600 Hz
_FORMANT_SPREAD, _FURTHEST_FORMANT = 0.07, 0.16  # of a logarithm
_TILTS = (0.35, 0.3, 0.25, 0.2, 0.15)  # in nepers, from the broadest wave over the mel axis
_MOST_GAIN = 2.3  # nepers: 20 dB
_LEAST = 1e-5


class Colour(NamedTuple):
    """How a voice is changed."""

    formants: float
    """Factor on the frequencies of the envelope."""
    tilts: tuple[float, ...]
    """Nepers of half waves over the mel axis."""


def draw_colour(rng: np.random.Generator) -> Colour:
    """Draw another body."""
    moved = np.clip(rng.normal(0, _FORMANT_SPREAD), -_FURTHEST_FORMANT, _FURTHEST_FORMANT)
    return Colour(math.exp(moved), tuple(rng.normal(0, spread) for spread in _TILTS))


@torch.no_grad()
def coloured(wave: Tensor, colour: Colour) -> Tensor:
    """Change (S,) samples; pitch, timing and loudness stay."""
    window = torch.hann_window(_N_FFT)
    spectrum = torch.stft(wave, _N_FFT, _HOP, window=window, return_complex=True).t()
    envelope = _smooth(torch.log(spectrum.abs() + _LEAST))
    bins = torch.arange(spectrum.shape[1]) / colour.formants
    low = bins.floor().clamp(max=spectrum.shape[1] - 2).long()
    share = (bins - low).clamp(0, 1)
    moved = envelope[:, low] * (1 - share) + envelope[:, low + 1] * share
    gain = (moved - envelope + _tilt(colour.tilts, spectrum.shape[1])).clamp(
        -_MOST_GAIN, _MOST_GAIN
    )
    changed = torch.istft(
        (spectrum * gain.exp()).t(), _N_FFT, _HOP, window=window, length=len(wave)
    )
    return changed * (wave.norm() / changed.norm().clamp(min=_LEAST))


def _smooth(logarithms: Tensor) -> Tensor:
    """The envelopes of (T, bins) logarithms of magnitudes."""
    cepstra = torch.fft.irfft(logarithms, n=_N_FFT)
    cepstra[:, _N_CEPSTRA : _N_FFT - _N_CEPSTRA + 1] = 0
    return torch.fft.rfft(cepstra).real


def _tilt(tilts: tuple[float, ...], n_bins: int) -> Tensor:
    hertz = torch.arange(n_bins) * (SAMPLE_RATE / 2 / (n_bins - 1))
    mels = torch.log1p(hertz / 700)
    turns = math.pi * mels / mels[-1]
    curves = [size * torch.cos(number * turns) for number, size in enumerate(tilts, start=1)]
    return torch.stack(curves).sum(0)

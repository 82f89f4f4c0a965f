"""How far apart two recordings sound, by their spectra alone."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from tiny.corpus import SAMPLE_RATE
from voicepipe.model.spectral import mel_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_POWER = 1e-9


def spectral_distance(
    made: Tensor, wanted: Tensor, resolutions: Sequence[tuple[int, int, int]]
) -> Tensor:
    """How far apart two batches sound, at some resolutions, on mel bands and bin by bin."""
    total = torch.zeros(())
    for n_fft, hop, n_mels in resolutions:
        a, b = magnitudes(made, n_fft, hop), magnitudes(wanted, n_fft, hop)
        if n_mels:
            filters = _filters(n_fft, n_mels)
            total = total + functional.l1_loss(
                torch.log(filters @ a + 1e-4), torch.log(filters @ b + 1e-4)
            )
        total = total + 0.5 * functional.l1_loss(torch.log(a + 1e-3), torch.log(b + 1e-3))
        total = total + 0.5 * (a - b).norm() / b.norm().clamp(min=1e-3)
    return total / len(resolutions)


def magnitudes(wave: Tensor, n_fft: int, hop: int) -> Tensor:
    """(B, F, T) magnitudes of (B, S) samples."""
    window = torch.hann_window(n_fft)
    spectrum = torch.stft(wave, n_fft, hop, n_fft, window, return_complex=True)
    # By hand: the gradient of a complex absolute value costs several times as much.
    real, imaginary = torch.view_as_real(spectrum).unbind(-1)
    return torch.sqrt(real * real + imaginary * imaginary + _LEAST_POWER)


@lru_cache
def _filters(n_fft: int, n_mels: int) -> Tensor:
    return mel_filters(SAMPLE_RATE, n_fft, n_mels, 0.0, None)

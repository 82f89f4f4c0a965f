"""Samples at another rate, for gradients to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def resampled(wave: Tensor, sample_rate: int, wanted_rate: int) -> Tensor:
    """Bring (B, S) samples to another rate, in Hz, by cutting their spectrum."""
    n_samples = wave.shape[1] * wanted_rate // sample_rate
    spectrum = torch.fft.rfft(wave)[:, : n_samples // 2 + 1]
    found: Tensor = torch.fft.irfft(spectrum, n=n_samples) * (n_samples / wave.shape[1])
    return found

"""How far apart two recordings sound, by their spectra alone."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from voicepipe.model.spectral import mel_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_POWER = 1e-9


def spectral_distance(
    made: Tensor, wanted: Tensor, resolutions: Sequence[tuple[int, int, int]], sample_rate: int
) -> Tensor:
    """Say how far apart two batches sound, on mel bands and bin by bin: the mean over rows.

    Args:
        made: (B, S) samples.
        wanted: (B, S) samples.
        resolutions: Window, hop and mel bands of each; no bands where only bins count.
        sample_rate: Of both, in Hz.
    """
    total = torch.zeros((), device=made.device)
    for n_fft, hop, n_mels in resolutions:
        a, b = magnitudes(made, n_fft, hop), magnitudes(wanted, n_fft, hop)
        if n_mels:
            total = total + functional.l1_loss(
                log_bands(a, n_mels, sample_rate), log_bands(b, n_mels, sample_rate)
            )
        total = total + 0.5 * functional.l1_loss(torch.log(a + 1e-3), torch.log(b + 1e-3))
        off = torch.linalg.matrix_norm(a - b) / torch.linalg.matrix_norm(b).clamp(min=1e-3)
        total = total + 0.5 * off.mean()
    return total / len(resolutions)


def magnitudes(wave: Tensor, n_fft: int, hop: int) -> Tensor:
    """(B, F, T) magnitudes of (B, S) samples."""
    window = torch.hann_window(n_fft, device=wave.device)
    spectrum = torch.stft(wave, n_fft, hop, n_fft, window, return_complex=True)
    # By hand: the gradient of a complex absolute value costs several times as much.
    real, imaginary = torch.view_as_real(spectrum).unbind(-1)
    return torch.sqrt(real * real + imaginary * imaginary + _LEAST_POWER)


def log_bands(magnitudes: Tensor, n_bands: int, sample_rate: int) -> Tensor:
    """Sum (B, F, T) magnitudes into mel bands, (B, bands, T) in nepers."""
    n_fft = 2 * (magnitudes.shape[1] - 1)
    return torch.log(_filters(sample_rate, n_fft, n_bands).to(magnitudes) @ magnitudes + 1e-4)


@lru_cache
def _filters(sample_rate: int, n_fft: int, n_mels: int) -> Tensor:
    return mel_filters(sample_rate, n_fft, n_mels, 0.0, None)

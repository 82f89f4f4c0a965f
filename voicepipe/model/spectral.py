"""Waveforms to frames: linear and mel spectrograms, and Kaldi's filterbank.

Knows nothing of models; each takes its sizes from a configuration or an argument.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from voicepipe.model.mel_filters import slaney_filters, triangles

if TYPE_CHECKING:
    import numpy.typing as npt

    from voicepipe.model.spectral_config import MelConfig, SpectrogramConfig

_POWER_FLOOR = 1e-8
_MEL_FLOOR = 1e-5
_KALDI_FRAME_MS, _KALDI_SHIFT_MS = 25, 10
_KALDI_LOW_HZ = 20.0
_KALDI_PREEMPHASIS = 0.97
_KALDI_WINDOW_POWER = 0.85  # Povey's window: a symmetric Hann window to this power


def linear_spectrogram(waveform: Tensor, config: SpectrogramConfig) -> Tensor:
    """Measure magnitudes.

    Args:
        waveform: (B, S) in [-1, 1], more samples than half of `n_fft - hop_length`.
        config: The sizes.

    Returns:
        (B, `n_fft // 2 + 1`, S // hop_length), never under 1e-4.

    Source: RVC-Boss/GPT-SoVITS@48b1a01, `spectrogram_torch`: mirrored ends, no centring.
    """
    spectrum = complex_spectrogram(waveform, config)
    return torch.sqrt(torch.view_as_real(spectrum).pow(2).sum(-1) + _POWER_FLOOR)


def complex_spectrogram(waveform: Tensor, config: SpectrogramConfig) -> Tensor:
    """Transform (B, S) samples into (B, `n_fft // 2 + 1`, S // hop_length) complex frames."""
    edge = (config.n_fft - config.hop_length) // 2
    padded = functional.pad(waveform.unsqueeze(1), (edge, edge), mode="reflect").squeeze(1)
    return torch.stft(
        padded,
        config.n_fft,
        hop_length=config.hop_length,
        win_length=config.win_length,
        window=torch.hann_window(config.win_length, device=waveform.device, dtype=waveform.dtype),
        center=False,
        return_complex=True,
    )


def mel_spectrogram(waveform: Tensor, config: MelConfig) -> Tensor:
    """Measure the natural logarithm of mel-band magnitudes, as (B, M, T).

    Args:
        waveform: As for `linear_spectrogram`.
        config: The sizes.
    """
    return mel_of_spectrogram(linear_spectrogram(waveform, config.spectrogram), config)


def mel_of_spectrogram(spectrogram: Tensor, config: MelConfig) -> Tensor:
    """Turn linear magnitudes (B, F, T) into log-mel magnitudes (B, M, T)."""
    sizes = config.spectrogram
    filters = mel_filters(
        sizes.sample_rate, sizes.n_fft, config.n_mels, config.f_min, config.f_max
    ).to(spectrogram)
    return (filters @ spectrogram).clamp(min=_MEL_FLOOR).log()


def mel_filters(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float | None
) -> Tensor:
    """Design triangular filters of unit area on Slaney's mel scale.

    Returns:
        (M, `n_fft // 2 + 1`) float32 on the CPU; its memory is shared, not to be written to.

    Source: Slaney's Auditory Toolbox, 1998; the default of `librosa.filters.mel`.
    """
    return torch.from_numpy(slaney_filters(sample_rate, n_fft, n_mels, f_min, f_max))


def kaldi_fbank(waveform: Tensor, sample_rate: int, n_bands: int) -> Tensor:
    """Measure Kaldi's log filterbank energies, without dither.

    Args:
        waveform: (S,) samples, at least one frame of 25 ms.
        sample_rate: In Hz.
        n_bands: Bands from 20 Hz to half the sample rate.

    Returns:
        (T, `n_bands`), a frame every 10 ms, only frames that fit whole.

    Source: Kaldi's `compute-fbank-feats` with its defaults, 25 ms Povey windows.
    """
    frame = sample_rate * _KALDI_FRAME_MS // 1000
    shift = sample_rate * _KALDI_SHIFT_MS // 1000
    frames = waveform.unfold(0, frame, shift)
    frames = frames - frames.mean(dim=1, keepdim=True)
    before = torch.cat((frames[:, :1], frames[:, :-1]), dim=1)
    window = torch.hann_window(frame, periodic=False, device=waveform.device, dtype=waveform.dtype)
    frames = (frames - _KALDI_PREEMPHASIS * before) * window.pow(_KALDI_WINDOW_POWER)
    n_fft = 1 << (frame - 1).bit_length()
    power = torch.fft.rfft(frames, n=n_fft).abs().pow(2)
    filters = torch.from_numpy(_kaldi_filters(sample_rate, n_fft, n_bands)).to(waveform)
    energies: Tensor = power[:, : n_fft // 2] @ filters.t()
    return energies.clamp(min=torch.finfo(waveform.dtype).eps).log()


@lru_cache(maxsize=8)
def _kaldi_filters(sample_rate: int, n_fft: int, n_bands: int) -> npt.NDArray[np.float32]:
    """Triangles of unit height on the HTK-like mel scale, (bands, n_fft // 2)."""
    low, high = (1127.0 * math.log1p(hz / 700.0) for hz in (_KALDI_LOW_HZ, sample_rate / 2))
    corners = low + np.arange(n_bands + 2) * (high - low) / (n_bands + 1)
    mels = 1127.0 * np.log1p(np.arange(n_fft // 2) * sample_rate / n_fft / 700.0)
    return triangles(mels, corners).astype(np.float32)

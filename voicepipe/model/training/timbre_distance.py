"""How far samples lie from a speaker, as a network hears it that tells speakers apart.

What a stage learns by frames and colours is how words of a speaker sound. By what listeners know a
speaker again is more than that, and a network that was taught on thousands of them asks for it.

Source: speaker consistency loss of Casanova et al., YourTTS, 2022.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.encoders import timbre
from voicepipe.model.mel_filters import slaney_filters
from voicepipe.model.training.resampling import resampled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_N_POINTS: Final = 12
"""Of an equaliser, from 0 Hz to half the sample rate; its gain is a line between them."""
_EQUALISER_DB: Final = 4.0
"""Standard deviation of an equaliser's gain at each of its points."""
_NOISE_DB: Final = (-30.0, -12.0)
"""Of the noise against the recording, at least and at most."""


class TimbreListener(nn.Module):
    """`TimbreEncoder` as gradients pass through it; nothing of it learns.

    Args:
        path: Resemblyzer's `pretrained.pt`.
        sample_rate: Of the samples, in Hz.

    Raises:
        CheckpointError: It is another file.
    """

    filters: Tensor
    window: Tensor

    def __init__(self, path: Path, *, sample_rate: int) -> None:
        super().__init__()
        self._sample_rate = sample_rate
        self.lstm = nn.LSTM(timbre.N_MELS, timbre.WIDTH, timbre.N_LAYERS, batch_first=True)
        self.linear = nn.Linear(timbre.WIDTH, timbre.WIDTH)
        named = self.state_dict()
        weights = {n: a for n, a in timbre.load_timbre_weights(path).items() if n in named}
        self.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        filters = slaney_filters(timbre.SAMPLE_RATE, timbre.N_FFT, timbre.N_MELS, 0.0, None)
        self.register_buffer("filters", torch.from_numpy(filters).float())
        window = np.hanning(timbre.N_FFT + 1)[:-1].astype(np.float32)
        self.register_buffer("window", torch.from_numpy(window))
        self.requires_grad_(requires_grad=False)

    def forward(self, wave: Tensor) -> Tensor:
        """Find where speakers lie: their speaker embeddings.

        Args:
            wave: (B, S), 1.6 s at least.

        Returns:
            (B, 256), each of length 1.
        """
        mels = self._mels(resampled(wave, self._sample_rate, timbre.SAMPLE_RATE))
        windows = mels.unfold(1, timbre.WINDOW_FRAMES, timbre.STEP_FRAMES).transpose(2, 3)
        _, (last, _) = self.lstm(windows.flatten(0, 1))
        places = functional.normalize(torch.relu(self.linear(last[-1])), dim=1)
        return functional.normalize(places.view(*windows.shape[:2], -1).mean(dim=1), dim=1)

    def _mels(self, wave: Tensor) -> Tensor:
        """Powers by band, (B, T, M)."""
        level = wave.square().mean(dim=1, keepdim=True).sqrt().clamp(min=timbre.LEAST_RMS)
        speech = (wave * (timbre.LEVEL_RMS / level)).clamp(-1, 1)
        edge = (timbre.N_FFT - timbre.HOP_LENGTH) // 2
        padded = functional.pad(speech, (edge, edge), mode="reflect")
        frames = padded.unfold(1, timbre.N_FFT, timbre.HOP_LENGTH) * self.window
        power = torch.fft.rfft(frames).abs().square()
        found: Tensor = power @ self.filters.t()
        return found


def timbre_distance(
    listener: TimbreListener, made: Tensor, wanted: Tensor, seeds: Sequence[int]
) -> Tensor:
    """Say how far speakers lie from others, by the cosine of their embeddings.

    Both are heard through one equaliser and one noise, which each row's seed chooses. Without them
    a stage learns what this network alone takes for a likeness.

    Args:
        listener: Hears both.
        made: (B, S); gradients go to it alone.
        wanted: (B, S).
        seeds: One a row.

    Returns:
        The mean of the rows: 0 for the same speakers, about 1 for strangers.
    """
    conditions = [_condition(row, seed) for row, seed in zip(wanted, seeds, strict=True)]
    gains, noises = (torch.stack(each) for each in zip(*conditions, strict=True))
    heard, expected = (_filtered(wave, gains) + noises for wave in (made, wanted))
    with torch.no_grad():
        speakers: Tensor = listener(expected)
    places: Tensor = listener(heard)
    return 1 - (places * speakers).sum(dim=1).mean()


def _condition(wave: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Draw a smooth gain of each frequency, (S // 2 + 1,), and white noise below (S,) samples."""
    rng = torch.Generator().manual_seed(seed % 2**63)
    points = torch.randn(1, 1, _N_POINTS, generator=rng) * _EQUALISER_DB
    n_frequencies = len(wave) // 2 + 1
    curve = functional.interpolate(points, size=n_frequencies, mode="linear", align_corners=True)
    quietest, loudest = _NOISE_DB
    decibels = quietest + (loudest - quietest) * torch.rand(1, generator=rng)
    white = torch.randn(len(wave), generator=rng)
    level = wave.square().mean().sqrt()
    return _factor(curve[0, 0]).to(wave), white.to(wave) * level * _factor(decibels).to(wave)


def _factor(decibels: Tensor) -> Tensor:
    return torch.pow(10, decibels / 20)


def _filtered(wave: Tensor, gain: Tensor) -> Tensor:
    found: Tensor = torch.fft.irfft(torch.fft.rfft(wave) * gain, n=wave.shape[1])
    return found

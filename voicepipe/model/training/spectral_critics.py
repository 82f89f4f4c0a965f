"""Critics that look at spectra and know whose voice they should be seeing.

Judged by distances alone, a network answers what it cannot know with an average, and an average of
spectra is a blurred mouth. A critic tells blurred from sharp, and one that is told the style of the
reference tells its voice from another's.

Source: spectrogram critics of UnivNet (Jang et al., 2021); the condition is projected as Miyato and
Koyama, 2018, do it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.training.discriminators import Verdict
from voicepipe.model.training.spectral_distance import magnitudes

if TYPE_CHECKING:
    from collections.abc import Sequence

_SLOPE = 0.1
_LEAST = 1e-3  # magnitudes below it are silence


class View(NamedTuple):
    """What one critic looks at."""

    n_fft: int
    hop: int
    n_bins: int
    """From the lowest."""


VIEWS: Final = (View(1024, 240, 352), View(400, 100, 192))
_WIDTHS = (16, 16, 24, 24)
_KERNEL = (3, 9)  # frames, bins


class SpectralCritic(nn.Module):
    """Judges one kind of spectrogram."""

    def __init__(self, view: View, style_width: int) -> None:
        super().__init__()
        self.view = view
        self.convs = nn.ModuleList()
        width = 1
        for wider in _WIDTHS:
            padding = (_KERNEL[0] // 2, _KERNEL[1] // 2)
            self.convs.append(nn.Conv2d(width, wider, _KERNEL, (1, 2), padding))
            width = wider
        self.convs.append(nn.Conv2d(width, width, 3, padding=1))
        self.verdict = nn.Conv2d(width, 1, 3, padding=1)
        self.fits = nn.Linear(style_width, width)

    def forward(self, wave: Tensor, styles: Sequence[Tensor]) -> tuple[Verdict, ...]:
        """Judge (B, S) samples by each of several (B, G, 1) styles that they might have."""
        seen = magnitudes(wave, self.view.n_fft, self.view.hop)[:, : self.view.n_bins]
        x = torch.log(seen + _LEAST).transpose(1, 2).unsqueeze(1)  # (B, 1, T, F)
        features = []
        for conv in self.convs:
            x = functional.leaky_relu(conv(x), _SLOPE)
            features.append(x)
        sharpness = self.verdict(x)
        scores = [(sharpness + self._fit(x, style)).flatten(1) for style in styles]
        return tuple(Verdict(score, tuple(features)) for score in scores)

    def _fit(self, features: Tensor, style: Tensor) -> Tensor:
        """How much (B, W, T, F) features look like a voice."""
        wanted = self.fits(style[:, :, 0])[:, :, None, None]
        fit: Tensor = (wanted * features).sum(dim=1, keepdim=True) / math.sqrt(features.shape[1])
        return fit


class Critics(nn.Module):
    """One for each view."""

    def __init__(self, style_width: int, views: Sequence[View] = VIEWS) -> None:
        super().__init__()
        self.critics = nn.ModuleList(SpectralCritic(view, style_width) for view in views)

    def forward(self, wave: Tensor, *styles: Tensor) -> tuple[tuple[Verdict, ...], ...]:
        """Let each judge (B, S) samples; for every (B, G, 1) style, what all say."""
        return tuple(zip(*(critic(wave, styles) for critic in self.critics), strict=True))

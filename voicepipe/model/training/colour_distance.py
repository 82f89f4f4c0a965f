"""How differently two recordings of the same words are coloured.

A network that is to say each frame as it was recorded, and cannot know all of it, answers with an
average, which is a blurred mouth. What is compared here can be got right: log-mel spectra that are
averaged over a tenth of a second and over the whole stretch, and how much they vary, over time,
from frame to frame and between neighbouring bands.

Source: global variance of Toda and Tokuda, 2007, on bands instead of cepstra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn import functional

from voicepipe.model.training.spectral_distance import log_bands, magnitudes

if TYPE_CHECKING:
    from torch import Tensor

_N_FFT, _HOP, _N_BANDS = 1024, 240, 80
_PAUSE_NEPERS = 5.0  # below the loudest frame; quieter ones say nothing of a voice
_SMOOTHED_FRAMES, _EVERY = 11, 2
_SMOOTHED_BANDS = 9
_LEAST_VARIANCE = 1e-4


class _Spread(NamedTuple):
    """How much a stretch varies, each (B, bands)."""

    over_time: Tensor
    between_frames: Tensor
    between_bands: Tensor


def colour_distance(made: Tensor, wanted: Tensor, sample_rate: int) -> Tensor:
    """Say how differently two batches of (B, S) samples are coloured, in nepers.

    Rows are the same words at the same times; the result is the mean over rows.
    """
    one, other = (
        log_bands(magnitudes(wave, _N_FFT, _HOP), _N_BANDS, sample_rate) for wave in (made, wanted)
    )
    loudness = other.mean(dim=1)
    spoken = (loudness > loudness.amax(dim=1, keepdim=True) - _PAUSE_NEPERS).to(other)[:, None]
    means = [_mean(mel, spoken) for mel in (one, other)]
    spreads = [_spread(mel, mean, spoken) for mel, mean in zip((one, other), means, strict=True)]
    distances = [
        functional.l1_loss(means[0], means[1]),
        functional.l1_loss(_smooth(one), _smooth(other)),
        *(functional.l1_loss(a, b) for a, b in zip(*spreads, strict=True)),
    ]
    return torch.stack(distances).sum()


def _spread(mel: Tensor, mean: Tensor, spoken: Tensor) -> _Spread:
    steps = mel[:, :, 1:] - mel[:, :, :-1]
    edge = _SMOOTHED_BANDS // 2
    padded = functional.pad(mel.transpose(1, 2), (edge, edge), mode="replicate")
    fine = mel - functional.avg_pool1d(padded, _SMOOTHED_BANDS, 1).transpose(1, 2)
    return _Spread(
        over_time=_root_mean(mel - mean[:, :, None], spoken),
        between_frames=_root_mean(steps, spoken[:, :, 1:] * spoken[:, :, :-1]),
        between_bands=_root_mean(fine, spoken),
    )


def _mean(x: Tensor, spoken: Tensor) -> Tensor:
    return (x * spoken).sum(dim=2) / spoken.sum(dim=2).clamp(min=1)


def _root_mean(x: Tensor, spoken: Tensor) -> Tensor:
    return torch.sqrt(_mean(x.square(), spoken) + _LEAST_VARIANCE)


def _smooth(mel: Tensor) -> Tensor:
    return functional.avg_pool1d(mel, _SMOOTHED_FRAMES, _EVERY)

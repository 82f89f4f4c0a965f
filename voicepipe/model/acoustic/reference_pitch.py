"""How high a reference clip speaks, from the spectrogram its style is read from.

A network that has heard a few dozen voices guesses the pitch of a new one towards theirs; measured,
it is as right for a voice nobody trained on as for any other.

Source: the normalised autocorrelation of Boersma, 1993, on spectra that are there already.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor

MIDDLE_PITCH_HZ: Final = 160.0
"""What a clip without a voice counts as."""

_LOWEST_HZ, _HIGHEST_HZ = 66.0, 500.0
_HIGHEST_HEARD_HZ = 2_500.0  # sharper peaks would fall between two samples
OCTAVE_COST: Final = 0.03  # two periods repeat as well as one: the shorter is meant
_LEAST_PERIODIC = 0.5
_LEAST_POWER = 0.1  # of the mean; quieter frames are pauses
_SILENCE = 1e-9


class SelfLikeness(NamedTuple):
    """How much frames are like themselves, some samples later."""

    alike: Tensor
    """(B, lags + 2, T), at most about 1; one lag more at either end than counts."""
    loudness: Tensor
    """(B, T), power of what is compared."""
    shortest: int
    """Samples of the first lag that counts: the second of `alike`."""


def reference_pitch(spectrogram: Tensor, sample_rate: int) -> Tensor:
    """Measure the middle pitch of clips.

    Args:
        spectrogram: (B, F, T) linear magnitudes of a transform of 2 (F - 1) samples whose Hann
            window is as long.
        sample_rate: In Hz.

    Returns:
        (B,), natural logarithms of the medians over voiced frames, relative to
        `MIDDLE_PITCH_HZ`; 0 where no frame has a voice.
    """
    found = self_likeness(spectrogram, sample_rate)
    if found is None:
        return spectrogram.new_zeros(len(spectrogram))
    alike, loudness, shortest = found
    inner = alike[:, 1:-1]
    lags = torch.arange(shortest, shortest + inner.shape[1], device=spectrogram.device)
    preferred = inner - OCTAVE_COST * torch.log2(lags / shortest)[:, None]
    is_peak = (inner >= alike[:, :-2]) & (inner >= alike[:, 2:])
    best, places = preferred.masked_fill(~is_peak, -1.0).max(dim=1)
    is_voiced = (best > _LEAST_PERIODIC) & (
        loudness > _LEAST_POWER * loudness.mean(dim=1, keepdim=True)
    )
    heights = torch.log(sample_rate / lags[places].to(spectrogram) / MIDDLE_PITCH_HZ)
    medians: Tensor = heights.masked_fill(~is_voiced, math.nan).nanmedian(dim=1).values
    return torch.nan_to_num(medians)


def self_likeness(spectrogram: Tensor, sample_rate: int) -> SelfLikeness | None:
    """Compare the frames of clips with themselves, some samples later.

    Args:
        spectrogram: As `reference_pitch` takes it.
        sample_rate: In Hz.

    Returns:
        None where the frames are too short for any voice.
    """
    size = 2 * (spectrogram.shape[1] - 1)
    shortest = math.ceil(sample_rate / _HIGHEST_HZ)
    longest = min(int(sample_rate / _LOWEST_HZ), size // 2 - 1)
    if longest < shortest:
        return None
    power = spectrogram.detach().square()
    power[:, int(_HIGHEST_HEARD_HZ / sample_rate * size) :] = 0
    repeats = torch.fft.irfft(power, n=size, dim=1)
    alike = repeats / repeats[:, :1].clamp(min=_SILENCE) / _window_repeats(size, spectrogram)
    return SelfLikeness(alike[:, shortest - 1 : longest + 2], power.sum(dim=1), shortest)


def _window_repeats(size: int, like: Tensor) -> Tensor:
    """How much of a frame's likeness to itself its window leaves, (size, 1)."""
    window = torch.hann_window(size).to(like)
    repeats = torch.fft.irfft(torch.fft.rfft(window).abs().square(), n=size)
    share: Tensor = repeats / repeats[0]
    return share.unsqueeze(1)

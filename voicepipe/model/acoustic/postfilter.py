"""What averaging has taken out of spectral envelopes, put back.

A network that learnt from distances answers what it cannot know with an average. An average of
spectra has shallow valleys between its formants, and an average of voiced and voiceless is breath
in every vowel. Listeners hear a muffled and hoarse voice, and words are as clear as before.

Source: postfilters for synthesised spectra in the cepstral domain (Koishida et al., 1995; Yoshimura
et al., 2005), which set right by a factor what global variance measures (Toda and Tokuda, 2007).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor

_COARSEST_S: Final = 1 / 4_000
"""Quefrency from which on a cepstrum is detail; below it is the tilt and colour of a voice."""
_FINEST_S: Final = 1 / 400
"""Beyond it there are harmonics, not formants."""
_MOST_LEAD: Final = 3.0
"""Nepers by which one source covers the other: no further down is it heard."""


class Postfilter(NamedTuple):
    """How much is put back, from 0 (nothing) to 1; numbers, or tensors of one."""

    formants: float | Tensor
    """By which share the envelopes' peaks and valleys, in nepers, grow."""
    voicing: float | Tensor
    """By which share of the buzz's lead over the hiss, in nepers, the hiss falls further."""


def postfiltered(
    buzz: Tensor, hiss: Tensor, postfilter: Postfilter, sample_rate: int
) -> tuple[Tensor, Tensor]:
    """Sharpen the envelopes of a voice; how loud a frame is stays, but for hiss under a voice.

    Args:
        buzz: (B, F, T) log-magnitudes, F = n_fft / 2 + 1.
        hiss: (B, F, T) log-magnitudes.
        postfilter: By how much.
        sample_rate: In Hz.

    Returns:
        Both, sharpened.
    """
    lead = (buzz - hiss).clamp(0, _MOST_LEAD)
    sources = buzz, hiss - postfilter.voicing * lead
    gains = _detail_gains(buzz, sample_rate) * postfilter.formants
    sharpened = [source + _filtered(source, gains) for source in sources]
    level = (_log_power(*sources) - _log_power(*sharpened)) / 2
    return sharpened[0] + level, sharpened[1] + level


def _detail_gains(like: Tensor, sample_rate: int) -> Tensor:
    """(n_fft,), one where a quefrency is detail, on both sides of the cepstrum."""
    n_fft = 2 * (like.shape[1] - 1)
    places = torch.arange(n_fft, device=like.device)
    quefrency_s = torch.minimum(places, n_fft - places) / sample_rate
    return ((quefrency_s >= _COARSEST_S) & (quefrency_s <= _FINEST_S)).to(like)


def _filtered(log_magnitude: Tensor, gains: Tensor) -> Tensor:
    cepstrum = torch.fft.irfft(log_magnitude.transpose(1, 2), n=len(gains))
    change: Tensor = torch.fft.rfft(cepstrum * gains).real
    return change.transpose(1, 2)


def _log_power(buzz: Tensor, hiss: Tensor) -> Tensor:
    """Of both sources together, (B, 1, T): they are independent of each other."""
    return torch.logaddexp(2 * buzz, 2 * hiss).logsumexp(dim=1, keepdim=True)

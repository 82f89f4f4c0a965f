"""A voice coloured frame by frame: its melody scaled and moved, its envelopes tilted and traded.

The pitch and the two envelopes of a source-filter generator are explicit, so a delivery is plain
arithmetic on them, and formants stay where the mouth has them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from voicepipe.model.acoustic.voicing import Voicing

_SEMITONE: Final = math.log(2.0) / 12
_DB: Final = math.log(10.0) / 20
_PIVOT_HZ: Final = 1_000.0
_LOWEST_HZ, _HIGHEST_HZ = 125.0, 8_000.0
"""Beyond these a tilt goes on level: there is little voice to tilt."""
_RISE_S: Final = 0.35
_LEAST_POWER: Final = 0.01
"""Of the loudest frame: quieter ones are pauses, whose pitch nobody hears."""
_NO_BUZZ: Final = -20.0
_LOW, _HIGH = 0.1, 0.9
"""Quantiles between which a range is measured."""
_LEAST_RISE: Final = _SEMITONE / 4
_MOST_GROWTH: Final = 4.0


class Frames(NamedTuple):
    """What the network says of every fast frame."""

    log_pitch: Tensor
    """(B, T), natural logarithm of Hz."""
    buzz: Tensor
    """(B, bands, T), log-magnitudes."""
    hiss: Tensor
    """(B, bands, T), log-magnitudes."""


def voiced_frames(
    frames: Frames, voicing: Voicing, points_hz: Tensor, frames_per_s: float
) -> Frames:
    """Colour a voice.

    Args:
        frames: As the network says them.
        voicing: What is asked for.
        points_hz: (bands,), where the points of the envelopes lie.
        frames_per_s: Their rate.
    """
    is_voiced = _is_voiced(frames)
    pitch = _melody(frames.log_pitch, is_voiced, voicing, frames_per_s)
    octaves = torch.log2(points_hz.clamp(_LOWEST_HZ, _HIGHEST_HZ) / _PIVOT_HZ)
    tilt = (voicing.brightness_db * _DB * octaves).to(pitch)[None, :, None]
    trade = voicing.breathiness_db * _DB / 2
    buzz, hiss = frames.buzz + tilt - trade, frames.hiss + tilt + trade
    if voicing.is_voiceless:
        hiss = torch.logaddexp(2 * buzz, 2 * hiss) / 2
        buzz = torch.full_like(buzz, _NO_BUZZ)
    return frames._replace(log_pitch=pitch, buzz=buzz, hiss=hiss)


def mean_log_pitch(frames: Frames) -> Tensor:
    """Average the logarithms of the pitch over frames with a voice, (B, 1)."""
    return _voiced_mean(frames.log_pitch, _is_voiced(frames))


def _voiced_mean(pitch: Tensor, is_voiced: Tensor) -> Tensor:
    weights = is_voiced.to(pitch)
    n_voiced = weights.sum(dim=1, keepdim=True).clamp(min=1)
    return (pitch * weights).sum(dim=1, keepdim=True) / n_voiced


def _melody(pitch: Tensor, is_voiced: Tensor, voicing: Voicing, frames_per_s: float) -> Tensor:
    mean = _voiced_mean(pitch, is_voiced)
    scaled = mean + _scaled(pitch - mean, is_voiced, voicing.range)
    places = torch.arange(pitch.shape[1], device=pitch.device)
    turns = places.double() * (voicing.tremor_hz / frames_per_s)
    tremor = voicing.tremor_semitones * torch.sin(2 * math.pi * turns).to(pitch)
    # The last voiced frame has the whole rise, and what follows it keeps it.
    last = torch.where(is_voiced, places, 0).amax(dim=1, keepdim=True)
    share = (1 - (last - places) / (_RISE_S * frames_per_s)).clamp(0, 1)
    return scaled + _SEMITONE * (
        voicing.pitch_semitones + tremor + voicing.rise_semitones * share.square()
    )


def _scaled(deviation: Tensor, is_voiced: Tensor, factor: float) -> Tensor:
    """Scale a melody about its mean; a livelier one reaches higher, since voices have a floor.

    How low speakers end hardly depends on how lively they are (Liberman and Pierrehumbert, 1984),
    and below it there is creak and no pitch. So all that a range grows by lies above the mean, and
    the whole is then moved back to it.
    """
    if factor <= 1:
        return factor * deviation
    rows = []
    for row, voiced in zip(deviation, is_voiced, strict=True):
        heard = row[voiced]
        if not len(heard):
            rows.append(row)
            continue
        low, high = heard.quantile(_LOW).clamp(max=0), heard.quantile(_HIGH).clamp(min=_LEAST_RISE)
        growth = (factor - 1) * (1 - low / high)
        grown = row + growth.clamp(max=_MOST_GROWTH) * row.clamp(min=0)
        rows.append(grown - grown[voiced].mean())
    return torch.stack(rows)


def _is_voiced(frames: Frames) -> Tensor:
    """Tell which (B, T) frames buzz louder than they hiss, and are no pause."""
    buzz = (2 * frames.buzz).exp().mean(dim=1)
    hiss = (2 * frames.hiss).exp().mean(dim=1)
    return (buzz > hiss) & (buzz > _LEAST_POWER * buzz.amax(dim=1, keepdim=True))

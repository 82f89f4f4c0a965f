"""Stressed words of a voice: louder, higher and slower, frame by frame.

Accent raises intensity, pitch and length together (Fry, 1958); pitch, envelopes and time are
explicit in a source-filter generator, so each is plain arithmetic.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch

from voicepipe.model.acoustic.voicing import STRESS_DB, STRESS_LENGTH, STRESS_SEMITONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from voicepipe.model.acoustic.voiced_frames import Frames
    from voicepipe.model.acoustic.voicing import Stress

_SEMITONE: Final = math.log(2.0) / 12
_DB: Final = math.log(10.0) / 20
_RAMP_S: Final = 0.04
"""In which stress comes and goes; borders between sounds are found to 20 ms."""


def stressed_frames(frames: Frames, stresses: Sequence[Stress], frames_per_s: float) -> Frames:
    """Stress words.

    Args:
        frames: Of the whole part; all rows are stressed alike.
        stresses: Where, in these frames.
        frames_per_s: Their rate.

    Returns:
        More frames than there were.
    """
    n_frames = frames.log_pitch.shape[1]
    centres = torch.arange(n_frames, device=frames.log_pitch.device) + 0.5
    ramp = _RAMP_S * frames_per_s
    share = torch.zeros_like(centres)
    for stress in stresses:
        inside = torch.minimum(centres - stress.start, stress.end - centres)
        share = torch.maximum(share, (inside / ramp + 1).clamp(0, 1))
    share = (0.5 - 0.5 * torch.cos(math.pi * share)).to(frames.log_pitch)
    louder = STRESS_DB * _DB * share
    stressed = frames._replace(
        log_pitch=frames.log_pitch + STRESS_SEMITONES * _SEMITONE * share,
        buzz=frames.buzz + louder,
        hiss=frames.hiss + louder,
    )
    return _lengthened(stressed, 1 + (STRESS_LENGTH - 1) * share.double())


def _lengthened(frames: Frames, lengths: Tensor) -> Frames:
    """Give each of T frames a length of its own, (T,) in frames, between linearly."""
    ends = lengths.cumsum(0)
    centres = ends - lengths / 2
    places = torch.arange(round(float(ends[-1])), device=ends.device) + 0.5
    after = torch.searchsorted(centres, places).clamp(1, len(centres) - 1)
    before = after - 1
    share = ((places - centres[before]) / (centres[after] - centres[before])).clamp(0, 1)

    def between(values: Tensor) -> Tensor:
        weight = share.to(values)
        return values[..., before] * (1 - weight) + values[..., after] * weight

    return frames._replace(
        log_pitch=between(frames.log_pitch), buzz=between(frames.buzz), hiss=between(frames.hiss)
    )

"""How much higher a speaker speaks than a network says that they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_MOST = math.log(2) / 3  # four semitones; more is a pitch that was heard wrongly
_FEWEST_FRAMES = 100  # a second with a voice


def pitch_level(said: Sequence[Tensor], recorded: Sequence[Tensor]) -> float:
    """Compare the middle pitch of recordings with that of the same words as a network says them.

    Medians, because a frame that is heard an octave off moves them little.

    Args:
        said: Natural logarithms of Hz, of every frame of a recording; any shape.
        recorded: Hz of the same frames; 0 where there is no voice.

    Returns:
        What is to be added to the logarithms said, four semitones at most; 0 where too few frames
        have a voice to tell.
    """
    logarithms = torch.cat([one.flatten() for one in said])
    hertz = torch.cat([one.flatten() for one in recorded])
    is_voiced = hertz > 0
    if int(is_voiced.sum()) < _FEWEST_FRAMES:
        return 0.0
    off = float(hertz[is_voiced].log().median() - logarithms[is_voiced].median())
    return min(max(off, -_MOST), _MOST)

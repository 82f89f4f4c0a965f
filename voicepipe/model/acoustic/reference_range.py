"""How much livelier a reference clip speaks than the same words said again in its style.

A network that learnt from distances answers what it cannot know with an average, and an average of
melodies is flat; how lively a new voice is it guesses from those that it has heard. Both can be
measured: it says the clip's own words, and by how much the clip's melody ranges wider is put right
in everything else it says.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from voicepipe.model.acoustic.voiced_frames import mean_log_pitch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.model.acoustic.voiced_frames import Frames

PLAIN_RANGE: Final = 1.0
"""Changes nothing."""

_LEAST_RANGE, _MOST_RANGE = 0.8, 1.5
_FEWEST_FRAMES: Final = 100  # a second with a voice
_FARTHEST: Final = 0.75 * math.log(2)
"""From the middle, in nepers; what is farther off was heard an octave off."""
_LEAST_SPREAD: Final = math.log(2) / 120  # a tenth of a semitone: one note


def reference_range(recorded: NDArray[np.float32], said: NDArray[np.float32]) -> float:
    """Compare the melody of a clip with that of its own words said again.

    Args:
        recorded: Hz of every hundredth of a second of the clip; 0 where there is no voice.
        said: Hz of the same frames of what the network said.

    Returns:
        How many times wider the clip's pitch ranges, 0.8 to 1.5; 1 where too few frames have a
        voice to tell, or where one of them is on one note.
    """
    n_frames = min(len(recorded), len(said))
    both = (recorded[:n_frames] > 0) & (said[:n_frames] > 0)
    if int(both.sum()) < _FEWEST_FRAMES:
        return PLAIN_RANGE
    wanted, found = (_spread(np.log(hertz[:n_frames][both])) for hertz in (recorded, said))
    if min(wanted, found) < _LEAST_SPREAD:
        return PLAIN_RANGE
    return min(max(wanted / found, _LEAST_RANGE), _MOST_RANGE)


def with_range(frames: Frames, times: Tensor) -> Frames:
    """Scale melodies about their mean, (B, 1) times."""
    return frames._replace(
        log_pitch=torch.lerp(mean_log_pitch(frames), frames.log_pitch, times.to(frames.log_pitch))
    )


def _spread(logarithms: NDArray[np.float32]) -> float:
    off = logarithms - np.median(logarithms)
    return float(off[np.abs(off) < _FARTHEST].std())

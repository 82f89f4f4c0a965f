"""A reference clip's own words said again in its style, and what is wrong with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicepipe.model.acoustic.pitch_track import pitch_track
from voicepipe.model.acoustic.reference_pitch import MIDDLE_PITCH_HZ
from voicepipe.model.acoustic.reference_range import reference_range
from voicepipe.model.acoustic.reference_tone import ROUNDS, bounded, reference_tone
from voicepipe.model.spectral import linear_spectrogram

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.model.acoustic.source_filter_config import SourceFilterConfig
    from voicepipe.model.spectral_config import SpectrogramConfig


def heard_tone(
    recorded: Tensor, style: Tensor, say: Callable[[Tensor], Tensor], sizes: SourceFilterConfig
) -> Tensor:
    """Hear how a clip is coloured otherwise than its words, (1, bands, 1).

    Args:
        recorded: (S,) samples of the clip.
        style: (1, G, 1) of the clip; the first channel is its `reference_pitch`.
        say: Says the clip's words with a tone to (S',) samples.
        sizes: Of the generator that says them.
    """
    pitch_hz = MIDDLE_PITCH_HZ * math.exp(float(style[0, 0, 0]))
    tone = recorded.new_zeros(1, sizes.n_bands, 1)
    for _ in range(ROUNDS):
        said = say(tone).to(recorded)
        wrong = reference_tone(recorded, said, pitch_hz, sizes.n_bands, sizes.sample_rate)
        tone = bounded(tone + wrong[None, :, None])
    return tone


def heard_range(recorded: Tensor, said: Tensor, spectrogram: SpectrogramConfig) -> Tensor:
    """Hear how much livelier a clip is than its words, (1, 1).

    Args:
        recorded: (S,) samples of the clip.
        said: (S',) samples of its words.
        spectrogram: By which pitch is tracked; at the rate of both.
    """
    tracks = [_track(waveform, spectrogram) for waveform in (recorded, said.to(recorded))]
    return recorded.new_full((1, 1), reference_range(*tracks))


def _track(waveform: Tensor, config: SpectrogramConfig) -> NDArray[np.float32]:
    found = linear_spectrogram(waveform[None], config)
    return pitch_track(found[0].cpu(), config.sample_rate)

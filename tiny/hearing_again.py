"""How differently the trained ears hear a recording and what the acoustic stage made of it.

Spectra tell a network how a stretch should look, and a listener what has to be told apart in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tiny.corpus import SAMPLE_RATE
from voicepipe.model.encoders.content import SAMPLE_RATE as ENCODER_RATE
from voicepipe.model.encoders.phonetic import phonetic_mel
from voicepipe.model.training.articulation import articulation_distance
from voicepipe.model.training.resampling import resampled

if TYPE_CHECKING:
    from torch import Tensor

    from tiny.listening import Listener

_FEATURES, _PHONEMES = 0.5, 0.1


def hearing_distance(ears: Listener, made: Tensor, wanted: Tensor) -> Tensor:
    """Compare (B, S) samples by features and by the phonemes heard in them; only `made` learns.

    Features are compared before the codes, where gradients pass, and phonemes as heard through
    them.
    """
    features, phonemes = _heard(ears, made)
    with torch.no_grad():
        expected, named = _heard(ears, wanted)
    apart: Tensor = (features - expected).abs().mean()
    return _FEATURES * apart + _PHONEMES * articulation_distance(phonemes, named)


def _heard(ears: Listener, wave: Tensor) -> tuple[Tensor, Tensor]:
    """Features (B, C, T), and scores of phonemes (B, K, T)."""
    mel = phonetic_mel(resampled(wave, SAMPLE_RATE, ENCODER_RATE))
    features, projected = ears.features(mel[:, :, : mel.shape[2] // 4 * 4])
    return features, ears.after(projected.repeat_interleave(2, dim=2)).phonemes

"""How differently two recordings of the same words are articulated.

Colour is averaged over a tenth of a second, and a network that learns it alone slurs. The smallest
family hears phonemes, so it can listen to its own acoustic stage while that learns: how likely it
finds each phoneme, every 20 ms, is held to how likely it finds it in the recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional

from voicepipe.errors import CheckpointError
from voicepipe.model.encoders.content import SAMPLE_RATE
from voicepipe.model.encoders.phonetic import PhoneticEncoder, phonetic_mel
from voicepipe.model.semantic.recogniser import PhonemeRecogniser
from voicepipe.model.training.resampling import resampled

if TYPE_CHECKING:
    from torch import Tensor

    from voicepipe.model.checkpoints.reading import Checkpoint


class PhonemeListener(nn.Module):
    """What hears phonemes in samples; nothing of it learns.

    Tokens would let no gradient through, so the recogniser is given the projected features as they
    are, before each becomes its nearest code; its own codes lie among them.

    Args:
        content: Weights of the encoder.
        recogniser: Weights of what hears phonemes.
        projection: From features to codes: the acoustic stage's own.
        sample_rate: Of the samples, in Hz.

    Raises:
        CheckpointError: A file is not whole, or they do not fit each other.
    """

    def __init__(
        self,
        content: Checkpoint,
        recogniser: Checkpoint,
        projection: nn.Conv1d,
        *,
        sample_rate: int,
    ) -> None:
        super().__init__()
        device = projection.weight.device
        self._encoder = PhoneticEncoder.from_checkpoint(content, device=device)
        self._projection = projection
        self._recogniser = PhonemeRecogniser.from_checkpoint(recogniser, device=device)
        self._sample_rate = sample_rate
        for path, width, other in (
            (content.path, self._encoder.width, projection.in_channels),
            (recogniser.path, self._recogniser.width, projection.out_channels),
        ):
            if width != other:
                raise CheckpointError(
                    f"{path}: its features have {width} values, not {other} as the base's",
                    remedy="use the encoder and the recogniser of the base's family",
                )
        self.requires_grad_(requires_grad=False)

    def forward(self, wave: Tensor) -> Tensor:
        """Hear (B, S) samples as (B, K, T) scores of phonemes, 50 frames a second."""
        features = self._encoder(phonetic_mel(resampled(wave, self._sample_rate, SAMPLE_RATE)))
        codes = self._projection(features)
        return self._recogniser.scores(codes.repeat_interleave(self._projection.stride[0], dim=2))


def articulation_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Say how differently two batches of (B, K, T) scores name the phonemes, in nats a frame.

    The divergence of what was made from what was wanted: 0 for a copy. Only `made` learns.
    """
    heard, expected = made.log_softmax(dim=1), wanted.detach().log_softmax(dim=1)
    distances = functional.kl_div(heard, expected, reduction="none", log_target=True)
    return distances.sum(dim=1).mean()

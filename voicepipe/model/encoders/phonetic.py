"""A small content encoder: what is said in a waveform, not who says it.

It stands where HuBERT stands in the larger families, and gives features at the same rate. It was
taught to name phonemes and to follow the rise and fall of the pitch, on voices whose pitch and
formants were shifted, so its features keep words and melody and little of the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.checkpoints.config_fields import count_under, shape_of
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.convnext import ConvNextBlock
from voicepipe.model.spectral import complex_spectrogram, mel_filters
from voicepipe.model.spectral_config import MelConfig, SpectrogramConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.model.checkpoints.reading import Checkpoint

MEL: Final = MelConfig(
    spectrogram=SpectrogramConfig(sample_rate=16_000, n_fft=512, hop_length=160, win_length=400),
    n_mels=80,
)
"""What the encoder sees."""

_FLOOR = 1e-3
_MIDDLE, _SPREAD = -4.0, 2.5  # log-mels of speech, roughly whitened
_KERNEL_SIZE = 9
_EXPANSION = 3


class PhoneticEncoder(nn.Module):
    """Log-mel frames at 100 Hz to features at 50 Hz.

    Args:
        width: Values of a feature.
        n_blocks: Layers; each sees 80 ms more to either side.
    """

    def __init__(self, width: int, n_blocks: int) -> None:
        super().__init__()
        self.entry = nn.Conv1d(MEL.n_mels, width, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(
            ConvNextBlock(width, _KERNEL_SIZE, _EXPANSION) for _ in range(n_blocks)
        )
        self.norm = nn.LayerNorm(width)

    @classmethod
    def of_shapes(cls, shapes: Mapping[str, tuple[int, ...]]) -> PhoneticEncoder:
        """Build the encoder that a file's tensors describe, its weights unset.

        Raises:
            CheckpointError: They describe none.
        """
        width = shape_of(shapes, "entry.weight", 3)[0]
        return cls(width, count_under(shapes, "blocks."))

    @classmethod
    def from_checkpoint(
        cls, checkpoint: Checkpoint, *, device: torch.device | str = "cpu"
    ) -> PhoneticEncoder:
        """Build the encoder that a file holds.

        Raises:
            CheckpointError: A weight is missing, left over or of another shape.
        """
        shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
        with shapes_only():
            network = cls.of_shapes(shapes)
        load_strictly(network, checkpoint.tensors, source=checkpoint.path)
        return network.to(device).eval()

    @property
    def width(self) -> int:
        """Values of a feature."""
        return self.entry.out_channels

    def forward(self, mel: Tensor) -> Tensor:
        """Encode (B, 80, T) log-mels as (B, C, T / 2)."""
        x = functional.gelu(self.entry((mel - _MIDDLE) / _SPREAD))
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.norm(x.transpose(1, 2)).transpose(1, 2)
        return out


def phonetic_mel(waveform: Tensor) -> Tensor:
    """Measure (B, S) samples at 16 kHz as (B, 80, T) log-mels at 100 Hz; S at least 400."""
    sizes = MEL.spectrogram
    spectrum = complex_spectrogram(waveform, sizes)
    filters = mel_filters(sizes.sample_rate, sizes.n_fft, MEL.n_mels, 0.0, None).to(waveform)
    return torch.log(filters @ spectrum.abs() + _FLOOR)

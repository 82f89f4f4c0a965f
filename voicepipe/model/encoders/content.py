"""The content encoder: a waveform in, what is being said out, without words.

The published families listen with HuBERT base, the smallest one with `PhoneticEncoder`. Weights
come from a local folder through our own reader, so that nothing is downloaded and nothing in a file
runs. Knows nothing of semantic tokens.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import torch

from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.config import Family
from voicepipe.model.encoders.hubert import hear, load_hubert
from voicepipe.model.encoders.phonetic import PhoneticEncoder, phonetic_mel
from voicepipe.model.encoders.published import weights_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor, nn

SAMPLE_RATE: Final = 16_000
"""Of the waveform that goes in."""
FRAME_SAMPLES: Final = 320
"""Samples a feature: 50 features a second."""
MIN_SAMPLES: Final = 400
"""The first feature's reach, 25 ms."""


class ContentEncoder:
    """A network that hears what is said in raw samples, at 50 features a second.

    Args:
        network: In evaluation mode.
        width: Values of a feature.
        hear: From (1, S) samples to (1, C, T) features, by the network.
    """

    def __init__(self, network: nn.Module, width: int, hear: Callable[[Tensor], Tensor]) -> None:
        self._network = network
        self._width = width
        self._hear = hear

    @classmethod
    def load(cls, folder: Path, *, device: torch.device | str = "cpu") -> ContentEncoder:
        """Load a folder: HuBERT's `config.json` and weights, or one file of our own encoder.

        Weights are `model.safetensors` or, as published, `pytorch_model.bin`.

        Raises:
            CheckpointError: A file is missing or wrong, or a weight is missing, left over or of
                another shape.
        """
        path = weights_file(folder)
        if (folder / "config.json").is_file() or path.suffix != ".safetensors":
            network, width = load_hubert(folder, path)
            return cls(network.to(device), width, partial(hear, network))
        return _load_phonetic(path, device)

    @property
    def width(self) -> int:
        """Values of a feature: 768 in HuBERT base."""
        return self._width

    @property
    def weights(self) -> list[Tensor]:
        """Give the memory that processes can share, on a CPU."""
        return list(self._network.parameters())

    def encode(self, waveform: Tensor) -> Tensor:
        """Turn a waveform into content features.

        Args:
            waveform: (S,) float, mono, 16 kHz, in [-1, 1], as it is: no normalisation.

        Returns:
            (C, T) float32, about S / 320 features.

        Raises:
            ValueError: The waveform has another shape, or is too short for one feature.
        """
        if waveform.ndim != 1 or waveform.shape[0] < MIN_SAMPLES:
            msg = f"a waveform of shape {tuple(waveform.shape)}; at least {MIN_SAMPLES} samples"
            raise ValueError(msg)
        parameter = next(self._network.parameters())
        with torch.inference_mode():
            samples = waveform.to(device=parameter.device, dtype=parameter.dtype).unsqueeze(0)
            return self._hear(samples)[0].float()


def _load_phonetic(path: Path, device: torch.device | str) -> ContentEncoder:
    checkpoint = load_checkpoint(path, family=Family.PHONETIC)
    network = PhoneticEncoder.from_checkpoint(checkpoint, device=device)
    return ContentEncoder(network, network.width, lambda samples: network(phonetic_mel(samples)))

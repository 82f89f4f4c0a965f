"""A small network that hears who speaks: an utterance in, one point of a sphere out.

Utterances of one speaker lie close together, those of two far apart.

Source: Wan et al., Generalized end-to-end loss for speaker verification, 2018; sizes and weights
are those of Resemblyzer 0.1.4 (Apache-2.0), whose package is read and not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.checkpoints.reading import load_tensors_under
from voicepipe.model.checkpoints.weights import load_strictly
from voicepipe.model.spectral import complex_spectrogram, mel_filters
from voicepipe.model.spectral_config import SpectrogramConfig

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_RATE: Final = 16_000
WEIGHTS_SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
_SPECTROGRAM: Final = SpectrogramConfig(
    sample_rate=SAMPLE_RATE, n_fft=400, hop_length=160, win_length=400
)
_N_MELS: Final = 40
_WIDTH: Final = 256
_N_LAYERS: Final = 3
_WINDOW: Final = 160
"""Frames of 10 ms that are heard at once."""
_STEP: Final = 80
_LEVEL: Final = 10 ** (-30 / 20)
"""RMS that it was taught with."""
_OF_THE_LOSS: Final = ("similarity_weight", "similarity_bias")


class TimbreEncoder(nn.Module):
    """Mels of an utterance to where its speaker lies."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(_N_MELS, _WIDTH, _N_LAYERS, batch_first=True)
        self.linear = nn.Linear(_WIDTH, _WIDTH)

    @classmethod
    def load(cls, path: Path) -> TimbreEncoder:
        """Load Resemblyzer's `pretrained.pt`.

        Raises:
            CheckpointError: It is another file.
        """
        tensors = dict(load_tensors_under(path, "model_state", sha256=WEIGHTS_SHA256))
        for name in _OF_THE_LOSS:
            tensors.pop(name, None)
        network = cls()
        load_strictly(network, tensors, source=path)
        return network.eval()

    @torch.inference_mode()
    def place(self, waveform: Tensor) -> Tensor:
        """Find where a speaker lies.

        Args:
            waveform: (S,) speech at 16 kHz without long pauses; what is shorter than 1.6 s is heard
                over and over.

        Returns:
            (256,), of length 1.
        """
        level = waveform.square().mean().sqrt().clamp(min=1e-8)
        speech = (waveform * (_LEVEL / level)).clamp(-1, 1)
        shortest = _WINDOW * _SPECTROGRAM.hop_length
        if len(speech) < shortest:
            speech = speech.repeat(-(-shortest // len(speech)))
        mels = self._mels(speech)
        starts = range(0, max(1, mels.shape[0] - _WINDOW + 1), _STEP)
        windows = torch.stack([mels[start : start + _WINDOW] for start in starts])
        _, (hidden, _) = self.lstm(windows)
        places = functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)
        return functional.normalize(places.mean(0), dim=0)

    def _mels(self, speech: Tensor) -> Tensor:
        sizes = _SPECTROGRAM
        power = complex_spectrogram(speech[None], sizes).abs().square()[0]
        filters = mel_filters(sizes.sample_rate, sizes.n_fft, _N_MELS, 0.0, None)
        return (filters @ power).t()  # (M, T) -> (T, M)

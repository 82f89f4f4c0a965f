"""A small network that hears who speaks: an utterance in, one point of a sphere out.

Utterances of one speaker lie close together, those of two far apart. It computes with NumPy: torch
alone would take twice the memory of all that judges a clip.

Source: Wan et al., Generalized end-to-end loss for speaker verification, 2018; sizes and weights
are those of Resemblyzer 0.1.4 (Apache-2.0), whose package is read and not run.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.installation import package_file
from voicepipe.model.checkpoints.pinned_arrays import load_arrays_under
from voicepipe.model.encoders.array_layers import linear, logistic
from voicepipe.model.mel_filters import slaney_filters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLE_RATE: Final = 16_000
WEIGHTS_SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
PACKAGE: Final = "resemblyzer"
"""Whose wheel holds the weights."""
N_FFT: Final = 400
HOP_LENGTH: Final = 160
N_MELS: Final = 40
WIDTH: Final = 256
N_LAYERS: Final = 3
WINDOW_FRAMES: Final = 160
"""Of 10 ms, heard at once."""
STEP_FRAMES: Final = 80
"""From one window to the next."""
LEVEL_RMS: Final = 10 ** (-30 / 20)
"""That it was taught with, of full scale."""
LEAST_RMS: Final = 1e-8
"""So that silence is not divided by nothing."""
_WEIGHTS: Final = "pretrained.pt"
_VERSION: Final = "0.1.4"


def installed_weights() -> Path | None:
    """Find the weights in the package they come with; None where it is not installed."""
    return package_file(PACKAGE, _WEIGHTS)


def weights_remedy() -> str:
    """Say how to install the weights."""
    # They are no part of an extra: what the package asks for needs a compiler, and is not used.
    return f"{sys.executable} -m pip install --no-deps {PACKAGE}=={_VERSION}"


def load_timbre_weights(path: Path) -> Mapping[str, NDArray[np.float32]]:
    """Read Resemblyzer's `pretrained.pt`: the LSTM and the layer behind it, by torch's names.

    Raises:
        CheckpointError: It is another file.
    """
    return load_arrays_under(path, "model_state", sha256=WEIGHTS_SHA256)


class TimbreEncoder:
    """Mels of an utterance to where its speaker lies.

    Args:
        weights: Of the LSTM and the layer behind it, by torch's names.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self._weights = weights

    @classmethod
    def load(cls, path: Path) -> TimbreEncoder:
        """Load Resemblyzer's `pretrained.pt`.

        Raises:
            CheckpointError: It is another file.
        """
        return cls(load_timbre_weights(path))

    def place(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Find where a speaker lies: the speaker embedding ("d-vector").

        Args:
            waveform: (S,) speech at 16 kHz without long pauses; what is shorter than 1.6 s is heard
                over and over.

        Returns:
            (256,), of length 1.
        """
        level = max(LEAST_RMS, float(np.sqrt(np.mean(np.square(waveform), dtype=np.float64))))
        speech = np.clip(waveform * np.float32(LEVEL_RMS / level), -1, 1)
        shortest = WINDOW_FRAMES * HOP_LENGTH
        if len(speech) < shortest:
            speech = np.tile(speech, -(-shortest // len(speech)))
        mels = _mels(speech)
        starts = range(0, max(1, mels.shape[0] - WINDOW_FRAMES + 1), STEP_FRAMES)
        windows = np.stack([mels[start : start + WINDOW_FRAMES] for start in starts])
        places = linear(self._heard_last(windows), self._weights, "linear")
        return _of_length_one(_of_length_one(np.maximum(places, 0)).mean(axis=0))

    def _heard_last(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the LSTM over (B, T, M); give the last state of its last layer, (B, H)."""
        heard = windows
        for layer in range(N_LAYERS):
            heard = self._layer(heard, layer)
        return heard[:, -1]

    def _layer(self, inputs: NDArray[np.float32], layer: int) -> NDArray[np.float32]:
        inner, outer = (self._weights[f"lstm.weight_{kind}_l{layer}"] for kind in ("hh", "ih"))
        biases = self._weights[f"lstm.bias_ih_l{layer}"] + self._weights[f"lstm.bias_hh_l{layer}"]
        driven = inputs @ outer.T + biases  # (B, T, 4H): in, forget, cell, out
        state = cell = np.zeros((len(inputs), WIDTH), np.float32)
        states = np.empty((*inputs.shape[:2], WIDTH), np.float32)
        turned = np.ascontiguousarray(inner.T)
        for moment in range(inputs.shape[1]):
            gates = driven[:, moment] + state @ turned
            enter, keep, new, leave = np.split(gates, 4, axis=1)
            cell = logistic(keep) * cell + logistic(enter) * np.tanh(new)
            state = logistic(leave) * np.tanh(cell)
            states[:, moment] = state
        return states


def _mels(speech: NDArray[np.float32]) -> NDArray[np.float32]:
    """Powers by band, as (T, M): mirrored ends, frames of 25 ms every 10 ms."""
    edge = (N_FFT - HOP_LENGTH) // 2
    padded = np.pad(speech, edge, mode="reflect")
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH] * window
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    filters = slaney_filters(SAMPLE_RATE, N_FFT, N_MELS, 0.0, None)
    mels: NDArray[np.float32] = (power @ filters.T).astype(np.float32)
    return mels


def _of_length_one(places: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(places, axis=-1, keepdims=True)
    found: NDArray[np.float32] = places / np.maximum(lengths, 1e-12)
    return found

"""A network that predicts the opinion score listeners would give a clip, 1 to 5.

It computes with NumPy: torch alone would take twice the memory of all that judges a clip. It looks
at 7.68 s; what a shorter clip leaves silent is computed once and repeated.

Source: Stahl and Gamper, Distillation and pruning for scalable self-supervised representation-based
speech quality assessment, 2025; sizes and weights are those of distillmos 0.9.1 (MIT), whose
package is read and not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.model.checkpoints.pinned_arrays import load_arrays_under
from voicepipe.model.encoders.array_layers import (
    batch_norm,
    linear,
    logistic,
    softmax,
    transformer_layer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLE_RATE: Final = 16_000
WEIGHTS_SHA256: Final = "b18b3ac60227267cfb91e5d00ce22cc7b73716fd92f269484da1446e27031a40"
_WINDOW: Final = 122_880
_LONGEST_STEP: Final = 16_000
_N_FFT: Final = 320
_HOP: Final = 160
_COMPRESSED: Final = 0.3
_LEAST: Final = 1e-12
_N_CONVOLUTIONS: Final = 6
_LEAK: Final = np.float32(0.1)
_REACH: Final = 8
"""Frames that the convolutions look to either side: six of them, and what the transform mirrors."""
_N_LAYERS: Final = 7
_N_HEADS: Final = 8
_POOL: Final = "transformer_pool_attn"


class OpinionScore:
    """Samples to a score.

    Args:
        weights: By the names of the package.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self._weights = dict(weights)
        for number in range(_N_CONVOLUTIONS):
            # (out, in, frequency, time) -> (frequency * time * in, out)
            kernel = self._weights[f"cnn.cnn.{2 * number}.weight"].transpose(2, 3, 1, 0)
            self._weights[_kernel(number)] = kernel.reshape(-1, kernel.shape[-1])

    @classmethod
    def load(cls, path: Path) -> OpinionScore:
        """Load the package's `distill_mos_v7.pt`.

        Raises:
            CheckpointError: It is another file.
        """
        return cls(load_arrays_under(path, "model", sha256=WEIGHTS_SHA256))

    def score(self, waveform: NDArray[np.float32]) -> float:
        """Predict the mean opinion score.

        Args:
            waveform: (S,) at 16 kHz, not empty; what is longer than 7.68 s is heard in several
                windows, a second apart at most.
        """
        return 1 + 4 * float(np.mean([self._quality(part) for part in _windows(waveform)]))

    def _quality(self, samples: NDArray[np.float32]) -> float:
        heard = self._transformed(self._convolved(samples))
        inner = np.maximum(linear(heard, self._weights, f"{_POOL}.pool.linear1"), 0)
        shares = softmax(linear(inner, self._weights, f"{_POOL}.pool.linear2")[:, 0])
        return float(logistic(linear(shares @ heard, self._weights, f"{_POOL}.pool.linear3"))[0])

    def _convolved(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give (T, C*F) of a whole window, whose end may be silent."""
        n_all = _WINDOW // _HOP
        n_heard = min(n_all, (len(samples) // _HOP + 2 * _REACH + 3) // 2 * 2)
        peak = np.abs(samples).max() + np.float32(1e-8)
        padded = np.zeros(n_heard * _HOP, np.float32)
        padded[: len(samples)] = samples / peak
        planes = _compressed_spectrum(padded)
        for number in range(_N_CONVOLUTIONS):
            planes = self._convolution(planes, number)
        # (F, T, C) -> (T, C*F)
        rows = planes.transpose(1, 2, 0).reshape(planes.shape[1], -1)
        # The row before the end's reach is silence that knows no end: it stands for what is left.
        still = len(rows) - _REACH // 2 - 1
        counts = np.ones(len(rows), np.int64)
        counts[still] += n_all // 2 - len(rows)
        return np.repeat(rows, counts, axis=0)

    def _convolution(self, planes: NDArray[np.float32], number: int) -> NDArray[np.float32]:
        """Convolve (F, T, C) by 3 × 3, padded in time; row by row, so that little is copied."""
        step = 2 if number else 1
        time_step = 2 if number == _N_CONVOLUTIONS - 1 else 1
        kernel, bias = self._weights[_kernel(number)], self._weights[f"cnn.cnn.{2 * number}.bias"]
        n_rows, n_frames, n_channels = planes.shape
        n_new, n_out = (n_rows - 3) // step + 1, (n_frames - 1) // time_step + 1
        padded = np.pad(planes, ((0, 0), (1, 1), (0, 0)))
        found = np.empty((n_new, n_out, kernel.shape[1]), np.float32)
        near = np.empty((n_out, 3, 3, n_channels), np.float32)
        for row in range(n_new):
            for up in range(3):
                for ahead in range(3):
                    taken = padded[row * step + up, ahead : ahead + n_frames : time_step]
                    near[:, up, ahead] = taken
            np.matmul(near.reshape(n_out, -1), kernel, out=found[row])
        found += bias
        np.maximum(found, _LEAK * found, out=found)
        return found

    def _transformed(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        weights, name = self._weights, f"{_POOL}.transformer"
        rows = batch_norm(rows, weights, f"{_POOL}.norm_input")
        rows = linear(batch_norm(rows, weights, f"{name}.norm"), weights, f"{name}.linear_proj")
        rows = rows + weights[f"{name}.position_encoding.pe"][0]
        for number in range(_N_LAYERS):
            layer = f"{name}.transformer_encoder.layers.{number}"
            rows = transformer_layer(rows, weights, layer, n_heads=_N_HEADS)
        return batch_norm(rows, weights, f"{_POOL}.norm_trans")


def _kernel(number: int) -> str:
    return f"kernel {number}"


def _windows(waveform: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    too_long = max(0, len(waveform) - _WINDOW)
    for share in np.linspace(0, 1, -(-too_long // _LONGEST_STEP) + 1):
        start = int(share * too_long)
        yield waveform[start : start + _WINDOW]


def _compressed_spectrum(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform samples into (F, T, 2): complex, quiet parts raised."""
    padded = np.pad(samples, (_N_FFT - _HOP) // 2, mode="reflect")
    window = np.hanning(_N_FFT + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP] * window
    spectrum = np.fft.rfft(frames, axis=1).T
    size = np.maximum(np.abs(spectrum), _LEAST)
    raised = size ** np.float32(_COMPRESSED) / size * spectrum
    return np.stack([raised.real, raised.imag], axis=-1).astype(np.float32)

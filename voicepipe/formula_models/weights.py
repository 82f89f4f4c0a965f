"""Weights from a formula: full-size models for trying a machine before any weights are there.

What such a model says is noise of the right shape, the same on every machine. A tensor depends on
its name and shape alone. Imports torch.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from voicepipe.model.acoustic.bigvgan import lowpass_filter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from torch import Tensor

TensorRow = tuple[str, tuple[int, ...], str]
"""Key, shape, and type as torch prints it: `torch.float32`."""

_GAINS = ("weight_g",)
_POSITIVE = ("alpha", "running_var")
_TABLES = ("embed", "embed_avg")
_SCALES = ("gamma", "weight")
_RESIDUAL_ENDS = ("self_attn.out_proj.weight", "linear2.weight")
_BIGVGAN_LAST = ("conv_post.weight", 24)
_LOWPASS_SUFFIX, _LOWPASS_TAPS = ".filter", 12


def formula_state(
    rows: Iterable[TensorRow], *, salt: int = 0, eos_gain: float = 0.0
) -> dict[str, Tensor]:
    """Make every tensor of a checkpoint.

    Args:
        rows: Its keys, shapes and types.
        salt: Other weights of the same shapes.
        eos_gain: Factor of the score of end of speech: 0 never ends, 8 ends after a second or two.
    """
    return {
        key: formula_tensor(key, shape, dtype, salt=salt, eos_gain=eos_gain)
        for key, shape, dtype in rows
    }


def formula_tensor(
    key: str, shape: tuple[int, ...], dtype: str, *, salt: int = 0, eos_gain: float = 0.0
) -> Tensor:
    """Make one tensor: normal noise seeded by the key, scaled to keep a network's signals steady.

    Args:
        key: With its prefix, as the file spells it.
        shape: Of the tensor.
        dtype: Whole numbers and truth values become zeros, everything else float32.
        salt: As for `formula_state`.
        eos_gain: As for `formula_state`.
    """
    kind = dtype.removeprefix("torch.")
    if "int" in kind or kind == "bool":
        zeros: Tensor = torch.zeros(shape, dtype=getattr(torch, kind))
        return zeros
    if key.endswith(_LOWPASS_SUFFIX) and shape == (1, 1, _LOWPASS_TAPS):
        return lowpass_filter(0.25, 0.3, _LOWPASS_TAPS)  # what resampling needs, not weights
    seed = zlib.crc32(key.encode()) + (salt << 32)
    noise = np.random.Generator(np.random.PCG64(seed))
    values: NDArray[Any] = noise.standard_normal(shape, dtype=np.float32)
    values = _scaled(values, key, tuple(shape))
    if key.endswith(_RESIDUAL_ENDS):
        values = 0.3 * values  # a post-norm layer must not drown its input
    if key == _BIGVGAN_LAST[0] and shape[1] == _BIGVGAN_LAST[1]:
        values = 0.002 * values  # inside the vocoder's clamp
    if key.endswith("ar_predict_layer.weight"):
        values[-1] *= eos_gain
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _scaled(values: NDArray[Any], key: str, shape: tuple[int, ...]) -> NDArray[Any]:
    leaf = key.rsplit(".", 1)[-1]
    scaled: NDArray[Any] = 0.02 * values
    if leaf in _GAINS:
        scaled = 1.0 + 0.1 * values
    elif leaf in _POSITIVE:
        scaled = 1.0 + 0.1 * np.abs(values)
    elif leaf in _TABLES:
        scaled = values
    elif len(shape) > 1:
        scaled = values / np.sqrt(np.prod(shape[1:]))
    elif leaf in _SCALES:
        scaled = 1.0 + 0.05 * values
    return scaled

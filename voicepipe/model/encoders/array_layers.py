"""Layers of small networks that run without torch: (…, D) float32 arrays, weights by their names.

Names are torch's: `<layer>.weight` (out, in), `<layer>.bias`, and the moments of a batch norm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Weights = Mapping[str, Array]

_EPSILON: Final = np.float32(1e-5)


def linear(inputs: Array, weights: Weights, name: str) -> Array:
    """Apply a matrix and a bias."""
    found: Array = inputs @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return found


def logistic(inputs: Array) -> Array:
    """Map numbers to 0 … 1, without overflow."""
    found: Array = 0.5 + 0.5 * np.tanh(0.5 * inputs)
    return found


def softmax(inputs: Array) -> Array:
    """Share one among the last axis."""
    raised = np.exp(inputs - inputs.max(axis=-1, keepdims=True))
    found: Array = raised / raised.sum(axis=-1, keepdims=True)
    return found


def batch_norm(inputs: Array, weights: Weights, name: str) -> Array:
    """Scale by what was usual in training."""
    scale = weights[f"{name}.weight"] / np.sqrt(weights[f"{name}.running_var"] + _EPSILON)
    found: Array = (inputs - weights[f"{name}.running_mean"]) * scale + weights[f"{name}.bias"]
    return found


def layer_norm(inputs: Array, weights: Weights, name: str) -> Array:
    """Give each row mean 0 and variance 1, then scale."""
    centred = inputs - inputs.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
    found: Array = centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return found


def transformer_layer(inputs: Array, weights: Weights, name: str, *, n_heads: int) -> Array:
    """Attend, then feed forward, each added and normed after (`nn.TransformerEncoderLayer`).

    Args:
        inputs: (T, D).
        weights: Of the network.
        name: Of the layer.
        n_heads: Of attention.

    Source: Vaswani et al., Attention is all you need, 2017.
    """
    attended = _attended(inputs, weights, f"{name}.self_attn", n_heads)
    inputs = layer_norm(inputs + attended, weights, f"{name}.norm1")
    inner = np.maximum(linear(inputs, weights, f"{name}.linear1"), 0)
    return layer_norm(inputs + linear(inner, weights, f"{name}.linear2"), weights, f"{name}.norm2")


def _attended(inputs: Array, weights: Weights, name: str, n_heads: int) -> Array:
    n, width = inputs.shape
    drawn = inputs @ weights[f"{name}.in_proj_weight"].T + weights[f"{name}.in_proj_bias"]
    # (T, 3*H*D) -> (3, H, T, D)
    asked, there, worth = drawn.reshape(n, 3, n_heads, width // n_heads).transpose(1, 2, 0, 3)
    likeness = asked @ there.transpose(0, 2, 1) * np.float32((width // n_heads) ** -0.5)
    mixed = (softmax(likeness) @ worth).transpose(1, 0, 2).reshape(n, width)
    return linear(mixed, weights, f"{name}.out_proj")

"""One new query a line against all that the line has seen, in torch's own calls.

The path where machine code is not to be had. Lines go one after the other, each over exactly its
own length, so a line's numbers are its own in any batch, given one thread; they are those
of `row_attention` within rounding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicepipe.model.kernels.steps import in_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from voicepipe.model.kernels.memory import AttentionMemory


class PlainRowAttention:
    """One step's attention for some lines of a cache.

    Args:
        memory: On a CPU. Receives the new position's keys and values, layer by layer.
        slots: The lines, the new position reserved.
    """

    def __init__(self, memory: AttentionMemory, slots: Sequence[int]) -> None:
        self._memory, self._slots = memory, tuple(slots)
        self._factor = 1.0 / math.sqrt(memory.keys.shape[-1])

    def __call__(self, layer: int, joined: Tensor, out: Tensor) -> None:
        """Attend in one layer.

        Args:
            layer: Which one.
            joined: (>= B, 3 * H * D) float32: queries, keys and values of the new position.
            out: (>= B, H * D) float32; the first B rows are written.
        """
        n_heads = self._memory.keys.shape[2]
        for row, slot in enumerate(self._slots):
            query, key, value = joined[row].view(3, n_heads, -1)
            out[row] = self._attend(layer, slot, query * self._factor, key, value).flatten()

    def _attend(self, layer: int, slot: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Give (H, D) of one line, for (H, D) of its new position."""
        memory = self._memory
        length = memory.length(slot)
        keys, values = memory.keys[slot, layer], memory.values[slot, layer]
        if memory.scales is None:
            keys[:, length - 1], values[:, length - 1] = key, value
            weights = _scores(query, keys[:, :length].float()).softmax(dim=-1)
            return (weights.unsqueeze(1) @ values[:, :length].float()).squeeze(1)
        key_scales, value_scales = (part[slot, layer] for part in memory.scales)
        keys[:, length - 1], key_scales[:, length - 1] = in_steps(key)
        values[:, length - 1], value_scales[:, length - 1] = in_steps(value)
        scores = _scores(query, keys[:, :length].float()) * key_scales[:, :length]
        weights = scores.softmax(dim=-1) * value_scales[:, :length]
        return (weights.unsqueeze(1) @ values[:, :length].float()).squeeze(1)


def _scores(query: Tensor, keys: Tensor) -> Tensor:
    """Give (H, T) for (H, D) and (H, T, D)."""
    return (keys @ query.unsqueeze(2)).squeeze(2)

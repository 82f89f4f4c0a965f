"""What kernels of attention read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class AttentionMemory(Protocol):
    """What the lines have seen, on a CPU; room is a multiple of 16 positions."""

    keys: Tensor
    """(slots, layers, H, room, D) float32 or bfloat16, or int8 with `scales`."""
    values: Tensor
    """As `keys`."""
    scales: tuple[Tensor, Tensor] | None
    """What a step of 8-bit keys and values is worth: (slots, layers, H, room) float32."""

    def length(self, slot: int) -> int:
        """Positions held in a slot."""
        ...

"""Keys and values of the tokens seen so far, for a fixed number of slots.

The cache is an argument of every call, never a part of the model. A slot holds
one line; when the line ends the slot is released and another line may enter,
without touching its neighbours. The cache knows nothing of sampling or lines.

Layout of `keys` and `values`: (slots, layers, H, T, D), so the T x D block that
one head of one line reads is contiguous, and so is all that a line has seen.
Memory is reserved once; pages of it that no line has reached are not touched,
and on a CPU those of a line that ended go back to the system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from voicepipe.memory import give_back_contents
from voicepipe.model.kernels.steps import in_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from voicepipe.model.config import SemanticConfig


_BLOCK: Final = 16  # positions: room is a multiple of this


class KvCache:
    """Static memory for the attention of `n_slots` lines of up to `max_length` positions each.

    Args:
        config: Dimensions of the model the cache serves.
        n_slots: Lines that can be in flight at once.
        max_length: Positions a line may take: phonemes, prompt tokens and new tokens together.
        device: Where the memory lies.
        dtype: Type of keys and values; on a CPU float32, bfloat16, or int8: each position of a
            head in steps of 1/127 of its largest number.
    """

    def __init__(
        self,
        config: SemanticConfig,
        *,
        n_slots: int,
        max_length: int,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if n_slots < 1 or max_length < 1:
            msg = f"a cache needs a slot and a position, not {n_slots} and {max_length}"
            raise ValueError(msg)
        room = -(-max_length // _BLOCK) * _BLOCK
        shape = (n_slots, config.n_layers, config.n_heads, room, config.head_width)
        self.keys = torch.empty(shape, device=device, dtype=dtype)
        self.values = torch.empty(shape, device=device, dtype=dtype)
        self.scales: tuple[Tensor, Tensor] | None = None
        """Of keys and of values in 8 bits: what a step is worth, (slots, layers, H, T)."""
        if dtype is torch.int8:
            self.scales = torch.empty(shape[:-1]), torch.empty(shape[:-1])
        self.max_length = max_length
        self._lengths = [0] * n_slots
        self._text_lengths = [0] * n_slots

    @property
    def n_slots(self) -> int:
        """Lines the cache can hold at once."""
        return len(self._lengths)

    def length(self, slot: int) -> int:
        """Positions held in a slot; 0 when it is free."""
        return self._lengths[slot]

    def audio_length(self, slot: int) -> int:
        """Positions held in a slot, phonemes not counted: the next token's audio position."""
        return self._lengths[slot] - self._text_lengths[slot]

    def free_slots(self) -> tuple[int, ...]:
        """Slots that hold no line, lowest first."""
        return tuple(slot for slot, length in enumerate(self._lengths) if length == 0)

    def open(self, slot: int, *, n_text: int, n_audio: int) -> None:
        """Claim a free slot for a line of `n_text` phonemes and `n_audio` prompt tokens.

        Raises:
            ValueError: The slot holds a line, or the line is longer than a slot.
        """
        if self._lengths[slot]:
            msg = f"slot {slot} already holds {self._lengths[slot]} positions"
            raise ValueError(msg)
        self._require_room(slot, n_text + n_audio)
        self._lengths[slot] = n_text + n_audio
        self._text_lengths[slot] = n_text

    def open_as(self, slot: int, other: int, *, n_audio: int) -> None:
        """Claim a free slot for a line that begins as another did, and copy that beginning.

        Args:
            slot: Free.
            other: Holds the other line, which may have gone on since.
            n_audio: Prompt tokens both begin with.

        Raises:
            ValueError: The slot holds a line, or the other one none that long.
        """
        if self.audio_length(other) < n_audio or not self._lengths[other]:
            msg = f"slot {other} holds {self.audio_length(other)} tokens, not {n_audio}"
            raise ValueError(msg)
        n_text = self._text_lengths[other]
        self.open(slot, n_text=n_text, n_audio=n_audio)
        length = n_text + n_audio
        for held in (self.keys, self.values, *(self.scales or ())):
            held[slot, :, :, :length] = held[other, :, :, :length]

    def release(self, slot: int) -> None:
        """Free a slot; what it held is gone."""
        self._lengths[slot] = 0
        self._text_lengths[slot] = 0
        for held in (self.keys[slot], self.values[slot]):
            if held.device.type == "cpu":
                give_back_contents(held.data_ptr(), held.numel() * held.itemsize)

    def reserve_next(self, slots: Sequence[int]) -> tuple[int, ...]:
        """Extend each slot by one position and return the new positions' indices.

        Raises:
            ValueError: A slot is free, named twice, or full. Nothing is extended then.
        """
        if len(set(slots)) != len(slots):
            msg = f"a slot is named twice in {list(slots)}"
            raise ValueError(msg)
        for slot in slots:
            if not self._lengths[slot]:
                msg = f"slot {slot} holds no line"
                raise ValueError(msg)
            self._require_room(slot, self._lengths[slot] + 1)
        positions = tuple(self._lengths[slot] for slot in slots)
        for slot in slots:
            self._lengths[slot] += 1
        return positions

    def write_prefix(self, layer: int, slot: int, keys: Tensor, values: Tensor) -> None:
        """Store the keys and values (H, T, D) of a line's first T positions."""
        length = keys.shape[1]
        if self.scales is not None:
            (keys, key_scales), (values, value_scales) = in_steps(keys), in_steps(values)
            self.scales[0][slot, layer, :, :length] = key_scales
            self.scales[1][slot, layer, :, :length] = value_scales
        self.keys[slot, layer, :, :length] = keys
        self.values[slot, layer, :, :length] = values

    def write_next(
        self, layer: int, slots: Tensor, positions: Tensor, keys: Tensor, values: Tensor
    ) -> None:
        """Store one new position a line: keys and values (B, H, D) at `positions` of `slots`."""
        self.keys[:, layer][slots, :, positions] = keys
        self.values[:, layer][slots, :, positions] = values

    def _require_room(self, slot: int, length: int) -> None:
        if length > self.max_length:
            msg = f"slot {slot} would need {length} positions, and has {self.max_length}"
            raise ValueError(msg)

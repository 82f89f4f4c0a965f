"""A generator's level, upsampling and residual blocks, laid out for a CPU.

Weights and what convolutions read are float32 or bfloat16; sums, and the frames that are added to,
float32. A line is decoded alone, so its samples are its own either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from voicepipe.model.kernels.choice import frame_convolution, frame_upsampling
from voicepipe.model.kernels.frames import ROW_PIECE, Frames
from voicepipe.model.kernels.sum_terms import SLOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor, nn

    from voicepipe.model.kernels.frames import FrameConvolution

    Block = Sequence[tuple[nn.Conv1d, nn.Conv1d]]
    """Pairs of a dilated and a plain convolution, each pair added to its input."""

_CHANNELS: Final = 16
"""Frames are read by so many channels, and by twice as many in bfloat16."""


def packed_blocks(
    blocks: Sequence[Block], dtype: torch.dtype, up: nn.ConvTranspose1d
) -> PackedBlocks | None:
    """Lay out a level.

    Args:
        blocks: With their weights loaded; kept as they are.
        dtype: float32 or bfloat16; levels of too few channels for that are in float32, they are
            little work.
        up: What makes the level's frames, always in float32.

    Returns:
        None where it has channels or kernels that cannot be laid out.
    """
    convs = [conv for block in blocks for pair in block for conv in pair]
    if any(c.in_channels % _CHANNELS or c.kernel_size[0] % 2 == 0 for c in convs):
        return None
    is_narrow = any(conv.in_channels % (2 * _CHANNELS) for conv in convs)
    return PackedBlocks(blocks, torch.float32 if is_narrow else dtype, up)


class PackedBlocks:
    """The blocks of a level, whose mean goes on to the next one.

    Args:
        blocks: With their weights loaded; kept as they are.
        dtype: Of what convolutions read.
        up: What comes before them, unless frames are made already.
    """

    def __init__(
        self, blocks: Sequence[Block], dtype: torch.dtype, up: nn.ConvTranspose1d | None = None
    ) -> None:
        self.dtype = dtype
        self._up = up
        self._upsampling = None if up is None else frame_upsampling(up)
        self._blocks = [
            [(_laid_out(one, dtype), _laid_out(other, dtype)) for one, other in block]
            for block in blocks
        ]
        convs = [conv for block in self._blocks for pair in block for conv in pair]
        self._n_channels = blocks[0][0][0].in_channels
        padding = 0 if self._upsampling is None else self._upsampling.padding
        self._margin = max(padding, *(conv.reach for conv in convs))
        self._beyond = max(conv.beyond for conv in convs)

    @property
    def weights(self) -> list[Tensor]:
        """Give the memory that processes can share."""
        convs = [conv for block in self._blocks for pair in block for conv in pair]
        laid_out = [weight for conv in convs for weight in conv.weights]
        return laid_out if self._upsampling is None else [*laid_out, *self._upsampling.weights]

    def __call__(self, x: Tensor) -> Tensor:
        """Transform (1, C, 1, T), channels last."""
        start, given = self._entered(x)
        n_frames = given.n_frames
        between, held = (self._frames(n_frames) for _ in range(2))
        total: Tensor | None = None
        for block in self._blocks:
            sums, read = start, given
            made = torch.empty_like(start)
            for index, (dilated, plain) in enumerate(block):
                dilated(read, rectified=between)
                is_last = index == len(block) - 1
                plain(between, added=sums, out=made, rectified=None if is_last else held)
                sums, read = made, held
            total = made if total is None else total.add_(made)
        assert total is not None, "a level has blocks"
        mean = total[:n_frames].div_(len(self._blocks))
        return mean[None, None].permute(0, 3, 1, 2)

    def _frames(self, n_frames: int, beyond: int = 0) -> Frames:
        beyond = max(beyond, self._beyond)
        return Frames(n_frames, self._n_channels, self._margin, self.dtype, beyond)

    def _entered(self, x: Tensor) -> tuple[Tensor, Frames]:
        """Give the level's frames, (room, C), and the same rectified."""
        up = self._upsampling
        if up is None:
            if self._up is not None:
                x = self._up(functional.leaky_relu(x, SLOPE))
            given = self._frames(x.shape[3])
            start = x.new_empty(given.room, self._n_channels)
            start[: given.n_frames] = _rows(x)
        else:
            read = Frames(x.shape[3], up.n_channels, up.reach + ROW_PIECE, torch.float32)
            read.fill(_rows(x))
            given = self._frames(up.n_made(x.shape[3]), up.beyond)
            room = x.new_empty(up.padding + given.room, self._n_channels)
            start = room[up.padding :]
            up(read, room, given if self.dtype is torch.float32 else None)
        start[given.n_frames :].zero_()
        if up is None or self.dtype is not torch.float32:
            given.fill(start[: given.n_frames])
        return start, given


def _rows(x: Tensor) -> Tensor:
    # (1, C, 1, T) channels last -> (T, C)
    return x.permute(0, 2, 3, 1)[0, 0]


def _laid_out(conv: nn.Conv1d, dtype: torch.dtype) -> FrameConvolution:
    bias = conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias
    return frame_convolution(conv.weight, bias, conv.dilation[0], dtype)

"""The residual blocks of a generator's level, laid out for a CPU.

Weights and what convolutions read are float32 or bfloat16; sums, and the frames that are added to,
float32. A line is decoded alone, so its samples are its own either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from voicepipe.model.kernels.choice import frame_convolution
from voicepipe.model.kernels.frames import Frames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor, nn

    from voicepipe.model.kernels.frames import FrameConvolution

    Block = Sequence[tuple[nn.Conv1d, nn.Conv1d]]
    """Pairs of a dilated and a plain convolution, each pair added to its input."""

_CHANNELS: Final = 16
"""Frames are read by so many channels, and by twice as many in bfloat16."""


def packed_blocks(blocks: Sequence[Block], dtype: torch.dtype) -> PackedBlocks | None:
    """Lay out a level.

    Args:
        blocks: With their weights loaded; kept as they are.
        dtype: float32 or bfloat16; levels of too few channels for that are in float32, they are
            little work.

    Returns:
        None where it has channels or kernels that cannot be laid out.
    """
    convs = [conv for block in blocks for pair in block for conv in pair]
    if any(c.in_channels % _CHANNELS or c.kernel_size[0] % 2 == 0 for c in convs):
        return None
    is_narrow = any(conv.in_channels % (2 * _CHANNELS) for conv in convs)
    return PackedBlocks(blocks, torch.float32 if is_narrow else dtype)


class PackedBlocks:
    """The blocks of a level, whose mean goes on to the next one.

    Args:
        blocks: With their weights loaded; kept as they are.
        dtype: Of what convolutions read.
    """

    def __init__(self, blocks: Sequence[Block], dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._blocks = [
            [(_laid_out(one, dtype), _laid_out(other, dtype)) for one, other in block]
            for block in blocks
        ]
        self._margin = max(conv.reach for block in self._blocks for pair in block for conv in pair)

    @property
    def weights(self) -> list[Tensor]:
        """Give the memory that processes can share."""
        convs = [conv for block in self._blocks for pair in block for conv in pair]
        return [weight for conv in convs for weight in conv.weights]

    def __call__(self, x: Tensor) -> Tensor:
        """Transform (1, C, 1, T), channels last."""
        _, n_channels, _, n_frames = x.shape
        given, between, held = (
            Frames(n_frames, n_channels, self._margin, self.dtype) for _ in range(3)
        )
        # (1, C, 1, T) channels last -> (T, C), with rows for what is computed past the end
        start = x.new_empty(given.n_rows, n_channels)
        start[:n_frames] = x.permute(0, 2, 3, 1)[0, 0]
        start[n_frames:].zero_()
        given.fill(start[:n_frames])
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


def _laid_out(conv: nn.Conv1d, dtype: torch.dtype) -> FrameConvolution:
    bias = conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias
    return frame_convolution(conv.weight, bias, conv.dilation[0], dtype)

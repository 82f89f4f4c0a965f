"""Frames as convolutions of one row of time read them: (T, C) in memory, between rows of zeros.

Beside it the plain path of such convolutions. Letters: T frames, C channels in, N channels out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import torch
from torch.nn import functional as F

from voicepipe.model.kernels.sum_terms import SLOPE

if TYPE_CHECKING:
    from torch import Tensor

ROW_PIECE: Final = 32
"""Whole pieces of work for every kind of instruction."""


class FrameConvolution(Protocol):
    """A convolution that keeps the number of frames."""

    reach: int
    """Rows it reads to either side of the frames."""
    beyond: int
    """Rows it may write past the last frame."""

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        ...

    def __call__(
        self,
        frames: Frames,
        *,
        added: Tensor | None = None,
        out: Tensor | None = None,
        rectified: Frames | None = None,
    ) -> None:
        """Convolve.

        Args:
            frames: What is read; its margin is at least `reach`.
            added: (room, N) float32, added to the result.
            out: (room, N) float32, receives the result; may be `added`.
            rectified: Receives the rectified result.
        """
        ...


class Frames:
    """What a convolution reads: rectified frames of one type between rows of zeros.

    Args:
        n_frames: T.
        n_channels: C.
        margin: Rows of zeros at either end.
        dtype: float32 or bfloat16.
        beyond: Rows that may be written past the last frame.
    """

    def __init__(
        self,
        n_frames: int,
        n_channels: int,
        margin: int,
        dtype: torch.dtype,
        beyond: int = ROW_PIECE,
    ) -> None:
        self.n_frames, self.margin = n_frames, margin
        self.room = n_frames + max(beyond, ROW_PIECE)
        self.memory = torch.empty(margin + self.room + margin, n_channels, dtype=dtype)
        self.clear_start()
        self.clear_end()

    @property
    def n_rows(self) -> int:
        """Give the rows of whole pieces of work."""
        return -(-self.n_frames // ROW_PIECE) * ROW_PIECE

    def fill(self, frames: Tensor) -> None:
        """Rectify (T, C) float32 into place."""
        own = self.memory[self.margin : self.margin + self.n_frames]
        if own.dtype is torch.float32:
            torch.ops.aten.leaky_relu.out(frames, SLOPE, out=own)
        else:
            own.copy_(torch.nn.functional.leaky_relu(frames, SLOPE))

    def address(self, offset: int = 0) -> int:
        """Say where the frame at an offset from the first begins."""
        return self.memory[self.margin + offset].data_ptr()

    def clear_end(self) -> None:
        """Make what was written past the last frame zeros again."""
        self.memory[self.margin + self.n_frames :].zero_()

    def clear_start(self) -> None:
        """Make what was written before the first frame zeros again."""
        self.memory[: self.margin].zero_()


class PlainConvolution:
    """In torch's own call, of numbers that are rounded already.

    Args:
        weight: (N, C, k).
        bias: (N,).
        dilation: Of the kernel.
        dtype: Of weights and frames; sums are float32.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dilation: int, dtype: torch.dtype) -> None:
        self._weight, self._bias = weight.detach().to(dtype).float(), bias.detach()
        self._dilation = dilation
        self.reach = dilation * (weight.shape[2] - 1) // 2
        self.beyond = ROW_PIECE

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        return self._weight, self._bias

    def __call__(
        self,
        frames: Frames,
        *,
        added: Tensor | None = None,
        out: Tensor | None = None,
        rectified: Frames | None = None,
    ) -> None:
        """Convolve."""
        start = frames.margin - self.reach
        rows = frames.memory[start : frames.margin + frames.n_rows + self.reach].float()
        made = F.conv1d(rows.t()[None], self._weight, self._bias, dilation=self._dilation)
        result = made[0].t() if added is None else made[0].t() + added[: frames.n_rows]
        if out is not None:
            out[: frames.n_rows].copy_(result)
        if rectified is not None:
            rectified.fill(result[: frames.n_frames])

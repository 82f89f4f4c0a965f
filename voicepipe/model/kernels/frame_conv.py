"""Convolutions over frames as machine code, with what lies between them done on the way.

What a convolution gives can be added to other frames, and rectified for the next one, while it is
still in registers. Letters: T frames, C channels in, N channels out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from voicepipe.model.kernels.float_product import laid_out, terms_of
from voicepipe.model.kernels.frames import ROW_PIECE
from voicepipe.model.kernels.sum_code import sum_function
from voicepipe.model.kernels.sum_terms import Terms

if TYPE_CHECKING:
    from torch import Tensor

    from voicepipe.model.kernels.frames import Frames


class FrameSums:
    """A convolution that keeps the number of frames.

    Args:
        weight: (N, C, k) float32; N and C multiples of 16, k odd.
        bias: (N,).
        dilation: Of the kernel.
        dtype: Of weights and frames; sums are float32.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dilation: int, dtype: torch.dtype) -> None:
        self._n_outputs, n_channels, self._n_taps = weight.shape
        self.reach = dilation * (self._n_taps - 1) // 2
        self.beyond = ROW_PIECE
        # (N, C, k) -> (N, k * C)
        rows = weight.detach().transpose(1, 2).reshape(self._n_outputs, -1)
        self._weight = laid_out(rows.to(dtype))
        self._bias = bias.detach().float().contiguous()
        self._nothing = torch.zeros(self._n_outputs)
        terms = terms_of(dtype, n_channels)
        n_terms = n_channels // terms.numbers
        self._tap_stride = dilation * n_terms
        self._sum = sum_function(terms, n_terms, n_terms)

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
        assert frames.margin >= self.reach
        beside = self._nothing if added is None else added
        self._sum(
            frames.n_rows,
            self._n_outputs,
            self._n_taps,
            self._tap_stride,
            frames.address(-self.reach),
            self._weight.data_ptr(),
            self._bias.data_ptr(),
            beside.data_ptr(),
            0 if added is None else self._n_outputs,
            0 if out is None else out.data_ptr(),
            int(out is not None),
            0 if rectified is None else rectified.address(),
            int(rectified is not None),
        )
        if rectified is not None:
            rectified.clear_end()


class UpsampleSums:
    """A transposed convolution, a product of few taps for all samples between two frames.

    Args:
        weight: (C, N, k) float32; C and N multiples of 16.
        bias: (N,).
        rate: Samples made of a frame.
        padding: Samples left out at either end.
    """

    def __init__(self, weight: Tensor, bias: Tensor, rate: int, padding: int) -> None:
        self.n_channels, self._n_outputs, size = weight.shape
        self._rate, self.padding, self._size = rate, padding, size
        self._n_taps = -(-size // rate)
        filled = functional.pad(weight.detach(), (0, self._n_taps * rate - size))
        # (C, N, taps * rate), the last tap of the earliest frame -> (rate * N, taps * C)
        split = filled.reshape(self.n_channels, self._n_outputs, self._n_taps, rate)
        taps = split.flip(2).permute(3, 1, 2, 0)
        self._weight = laid_out(taps.reshape(rate * self._n_outputs, -1))
        self._bias = bias.detach().float().repeat(rate)
        self._nothing = torch.zeros_like(self._bias)
        self._sum = sum_function(Terms.FLOATS, self.n_channels, self.n_channels)
        self.reach = self._n_taps - 1
        group = Terms.FLOATS.row_group
        self.beyond = (self._n_taps + group) * rate

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        return self._weight, self._bias

    def n_made(self, n_frames: int) -> int:
        """Say how many samples are made of frames."""
        return (n_frames - 1) * self._rate + self._size - 2 * self.padding

    def __call__(self, frames: Frames, out: Tensor, rectified: Frames | None) -> None:
        """Upsample.

        Args:
            frames: Float32, with a margin of `reach` and a row group more.
            out: (padding + `n_made` + `beyond`, N): samples after `padding` rows.
            rectified: Float32; receives the rectified samples, with a margin of `padding`.
        """
        group = Terms.FLOATS.row_group
        n_rows = -(-(frames.n_frames + self._n_taps - 1) // group) * group
        self._sum(
            n_rows,
            self._bias.shape[0],
            self._n_taps,
            self.n_channels,
            frames.address(1 - self._n_taps),
            self._weight.data_ptr(),
            self._bias.data_ptr(),
            self._nothing.data_ptr(),
            0,
            out.data_ptr(),
            1,
            0 if rectified is None else rectified.address(-self.padding),
            int(rectified is not None),
        )
        if rectified is not None:
            rectified.clear_start()
            rectified.clear_end()

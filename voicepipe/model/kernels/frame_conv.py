"""Convolutions over frames as machine code, with what lies between them done on the way.

What a convolution gives can be added to other frames, and rectified for the next one, while it is
still in registers. Letters: T frames, C channels in, N channels out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from voicepipe.model.kernels.float_product import laid_out, terms_of
from voicepipe.model.kernels.sum_code import sum_function

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

"""Convolutions over frames by sums that two outputs share (`kernels.pair_code`).

Letters: T frames, C channels in, N channels out, k taps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import torch

from voicepipe.model.kernels.float_product import laid_out
from voicepipe.model.kernels.machine_code import has_feature
from voicepipe.model.kernels.pair_code import (
    ITSELF,
    N_PLANES,
    PAIRS,
    SPAN,
    STEP,
    SUM,
    pair_function,
    plane_function,
)

if TYPE_CHECKING:
    from torch import Tensor

    from voicepipe.model.kernels.frames import Frames

_TURN: Final = 256
"""Pairs of all phases: with 128 channels their planes are 1 MB, and stay in a core's own cache."""
_FEWEST_TAPS, _FEWEST_TERMS = 7, 700
"""Of an output. Under these what is saved is lost again to making planes."""
_BYTES: Final = 4  # of a number


class _Piece(NamedTuple):
    """One product of a sum: what is read, how many distances on, and the weights."""

    plane: int
    shift: int
    weight: Tensor
    """(N, C)."""


def suits_pairs(n_channels: int, n_taps: int) -> bool:
    """Say whether sums of pairs are faster here than one sum an output."""
    is_much = n_taps >= _FEWEST_TAPS and n_channels * n_taps >= _FEWEST_TERMS
    return is_much and has_feature("avx512f")


class PairSums:
    """A convolution that keeps the number of frames.

    Args:
        weight: (N, C, k) float32; N and C multiples of 16, k odd and at least 3.
        bias: (N,).
        dilation: Of the kernel.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dilation: int) -> None:
        self._n_outputs, width, n_taps = weight.shape
        self._dilation = dilation
        self._before = dilation * (n_taps - 1) // 2
        self.reach = self._before + 2 * dilation
        self.beyond = 2 * dilation * PAIRS
        self._turn = max(1, _TURN // (dilation * PAIRS)) * PAIRS
        self._more = (n_taps - 1) // 2
        self._n_rows = self._turn + self._more
        sums = _pieces(weight.detach())
        pieces = [piece for pieces in sums for piece in pieces]
        places = [
            ((piece.shift % 2) * N_PLANES + piece.plane) * self._n_rows + piece.shift // 2
            for piece in pieces
        ]
        # After the last piece comes the next group's first one.
        self._places = torch.tensor([*places, places[0] + PAIRS]) * width
        self._counts = [len(pieces) for pieces in sums]
        self._weight = laid_out(torch.cat([piece.weight for piece in pieces], dim=1))
        self._bias = bias.detach().float().contiguous()
        self._nothing = torch.zeros(self._n_outputs)
        self._plane_shape = 2 * N_PLANES, self._n_rows, width
        self._sum, self._fill = pair_function(width), plane_function(width)

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
        d = self._dilation
        planes = torch.empty(d, *self._plane_shape)
        beside = self._nothing if added is None else added
        n_pairs = -(-frames.n_frames // (2 * d))
        read, of_planes = frames.address(-self._before), planes.data_ptr()
        for first in range(0, n_pairs, self._turn):
            count = -(-min(self._turn, n_pairs - first) // PAIRS) * PAIRS
            start = first * 2 * d * _BYTES
            of_output = start * self._n_outputs
            self._fill(
                read + start * planes.shape[3], d, count + self._more, of_planes, self._n_rows
            )
            self._sum(
                count,
                self._n_outputs,
                len(self._places) - 1,
                d,
                of_planes,
                self._weight.data_ptr(),
                self._bias.data_ptr(),
                beside.data_ptr() + (0 if added is None else of_output),
                0 if added is None else self._n_outputs,
                0 if out is None else out.data_ptr() + of_output,
                int(out is not None),
                0 if rectified is None else rectified.address() + of_output,
                int(rectified is not None),
                planes.stride(0),
                self._places.data_ptr(),
                *self._counts,
            )
        if rectified is not None:
            rectified.clear_end()


def _pieces(weight: Tensor) -> tuple[list[_Piece], ...]:
    """Write down what the four sums add up: taps by three, and what is left by two or one."""
    shared: list[_Piece] = []
    opposed: list[_Piece] = []
    first: list[_Piece] = []
    second: list[_Piece] = []
    taps = weight.unbind(2)
    for at in range(0, len(taps), 3):
        some = taps[at : at + 3]
        if len(some) == 3:
            w0, w1, w2 = some
            shared.append(_Piece(SUM, at + 1, (w0 + w1 + w2) / 2))
            opposed.append(_Piece(STEP, at + 1, (w0 - w1 + w2) / 2))
            first.append(_Piece(SPAN, at, w0))
            second.append(_Piece(SPAN, at + 1, -w2))
        elif len(some) == 2:
            w0, w1 = some
            shared.append(_Piece(ITSELF, at + 1, w0 + w1))
            first.append(_Piece(STEP, at, -w0))
            second.append(_Piece(STEP, at + 1, w1))
        else:
            first.append(_Piece(ITSELF, at, some[0]))
            second.append(_Piece(ITSELF, at + 1, some[0]))
    return shared, opposed, first, second

"""Products of float32 as libraries lay them out, held to numbers of rows that keep a row's bits.

Kernels of a library may split their sums by the number of rows. So a product has one of a few
numbers of rows, for which this machine's kernel was seen to give the same bits, or `ROWS` of them,
always, where it does not. Longer inputs go piece by piece, shorter ones are filled up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

import torch
from torch.nn import functional as F

from voicepipe.model.kernels.rows import COUNTS, ROWS, row_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    _Build = Callable[[Tensor, Tensor | None, tuple[int, ...] | None], "FixedRows"]


class FixedRows:
    """Cuts and fills its input so that `_whole` sees none but its own numbers of rows.

    Args:
        weight: (N, K) float32.
        bias: (N,).
        counts: Numbers of rows; those that are steady unless given.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor | None, counts: tuple[int, ...] | None = None
    ) -> None:
        self._n_outputs = weight.shape[0]
        build: _Build = type(self)
        self.counts = steady_counts(build, *weight.shape) if counts is None else counts
        self._weight, self._bias = weight.detach(), bias
        self._lay_out()

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share: what a library laid out is its own."""
        return (self._weight,)

    def __call__(self, rows: Tensor) -> Tensor:
        """Give (M, N) for (M, K)."""
        n_rows = rows.shape[0]
        if n_rows in self.counts:
            return self._whole(rows)
        out = rows.new_empty(n_rows, self._n_outputs)
        start = 0
        for count in row_pieces(n_rows, self.counts):
            piece = rows[start : start + count]
            n_piece = piece.shape[0]
            if n_piece < count:
                piece = torch.cat((piece, piece.new_zeros(count - n_piece, piece.shape[1])))
            out[start : start + count] = self._whole(piece)[:n_piece]
            start += count
        return out

    def _lay_out(self) -> None:
        raise NotImplementedError

    def _whole(self, rows: Tensor) -> Tensor:
        raise NotImplementedError


class ColumnProduct(FixedRows):
    """Weights column by column in memory: torch's own call, on any CPU."""

    def _lay_out(self) -> None:
        self._weight = self._weight.t().contiguous().t()

    def _whole(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self._weight, self._bias)


class MklProduct(FixedRows):
    """Weights as MKL's kernels read them; laid out for `ROWS` rows, they serve others as well."""

    def _lay_out(self) -> None:
        self._packed = torch.ops.mkl._mkl_reorder_linear_weight(self._weight, ROWS)

    def _whole(self, rows: Tensor) -> Tensor:
        result = torch.ops.mkl._mkl_linear(
            rows, self._packed, self._weight, self._bias, rows.shape[0]
        )
        return cast("Tensor", result)


class OneDnnProduct(FixedRows):
    """Weights as oneDNN's kernels read them."""

    def _lay_out(self) -> None:
        self._packed = torch.ops.mkldnn._reorder_linear_weight(self._weight, ROWS)

    def _whole(self, rows: Tensor) -> Tensor:
        result = torch.ops.mkldnn._linear_pointwise(rows, self._packed, self._bias, "none", [], "")
        return cast("Tensor", result)


def has_mkl() -> bool:
    """Say whether this build of torch can lay out weights with MKL (x86 builds do)."""
    return torch._C.has_mkl and hasattr(torch.ops.mkl, "_mkl_linear")


def has_onednn() -> bool:
    """Say whether this build of torch can lay out weights with oneDNN."""
    return torch._C._has_mkldnn and all(
        hasattr(torch.ops.mkldnn, name) for name in ("_reorder_linear_weight", "_linear_pointwise")
    )


@lru_cache
def steady_counts(build: _Build, n_outputs: int, n_inputs: int) -> tuple[int, ...]:
    """Find the numbers of rows for which products give the same bits on this machine.

    Returns:
        Those of `COUNTS` that do as `ROWS` does; nothing is promised of a library, so it is tried.
    """
    generator = torch.Generator().manual_seed(n_outputs)
    weight = torch.randn(n_outputs, n_inputs, generator=generator)
    rows = torch.randn(max(COUNTS), n_inputs, generator=generator)
    expected = build(weight, None, (ROWS,))(rows)
    steady = [
        count
        for count in COUNTS
        if count == ROWS or torch.equal(build(weight, None, (count,))(rows), expected)
    ]
    return tuple(steady)

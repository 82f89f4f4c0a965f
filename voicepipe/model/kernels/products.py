"""Products of rows with weights, laid out for the machine and the same for a row in any batch.

Kernels of a CPU may split their sums by the number of rows. So a product has one of a few numbers
of rows, for which this machine's kernel was seen to give the same bits, or `ROWS` of them, always,
where it does not. Longer inputs go piece by piece, shorter ones are filled up. One layout of the
weights serves prompts and single steps alike.

Measured with one thread on an AVX-512 CPU, 72 products of 512 by 2,048: for 32 rows 111 to 138 ms
with plain weights, 64 ms with weights laid out by MKL, of 16 rows 46 ms and of 64 rows 98 ms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

import torch
from torch.nn import functional as F

from voicepipe.errors import EnvironmentFault
from voicepipe.model.kernels.choice import int8_product
from voicepipe.model.kernels.rows import COUNTS, ROWS, row_pieces
from voicepipe.model.kernels.steps import in_steps
from voicepipe.model.precision import Precision

if TYPE_CHECKING:
    from torch import Tensor


class Product(Protocol):
    """What a linear layer does, its weights laid out."""

    def __call__(self, rows: Tensor, /) -> Tensor:
        """Give (M, N) for (M, K)."""
        ...


def product_of(weight: Tensor, bias: Tensor | None, precision: Precision) -> Product:
    """Lay out a linear layer's weights where they are.

    Args:
        weight: (N, K). Kept, and not changed.
        bias: (N,).
        precision: 8-bit integers, or anything else for the weight's own type.

    Raises:
        EnvironmentFault: 8-bit products are asked for off a CPU.
    """
    if precision is Precision.INT8:
        if weight.device.type != "cpu":
            raise EnvironmentFault(
                f"int8 products are for a CPU, not {weight.device}",
                remedy="use precision float16 or bfloat16 on a GPU",
            )
        return _int8_product(weight, bias)
    if weight.device.type != "cpu":
        return _PlainProduct(weight, bias)
    if has_packed_products() and weight.dtype is torch.float32:
        return _PackedProduct(weight, bias)
    return _ColumnProduct(weight, bias)


def has_packed_products() -> bool:
    """Say whether this build of torch can lay out weights with MKL (x86 builds do)."""
    return torch._C.has_mkl and hasattr(torch.ops.mkl, "_mkl_linear")


class _PlainProduct:
    """As the library does it; for devices."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weight, self._bias = weight, bias

    def __call__(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self._weight, self._bias)


class _FixedRows:
    """Cuts and fills its input so that `_whole` sees none but its own numbers of rows."""

    n_outputs: int
    counts: tuple[int, ...] = (ROWS,)

    def __call__(self, rows: Tensor) -> Tensor:
        n_rows = rows.shape[0]
        if n_rows in self.counts:
            return self._whole(rows)
        out = rows.new_empty(n_rows, self.n_outputs)
        start = 0
        for count in row_pieces(n_rows, self.counts):
            piece = rows[start : start + count]
            n_piece = piece.shape[0]
            if n_piece < count:
                piece = torch.cat((piece, piece.new_zeros(count - n_piece, piece.shape[1])))
            out[start : start + count] = self._whole(piece)[:n_piece]
            start += count
        return out

    def _whole(self, rows: Tensor) -> Tensor:
        raise NotImplementedError


class _ColumnProduct(_FixedRows):
    """Weights column by column in memory: for a CPU without MKL."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self.n_outputs = weight.shape[0]
        self._weight, self._bias = weight.detach().t().contiguous().t(), bias

    def _whole(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self._weight, self._bias)


class _PackedProduct(_FixedRows):
    """Weights as MKL's kernels read them; laid out for `ROWS` rows, they serve others as well."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, counts: tuple[int, ...] | None = None
    ) -> None:
        self.n_outputs = weight.shape[0]
        self.counts = steady_counts(*weight.shape) if counts is None else counts
        self._weight, self._bias = weight.detach(), bias
        self._packed = torch.ops.mkl._mkl_reorder_linear_weight(self._weight, ROWS)

    def _whole(self, rows: Tensor) -> Tensor:
        result = torch.ops.mkl._mkl_linear(
            rows, self._packed, self._weight, self._bias, rows.shape[0]
        )
        return cast("Tensor", result)


@lru_cache
def steady_counts(n_outputs: int, n_inputs: int) -> tuple[int, ...]:
    """Find the numbers of rows for which laid out products give the same bits on this machine.

    Returns:
        Those of `COUNTS` that do as `ROWS` does; nothing is promised of MKL, so it is tried.
    """
    generator = torch.Generator().manual_seed(n_outputs)
    weight = torch.randn(n_outputs, n_inputs, generator=generator)
    rows = torch.randn(max(COUNTS), n_inputs, generator=generator)
    expected = _PackedProduct(weight, None, (ROWS,))(rows)
    steady = [
        count
        for count in COUNTS
        if count == ROWS or torch.equal(_PackedProduct(weight, None, (count,))(rows), expected)
    ]
    return tuple(steady)


def _int8_product(weight: Tensor, bias: Tensor | None) -> Product:
    rounded, scales = in_steps(weight.detach().float())
    bias = torch.zeros_like(scales) if bias is None else bias.detach().float()
    return int8_product(rounded, scales, bias)

"""Products of rows with weights, laid out for the machine and the same for a row in any batch.

Which kernel multiplies float32 is measured (`kernels.product_choice`). One layout of the weights
serves prompts and single steps alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional as F

from voicepipe.errors import EnvironmentFault
from voicepipe.model.kernels.choice import bfloat16_kernel, int8_product
from voicepipe.model.kernels.library_products import (
    ColumnProduct,
    FixedRows,
    MklProduct,
    OneDnnProduct,
)
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.model.kernels.rows import ROWS
from voicepipe.model.kernels.steps import in_steps
from voicepipe.model.precision import Precision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


class Product(Protocol):
    """What a linear layer does."""

    def __call__(self, rows: Tensor, /) -> Tensor:
        """Give (M, N) for (M, K)."""
        ...


class LaidOutProduct(Product, Protocol):
    """What a linear layer does, its weights laid out."""

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        ...


_OF_LIBRARIES: Mapping[ProductKernel, type[FixedRows]] = {
    ProductKernel.PLAIN: ColumnProduct,
    ProductKernel.MKL: MklProduct,
    ProductKernel.ONEDNN: OneDnnProduct,
}


def product_of(
    weight: Tensor, bias: Tensor | None, precision: Precision, kernel: ProductKernel
) -> LaidOutProduct:
    """Lay out a linear layer's weights where they are.

    Args:
        weight: (N, K). Kept, and not changed.
        bias: (N,).
        precision: Of weights and rows. Weights that are rounded already, and those off a CPU, stay
            as they are, but for 8-bit integers.
        kernel: Of float32 on a CPU.

    Raises:
        EnvironmentFault: 8-bit products are asked for off a CPU.
    """
    if weight.device.type != "cpu":
        if precision is Precision.INT8:
            raise EnvironmentFault(
                f"int8 products are for a CPU, not {weight.device}",
                remedy="use precision float16 or bfloat16 on a GPU",
            )
        return _PlainProduct(weight, bias)
    if precision is Precision.INT8:
        return _int8_product(weight, bias)
    if weight.dtype is not torch.float32:
        return ColumnProduct(weight, bias, (ROWS,))
    if precision is Precision.BFLOAT16:
        return _bfloat16_product(weight, bias)
    return float_product(weight, bias, kernel)


def float_product(weight: Tensor, bias: Tensor | None, kernel: ProductKernel) -> LaidOutProduct:
    """Lay out float32 weights on a CPU for a kernel."""
    if kernel is ProductKernel.MACHINE_CODE:
        return _machine_code(weight.detach(), bias)
    return _OF_LIBRARIES[kernel](weight, bias)


class _PlainProduct:
    """As the library does it; for devices."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weight, self._bias = weight, bias

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        return (self._weight,)

    def __call__(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self._weight, self._bias)


class _RoundedProduct(ColumnProduct):
    """Products of bfloat16 in float32."""

    def _lay_out(self) -> None:
        self._weight = self._weight.bfloat16().float()
        super()._lay_out()

    def _whole(self, rows: Tensor) -> Tensor:
        return super()._whole(rows.bfloat16().float())


def _bfloat16_product(weight: Tensor, bias: Tensor | None) -> LaidOutProduct:
    if bfloat16_kernel().is_machine_code and weight.shape[1] % 2 == 0:
        return _machine_code(weight.detach().bfloat16(), bias)
    return _RoundedProduct(weight, bias)


def _machine_code(weight: Tensor, bias: Tensor | None) -> LaidOutProduct:
    from voicepipe.model.kernels.float_product import FloatProduct, laid_out  # noqa: PLC0415

    if bias is None:
        bias = torch.zeros(weight.shape[0])
    return FloatProduct(laid_out(weight), bias.detach().float())


def _int8_product(weight: Tensor, bias: Tensor | None) -> LaidOutProduct:
    rounded, scales = in_steps(weight.detach().float())
    bias = torch.zeros_like(scales) if bias is None else bias.detach().float()
    return int8_product(rounded, scales, bias)

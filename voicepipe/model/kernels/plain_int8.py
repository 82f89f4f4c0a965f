"""Products of 8-bit weights with rows of floats, in torch's own calls."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional as F

from voicepipe.model.kernels.rows import ROWS
from voicepipe.model.kernels.steps import in_steps
from voicepipe.model.precision import INT8_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

_EXACT_INPUTS: Final = 1024
"""So many products of 127 by 127 add up to under 2**24, which float32 holds exactly."""


class PlainInt8Product:
    """Rows in 8 bits with a scale each, with 8-bit weights with a scale an output.

    Sums of integers are exact, so a row's numbers are its own in any batch. Where the library's
    8-bit product saturates inside, float32 adds up the same integers, in parts that it holds
    exactly: the same bits at four times the memory.

    Args:
        weight: (N, K) int8.
        scales: (N,) float32, what a step of each output's weights is worth.
        bias: (N,) float32.
    """

    def __init__(self, weight: Tensor, scales: Tensor, bias: Tensor) -> None:
        self._sums = _library_sums(weight) if library_is_exact() else float_sums(weight)
        self._scales, self._bias = scales, bias

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share: that of the sums is their own."""
        return self._scales, self._bias

    def __call__(self, rows: Tensor) -> Tensor:
        """Give (M, N) for (M, K) float32."""
        rounded, scales = in_steps(rows)
        return torch.addcmul(self._bias, self._sums(rounded) * scales.unsqueeze(1), self._scales)


@lru_cache
def library_is_exact() -> bool:
    """Say whether the library's 8-bit products are exact here: some CPUs' kernels saturate."""
    largest = torch.full((ROWS, 2048), INT8_STEPS, dtype=torch.int8)
    product = torch._int_mm(largest, -largest.t().contiguous())
    return bool((product == -INT8_STEPS * INT8_STEPS * 2048).all())


def _library_sums(weight: Tensor) -> Callable[[Tensor], Tensor]:
    # (K, N), its columns contiguous: the order the kernel reads fastest.
    columns = weight.t()
    return lambda rounded: torch._int_mm(rounded, columns)


def float_sums(weight: Tensor) -> Callable[[Tensor], Tensor]:
    """Give what adds up (M, K) int8 by (N, K) int8 to (M, N) int32, by products of float32."""
    parts = _parts(weight)

    def sums(rounded: Tensor) -> Tensor:
        rows = _parts(rounded)
        return sum(
            (F.linear(row, part).to(torch.int32) for row, part in zip(rows, parts, strict=True)),
            start=torch.zeros((), dtype=torch.int32),
        )

    return sums


def _parts(rows: Tensor) -> list[Tensor]:
    n_inputs = rows.shape[1]
    return [
        rows[:, start : start + _EXACT_INPUTS].float()
        for start in range(0, n_inputs, _EXACT_INPUTS)
    ]

"""Products of float32 or bfloat16 weights with rows of floats, as machine code.

A row's bits are its own with any number of rows beside it, and with float32 weights the same on
every CPU. Weights lie in plain memory, which processes can share. Letters: M rows, K inputs, N
outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from voicepipe.model.kernels.machine_code import LANES
from voicepipe.model.kernels.sum_code import sum_function
from voicepipe.model.kernels.sum_terms import Terms
from voicepipe.model.kernels.tile_code import has_tiles, suits_tiles

if TYPE_CHECKING:
    from torch import Tensor


def laid_out(weight: Tensor) -> Tensor:
    """Lay out (N, K) weights as they are read, N filled up with zeros to a multiple of 16.

    Args:
        weight: float32, or bfloat16 with an even K.

    Returns:
        (N / 16, K, 16) float32, or (N / 16, K / 2, 16, 2) bfloat16.
    """
    n_outputs, n_inputs = weight.shape
    missing = -n_outputs % LANES
    if missing:
        weight = torch.cat((weight, weight.new_zeros(missing, n_inputs)))
    if weight.dtype is torch.bfloat16:
        pairs = weight.reshape(-1, LANES, n_inputs // 2, 2)
        return pairs.transpose(1, 2).contiguous()
    return weight.reshape(-1, LANES, n_inputs).transpose(1, 2).contiguous()


def terms_of(dtype: torch.dtype, n_inputs: int) -> Terms:
    """Say by which instructions this machine multiplies numbers of a type."""
    if dtype is not torch.bfloat16:
        return Terms.FLOATS
    return Terms.TILES if has_tiles() and suits_tiles(n_inputs // 2) else Terms.PAIRS


class FloatProduct:
    """Rows with weights laid out for whole vectors.

    Args:
        weight: As `laid_out` gives them. Rows are rounded to bfloat16 where weights are; sums are
            float32.
        bias: (N,) float32.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight = weight
        self._n_outputs, self._room = bias.shape[0], weight.shape[0] * LANES
        self._bias = torch.cat((bias, bias.new_zeros(self._room - self._n_outputs)))
        self._nothing = torch.zeros(self._room)
        n_terms = weight.shape[1]
        terms = terms_of(weight.dtype, n_terms * (2 if weight.ndim == 4 else 1))
        self._row_group = terms.row_group
        self._sum = sum_function(terms, n_terms, n_terms, fetches=True)

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        return self._weight, self._bias

    def __call__(self, rows: Tensor) -> Tensor:
        """Give (M, N) for (M, K) float32."""
        n_rows = rows.shape[0]
        missing = -n_rows % self._row_group
        if missing:
            rows = torch.cat((rows, rows.new_zeros(missing, rows.shape[1])))
        rows = rows.to(self._weight.dtype).contiguous()
        out = torch.empty(n_rows + missing, self._room)
        parts = rows, self._weight, self._bias, self._nothing
        addresses = (part.data_ptr() for part in parts)
        self._sum(n_rows + missing, self._room, 1, 0, *addresses, 0, out.data_ptr(), 1, 0, 0)
        return out[:n_rows, : self._n_outputs].contiguous()

"""Rounding of rows to 8 bits, each by a scale of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from voicepipe.model.precision import INT8_STEPS

if TYPE_CHECKING:
    from torch import Tensor


def in_steps(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Round (..., D) to 8 bits.

    Returns:
        (..., D) int8, and what a step of 1/127 of each row's largest number is worth, (...): 1 for
        zeros. A row that is not all numbers has no scale that is one, and stays visible as such.
    """
    largest = rows.abs().amax(dim=-1)
    scales = largest.masked_fill(largest == 0, INT8_STEPS) / INT8_STEPS
    return torch.round(rows / scales.unsqueeze(-1)).to(torch.int8), scales

"""A block that looks around itself cheaply and thinks per frame: ConvNeXt in one dimension.

Source: Liu et al., 2022, as used over frames of speech in Vocos (Siuzdak, 2023).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_FIRST_SCALE = 0.3  # a stack begins near the identity


class ConvNextBlock(nn.Module):
    """A depthwise convolution, then a widened layer on every frame, added to the input."""

    def __init__(self, width: int, kernel_size: int, expansion: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(
            width, width, kernel_size, padding=kernel_size // 2, groups=width
        )
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, width * expansion)
        self.contract = nn.Linear(width * expansion, width)
        self.scale = nn.Parameter(torch.full((width,), _FIRST_SCALE))

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, C, T)."""
        inner = self.norm(self.depthwise(x).transpose(1, 2))
        inner = self.contract(functional.gelu(self.expand(inner))) * self.scale
        out: Tensor = x + inner.transpose(1, 2)
        return out

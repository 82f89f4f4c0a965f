"""Small blocks shared by the acoustic stage. Shapes are (B, C, T) throughout.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `module/modules.py` (`LayerNorm`, `WN`) and `module/models.py`
(`Encoder`). Masks are for batches of rows of several lengths, which only training makes; without
one, every frame of every row counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import GatedConvConfig


Dropout = Callable[[Tensor], Tensor]
"""Drops some values of a tensor and scales the others up, or leaves it alone."""


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each frame."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))
        self.beta = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (B, C, T)."""
        normed = functional.layer_norm(x.transpose(1, 2), self.gamma.shape, self.gamma, self.beta)
        return normed.transpose(1, 2)


class GatedConvStack(nn.Module):
    """Dilated convolutions gated as in WaveNet, each shifted by the style (upstream `WN`)."""

    def __init__(self, config: GatedConvConfig, style_width: int) -> None:
        super().__init__()
        self.width = config.width
        width, last = config.width, config.n_layers - 1
        self.cond_layer = nn.Conv1d(style_width, 2 * width * config.n_layers, 1)
        self.in_layers = nn.ModuleList()
        self.res_skip_layers = nn.ModuleList()
        for i in range(config.n_layers):
            dilation = config.dilation_rate**i
            self.in_layers.append(
                nn.Conv1d(
                    width,
                    2 * width,
                    config.kernel_size,
                    dilation=dilation,
                    padding=dilation * (config.kernel_size - 1) // 2,
                )
            )
            # The last layer feeds nothing but the skip connection.
            self.res_skip_layers.append(nn.Conv1d(width, width if i == last else 2 * width, 1))

    def forward(self, x: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """Transform frames.

        Args:
            x: (B, C, T).
            style: (B, G, 1).
            mask: (B or 1, 1, T), 1 = keep; `None` keeps all.

        Returns:
            (B, C, T), zero where the mask drops.
        """
        width = self.width
        shifts: Tensor = self.cond_layer(style)
        skipped = torch.zeros_like(x)
        last = len(self.in_layers) - 1
        for i, (inner, outer) in enumerate(zip(self.in_layers, self.res_skip_layers, strict=True)):
            gate = inner(x) + shifts[:, 2 * width * i : 2 * width * (i + 1)]
            out = outer(torch.tanh(gate[:, :width]) * torch.sigmoid(gate[:, width:]))
            if i == last:
                skipped = skipped + out
            else:
                x = keep(x + out[:, :width], mask)
                skipped = skipped + out[:, width:]
        return keep(skipped, mask)


class GatedConvEncoder(nn.Module):
    """A gated stack between two pointwise projections (upstream `Encoder`, at `wns1`)."""

    def __init__(self, config: GatedConvConfig, style_width: int) -> None:
        super().__init__()
        self.pre = nn.Conv1d(config.width, config.width, 1)
        self.enc = GatedConvStack(config, style_width)
        self.proj = nn.Conv1d(config.width, config.width, 1)

    def forward(self, x: Tensor, style: Tensor, n_valid: int) -> Tensor:
        """Transform (B, C, T); frames from `n_valid` on are held at zero."""
        mask: Tensor | None = None
        if n_valid < x.shape[2]:
            mask = (torch.arange(x.shape[2], device=x.device) < n_valid).to(x.dtype)[None, None]
        x = self.enc(keep(self.pre(x), mask), style, mask)
        return keep(self.proj(x), mask)


def keep(x: Tensor, mask: Tensor | None) -> Tensor:
    """Zero what a mask (B or 1, 1, T) drops; `None` keeps all."""
    return x if mask is None else x * mask


def no_dropout(x: Tensor) -> Tensor:
    """Stand in for dropout wherever nothing is being trained."""
    return x

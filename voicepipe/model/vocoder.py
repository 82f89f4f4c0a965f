"""Frames to samples: the HiFi-GAN-like generator.

Source: Kong et al., 2020; RVC-Boss/GPT-SoVITS@48b1a01, `Generator` and `ResBlock1`. Weight norm is
folded into the weights before they arrive here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from voicepipe.model.acoustic_config import GeneratorConfig

_SLOPE = 0.1
_FINAL_SLOPE = 0.01  # upstream leaves the last activation at the library's default


class ResidualBlock(nn.Module):
    """Pairs of a dilated and a plain convolution, each pair added to its input."""

    def __init__(self, width: int, kernel_size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same_conv(width, kernel_size, d) for d in dilations)
        self.convs2 = nn.ModuleList(_same_conv(width, kernel_size, 1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, C, T)."""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            inner = dilated(functional.leaky_relu(x, _SLOPE))
            x = x + plain(functional.leaky_relu_(inner, _SLOPE))
        return x


class Generator(nn.Module):
    """Latent or mel frames to a waveform."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.n_kernels = len(config.resblock_kernels)
        self.conv_pre = nn.Conv1d(config.input_width, config.width, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width = config.width
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            self.ups.append(
                nn.ConvTranspose1d(width, width // 2, kernel, rate, padding=(kernel - rate) // 2)
            )
            width //= 2
            for size, dilations in zip(
                config.resblock_kernels, config.resblock_dilations, strict=True
            ):
                self.resblocks.append(ResidualBlock(width, size, dilations))
        self.conv_post = nn.Conv1d(width, 1, 7, padding=3, bias=config.final_bias)
        if config.style_width is not None:
            self.cond = nn.Conv1d(config.style_width, config.width, 1)

    def forward(self, frames: Tensor, style: Tensor | None = None) -> Tensor:
        """Generate samples.

        Args:
            frames: (B, C, T).
            style: (B, G, 1), given exactly when the configuration has a style width.

        Returns:
            (B, 1, S) in [-1, 1], S = T times the hop length.
        """
        x: Tensor = self.conv_pre(frames)
        if style is not None:
            x = x + self.cond(style)
        for i, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, _SLOPE))
            blocks = self.resblocks[i * self.n_kernels : (i + 1) * self.n_kernels]
            total = torch.zeros_like(x)
            for block in blocks:
                total += block(x)
            x = total / self.n_kernels
        x = self.conv_post(functional.leaky_relu(x, _FINAL_SLOPE))
        return torch.tanh(x)


def _same_conv(width: int, kernel_size: int, dilation: int) -> nn.Conv1d:
    return nn.Conv1d(
        width, width, kernel_size, dilation=dilation, padding=dilation * (kernel_size - 1) // 2
    )

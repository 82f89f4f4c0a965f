"""The vocoder with periodic, anti-aliased activations.

Source: BigVGAN v2 (Lee et al., 2023), `bigvgan_v2_24khz_100band_256x`; code read in
RVC-Boss/GPT-SoVITS@48b1a01, `BigVGAN/`. Only what that vocoder uses: SnakeBeta with logarithmic
parameters, factor-two resampling with twelve taps, no final bias, a clamp instead of tanh.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import GeneratorConfig

_TAPS = 12
_RATIO = 2
_PAD = _TAPS // _RATIO - 1
_NO_ZERO = 1e-9  # keeps 1 / beta finite


def lowpass_filter(cutoff: float, half_width: float, n_taps: int) -> Tensor:
    """Design a Kaiser-windowed sinc of unit sum.

    Args:
        cutoff: Fraction of the sample rate, over 0 and at most 0.5.
        half_width: Of the transition band, as a fraction of the sample rate.
        n_taps: An even number.

    Returns:
        (1, 1, `n_taps`) float32.

    Source: Kaiser's formulas, as in julius and StyleGAN3.
    """
    attenuation = 2.285 * (n_taps // 2 - 1) * math.pi * 4 * half_width + 7.95
    if attenuation > 50.0:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation >= 21.0:
        beta = 0.5842 * (attenuation - 21.0) ** 0.4 + 0.07886 * (attenuation - 21.0)
    else:
        beta = 0.0
    window = torch.kaiser_window(n_taps, beta=beta, periodic=False)
    time = torch.arange(-(n_taps // 2), n_taps // 2) + 0.5
    taps = 2 * cutoff * window * torch.sinc(2 * cutoff * time)
    return (taps / taps.sum()).view(1, 1, n_taps)


class _Snake(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(width))
        self.beta = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        frequency = self.alpha.exp()[:, None]
        size = 1.0 / (self.beta.exp() + _NO_ZERO)[:, None]
        return x + size * torch.sin(x * frequency).square()


class _Filter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.filter: Tensor
        self.register_buffer("filter", lowpass_filter(0.5 / _RATIO, 0.6 / _RATIO, _TAPS))


class _Downsample(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lowpass = _Filter()


class AntiAliasedSnake(nn.Module):
    """A snake applied at twice the rate, between two low-pass filters."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.act = _Snake(width)
        self.upsample = _Filter()
        self.downsample = _Downsample()

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, C, T)."""
        width = x.shape[1]
        taps = self.upsample.filter.expand(width, -1, -1)
        x = functional.pad(x, (_PAD, _PAD), mode="replicate")
        x = _RATIO * functional.conv_transpose1d(x, taps, stride=_RATIO, groups=width)
        edge = _PAD * _RATIO + (_TAPS - _RATIO) // 2
        x = self.act(x[..., edge:-edge])
        x = functional.pad(x, (_TAPS // 2 - 1, _TAPS // 2), mode="replicate")
        taps = self.downsample.lowpass.filter.expand(width, -1, -1)
        return functional.conv1d(x, taps, stride=_RATIO, groups=width)


class _PeriodicBlock(nn.Module):
    def __init__(self, width: int, kernel_size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same_conv(width, kernel_size, d) for d in dilations)
        self.convs2 = nn.ModuleList(_same_conv(width, kernel_size, 1) for _ in dilations)
        self.activations = nn.ModuleList(AntiAliasedSnake(width) for _ in range(2 * len(dilations)))

    def forward(self, x: Tensor) -> Tensor:
        for i, (dilated, plain) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            inner = dilated(self.activations[2 * i](x))
            x = x + plain(self.activations[2 * i + 1](inner))
        return x


class BigVGAN(nn.Module):
    """Mel frames to a waveform."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.n_kernels = len(config.resblock_kernels)
        self.conv_pre = nn.Conv1d(config.input_width, config.width, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width = config.width
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            up = nn.ConvTranspose1d(width, width // 2, kernel, rate, padding=(kernel - rate) // 2)
            self.ups.append(nn.ModuleList([up]))
            width //= 2
            for size, dilations in zip(
                config.resblock_kernels, config.resblock_dilations, strict=True
            ):
                self.resblocks.append(_PeriodicBlock(width, size, dilations))
        self.activation_post = AntiAliasedSnake(width)
        self.conv_post = nn.Conv1d(width, 1, 7, padding=3, bias=config.final_bias)

    def forward(self, frames: Tensor) -> Tensor:
        """Generate (B, 1, S) samples in [-1, 1] from a (B, C, T) log-mel spectrogram."""
        x: Tensor = self.conv_pre(frames)
        for i, up in enumerate(self.ups):
            assert isinstance(up, nn.ModuleList)
            x = up[0](x)
            blocks = self.resblocks[i * self.n_kernels : (i + 1) * self.n_kernels]
            total = torch.zeros_like(x)
            for block in blocks:
                total += block(x)
            x = total / self.n_kernels
        x = self.conv_post(self.activation_post(x))
        return x.clamp(-1.0, 1.0)


def _same_conv(width: int, kernel_size: int, dilation: int) -> nn.Conv1d:
    return nn.Conv1d(
        width, width, kernel_size, dilation=dilation, padding=dilation * (kernel_size - 1) // 2
    )

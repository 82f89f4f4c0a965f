"""Frames to samples: the HiFi-GAN-like generator.

Source: Kong et al., 2020; RVC-Boss/GPT-SoVITS@48b1a01, `Generator` and `ResBlock1`. Weight norm is
folded into the weights before they arrive here.

On a CPU the frames of a channel lie apart and the channels of a frame together: as images of one
row, (B, C, 1, T) in the channels-last layout, the convolutions of narrow layers run up to twice as
fast, and they are most of the work of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.acoustic.packed_blocks import PackedBlocks, packed_blocks

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import GeneratorConfig

_SLOPE = 0.1
# Below these widths and above these lengths a dilated kernel runs faster phase by phase.
_WIDEST_BY_PHASES = 64
_SHORTEST_BY_PHASES = 7
_WORTH_MEASURING = 128  # channels: of narrower networks it is no matter what is faster
_FINAL_SLOPE = 0.01  # upstream leaves the last activation at the library's default


class FrameConv(nn.Conv1d):
    """A convolution over time that takes (B, C, T), or (B, C, 1, T) in any layout."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve; the result has as many dimensions as `x`."""
        if x.dim() == 3:
            return super().forward(x)
        dilation, padding = self.dilation[0], int(self.padding[0])
        if (
            dilation > 1
            and self.in_channels <= _WIDEST_BY_PHASES
            and self.kernel_size[0] >= _SHORTEST_BY_PHASES
        ):
            return self._by_phases(x, dilation, padding // dilation)
        return functional.conv2d(
            x,
            self.weight.unsqueeze(2),
            self.bias,
            (1, *self.stride),
            (0, padding),
            (1, dilation),
        )

    def _by_phases(self, x: Tensor, dilation: int, padding: int) -> Tensor:
        """Take every `dilation`-th frame for a group of its own: no group is dilated then.

        In the channels-last layout `dilation` frames side by side already are one frame of as many
        times the channels, so nothing is moved.
        """
        batch, width, _, length = x.shape
        if length % dilation:
            x = functional.pad(x, (0, -length % dilation))
        # (B, 1, T, C) in memory -> (B, 1, T / d, d * C)
        phases = x.permute(0, 2, 3, 1).reshape(batch, 1, -1, dilation * width).permute(0, 3, 1, 2)
        out = functional.conv2d(
            phases,
            self.weight.repeat(dilation, 1, 1).unsqueeze(2),
            None if self.bias is None else self.bias.repeat(dilation),
            padding=(0, padding),
            groups=dilation,
        )
        rows = out.permute(0, 2, 3, 1).reshape(batch, 1, -1, self.out_channels)
        return rows.permute(0, 3, 1, 2)[..., :length]


class FrameUpsample(nn.ConvTranspose1d):
    """A transposed convolution over time that takes (B, C, T), or (B, C, 1, T) in any layout."""

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Upsample; the result has as many dimensions as `x`."""
        if x.dim() == 3:
            return super().forward(x, output_size)
        return functional.conv_transpose2d(
            x, self.weight.unsqueeze(2), self.bias, (1, *self.stride), (0, int(self.padding[0]))
        )


def lay_out_channels_last(network: nn.Module) -> None:
    """Store the weights of frame convolutions, in place, as their fast path reads them.

    Shapes, values and names stay; only the order in memory changes.
    """
    for module in network.modules():
        if isinstance(module, (FrameConv, FrameUpsample)):
            module.weight.data = module.weight.data.transpose(1, 2).contiguous().transpose(1, 2)


def to_fast_layout(frames: Tensor) -> Tensor:
    """Turn (B, C, T) on a CPU into a channels-last (B, C, 1, T); elsewhere leave it alone.

    So it is where gradients are wanted: the way back is a third slower in that layout.
    """
    if frames.device.type != "cpu" or frames.requires_grad:
        return frames
    return frames.unsqueeze(2).contiguous(memory_format=torch.channels_last)


class ResidualBlock(nn.Module):
    """Pairs of a dilated and a plain convolution, each pair added to its input."""

    def __init__(self, width: int, kernel_size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(same_conv(width, kernel_size, d) for d in dilations)
        self.convs2 = nn.ModuleList(same_conv(width, kernel_size, 1) for _ in dilations)

    def pairs(self) -> list[tuple[FrameConv, FrameConv]]:
        """Give a dilated and a plain convolution at a time, in order."""
        return cast(
            "list[tuple[FrameConv, FrameConv]]", list(zip(self.convs1, self.convs2, strict=True))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, C, T) or (B, C, 1, T)."""
        for dilated, plain in self.pairs():
            inner = dilated(functional.leaky_relu(x, _SLOPE))
            x = plain(functional.leaky_relu_(inner, _SLOPE)).add_(x)
        return x


class Generator(nn.Module):
    """Latent or mel frames to a waveform."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.n_kernels = len(config.resblock_kernels)
        self._packed: dict[int, PackedBlocks] = {}
        self.is_worth_measuring = config.width >= _WORTH_MEASURING
        self.conv_pre = FrameConv(config.input_width, config.width, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        width = config.width
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            self.ups.append(
                FrameUpsample(width, width // 2, kernel, rate, padding=(kernel - rate) // 2)
            )
            width //= 2
            for size, dilations in zip(
                config.resblock_kernels, config.resblock_dilations, strict=True
            ):
                self.resblocks.append(ResidualBlock(width, size, dilations))
        self.conv_post = FrameConv(width, 1, 7, padding=3, bias=config.final_bias)
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
        x: Tensor = self.conv_pre(to_fast_layout(frames))
        if style is not None:
            shift: Tensor = self.cond(style)
            x = x + (shift if x.dim() == 3 else shift.unsqueeze(2))
        for i, up in enumerate(self.ups):
            packed = self._packed.get(i) if x.dim() == 4 and x.shape[0] == 1 else None
            if packed is None:
                x = self._mean_of_blocks(i, up(functional.leaky_relu(x, _SLOPE)))
            else:
                x = packed(x)
        x = self.conv_post(functional.leaky_relu(x, _FINAL_SLOPE))
        return torch.tanh(x if x.dim() == 3 else x.squeeze(2))

    def pack(self, dtype: torch.dtype) -> None:
        """Lay out the levels for lines on a CPU, in float32 or bfloat16; weights stay."""
        packed = {
            i: packed_blocks(
                [block.pairs() for block in self._blocks(i)], dtype, cast("FrameUpsample", up)
            )
            for i, up in enumerate(self.ups)
        }
        self._packed = {i: blocks for i, blocks in packed.items() if blocks is not None}

    @property
    def laid_out(self) -> list[Tensor]:
        """Give what `pack` laid out."""
        return [weight for blocks in self._packed.values() for weight in blocks.weights]

    def _mean_of_blocks(self, level: int, x: Tensor) -> Tensor:
        first, *others = self._blocks(level)
        total: Tensor = first(x)
        for block in others:
            total += block(x)
        return total.div_(self.n_kernels)

    def _blocks(self, level: int) -> list[ResidualBlock]:
        blocks = self.resblocks[level * self.n_kernels : (level + 1) * self.n_kernels]
        return cast("list[ResidualBlock]", list(blocks))


def same_conv(width: int, kernel_size: int, dilation: int) -> FrameConv:
    """A convolution of frames that keeps their number."""
    return FrameConv(
        width, width, kernel_size, dilation=dilation, padding=dilation * (kernel_size - 1) // 2
    )

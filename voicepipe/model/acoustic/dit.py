"""The diffusion transformer that estimates which way a noisy mel spectrogram should flow.

Shapes are (B, T, D). Source: Peebles and Xie, 2023, in the form of F5-TTS (Chen et al., 2024);
code read in RVC-Boss/GPT-SoVITS@48b1a01, `f5_tts/model/`. Rows of a batch have one length, so there
are no masks. One quirk is part of the trained function: the rotation of positions is applied
before the heads are split, so it turns the first head alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import TransformerConfig

_TIME_WIDTH = 256
_TIME_SCALE = 1000.0
_THETA = 10_000.0
_MAX_POSITION = 4096  # later condition frames share the last position
_POSITION_KERNEL = 31
_POSITION_GROUPS = 16
_EPS = 1e-6


class TimeEmbedding(nn.Module):
    """A time or a step size in [0, 1] as a vector."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.time_mlp = nn.Sequential(
            nn.Linear(_TIME_WIDTH, width), nn.SiLU(), nn.Linear(width, width)
        )

    def forward(self, time: Tensor) -> Tensor:
        """Embed (B,) as (B, D)."""
        half = _TIME_WIDTH // 2
        decay = math.log(_THETA) / (half - 1)
        rates = torch.exp(torch.arange(half, device=time.device, dtype=torch.float32) * -decay)
        angles = _TIME_SCALE * time[:, None] * rates
        out: Tensor = self.time_mlp(torch.cat((angles.sin(), angles.cos()), dim=1))
        return out


class _ResponseNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, width))
        self.beta = nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x: Tensor) -> Tensor:
        energy: Tensor = torch.linalg.vector_norm(x, dim=1, keepdim=True)
        share: Tensor = energy / (energy.mean(dim=2, keepdim=True) + _EPS)
        out: Tensor = self.gamma * (x * share) + self.beta + x
        return out


class _ConvNeXtBlock(nn.Module):
    def __init__(self, width: int, inner_width: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=_EPS)
        self.pwconv1 = nn.Linear(width, inner_width)
        self.grn = _ResponseNorm(inner_width)
        self.pwconv2 = nn.Linear(inner_width, width)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm(self.dwconv(x.transpose(1, 2)).transpose(1, 2))
        inner = self.grn(functional.gelu(self.pwconv1(inner)))
        out: Tensor = x + self.pwconv2(inner)
        return out


class ConditionEmbedding(nn.Module):
    """Positions and four ConvNeXt blocks over the condition (upstream `TextEmbedding`)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.condition_width
        self.text_blocks = nn.Sequential(
            *(_ConvNeXtBlock(width, 2 * width) for _ in range(config.n_condition_blocks))
        )

    def forward(self, condition: Tensor) -> Tensor:
        """Embed (B, T, C)."""
        width, device = condition.shape[2], condition.device
        rates = _THETA ** -(torch.arange(0, width, 2, device=device).float() / width)
        places = torch.arange(condition.shape[1], device=device).clamp(max=_MAX_POSITION - 1)
        angles = torch.outer(places, rates)
        out: Tensor = self.text_blocks(condition + torch.cat((angles.cos(), angles.sin()), dim=1))
        return out


class _PositionConv(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1d = nn.Sequential(self._conv(width), nn.Mish(), self._conv(width), nn.Mish())

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv1d(x.transpose(1, 2)).transpose(1, 2)
        return out

    @staticmethod
    def _conv(width: int) -> nn.Conv1d:
        return nn.Conv1d(
            width,
            width,
            _POSITION_KERNEL,
            padding=_POSITION_KERNEL // 2,
            groups=_POSITION_GROUPS,
        )


class _InputEmbedding(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.proj = nn.Linear(2 * config.n_mels + config.condition_width, config.width)
        self.conv_pos_embed = _PositionConv(config.width)

    def forward(self, noisy: Tensor, prompt: Tensor, condition: Tensor) -> Tensor:
        x = self.proj(torch.cat((noisy, prompt, condition), dim=2))
        out: Tensor = self.conv_pos_embed(x) + x
        return out


class _Rotation(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inv_freq: Tensor
        rates = _THETA ** -(torch.arange(0, width, 2).float() / width)
        self.register_buffer("inv_freq", rates)

    def forward(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines, each (T, D), neighbouring channels sharing an angle."""
        places = torch.arange(length, device=self.inv_freq.device, dtype=self.inv_freq.dtype)
        angles = torch.outer(places, self.inv_freq).repeat_interleave(2, dim=1)
        return angles.cos(), angles.sin()


class _Attention(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        inner = config.n_heads * config.head_width
        self.to_q = nn.Linear(config.width, inner)
        self.to_k = nn.Linear(config.width, inner)
        self.to_v = nn.Linear(config.width, inner)
        self.to_out = nn.ModuleList([nn.Linear(inner, config.width)])

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        query = self._split(_rotate(self.to_q(x), rotation))
        key = self._split(_rotate(self.to_k(x), rotation))
        out = functional.scaled_dot_product_attention(query, key, self._split(self.to_v(x)))
        # (B, H, T, D) -> (B, T, H*D)
        joined: Tensor = self.to_out[0](out.transpose(1, 2).flatten(2))
        return joined

    def _split(self, x: Tensor) -> Tensor:
        # (B, T, H*D) -> (B, H, T, D)
        return x.reshape(*x.shape[:2], self.n_heads, -1).transpose(1, 2)


def _rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = rotation
    width = cosine.shape[1]
    turned, rest = x[..., :width], x[..., width:]
    even, odd = turned[..., ::2], turned[..., 1::2]
    across = torch.stack((-odd, even), dim=3).flatten(2)
    return torch.cat((turned * cosine + across * sine, rest), dim=2)


class _Modulation(nn.Module):
    def __init__(self, width: int, n_parts: int) -> None:
        super().__init__()
        self.n_parts = n_parts
        self.linear = nn.Linear(width, n_parts * width)

    def forward(self, time: Tensor) -> tuple[Tensor, ...]:
        """(B, D) to parts of (B, 1, D)."""
        out: Tensor = self.linear(functional.silu(time))
        return out[:, None].chunk(self.n_parts, dim=2)


class _FeedForward(nn.Module):
    def __init__(self, width: int, mult: int) -> None:
        super().__init__()
        # Upstream's nesting, whose numbering the keys keep: (linear, gelu), dropout, linear.
        self.ff = nn.Sequential(
            nn.Sequential(nn.Linear(width, mult * width), nn.GELU(approximate="tanh")),
            nn.Identity(),
            nn.Linear(mult * width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.ff(x)
        return out


class _Block(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attn_norm = _Modulation(config.width, 6)
        self.attn = _Attention(config)
        self.ff = _FeedForward(config.width, config.ff_mult)

    def forward(self, x: Tensor, time: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        shift_1, scale_1, gate_1, shift_2, scale_2, gate_2 = self.attn_norm(time)
        x = x + gate_1 * self.attn(_norm(x) * (1 + scale_1) + shift_1, rotation)
        out: Tensor = x + gate_2 * self.ff(_norm(x) * (1 + scale_2) + shift_2)
        return out


def _norm(x: Tensor) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], eps=_EPS)


class DiffusionTransformer(nn.Module):
    """Estimates the velocity of a mel spectrogram between noise and speech."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.time_embed = TimeEmbedding(config.width)
        self.d_embed = TimeEmbedding(config.width)
        self.text_embed = ConditionEmbedding(config)
        self.input_embed = _InputEmbedding(config)
        self.rotary_embed = _Rotation(config.head_width)
        self.transformer_blocks = nn.ModuleList(_Block(config) for _ in range(config.depth))
        self.norm_out = _Modulation(config.width, 2)
        self.proj_out = nn.Linear(config.width, config.n_mels)

    def forward(self, noisy: Tensor, prompt: Tensor, condition: Tensor, time: Tensor) -> Tensor:
        """Estimate a velocity.

        Args:
            noisy: (B, T, M), the spectrogram at this time.
            prompt: (B, T, M), the known frames, zero elsewhere.
            condition: (B, T, C), as `text_embed` gives it.
            time: (B, D), as `embed_time` gives it.

        Returns:
            (B, T, M).
        """
        x = self.input_embed(noisy, prompt, condition)
        rotation = self.rotary_embed(noisy.shape[1])
        for block in self.transformer_blocks:
            x = block(x, time, rotation)
        scale, shift = self.norm_out(time)
        out: Tensor = self.proj_out(_norm(x) * (1 + scale) + shift)
        return out

    def embed_time(self, time: Tensor, step: Tensor) -> Tensor:
        """Embed times and step sizes, each (B,), as one (B, D)."""
        out: Tensor = self.time_embed(time) + self.d_embed(step)
        return out

"""Attention that knows how far away its near neighbours are.

Source: Shaw et al., 2018, clipped to a window, as in RVC-Boss/GPT-SoVITS@48b1a01,
`module/attentions.py`. Upstream pads the embeddings to the whole length and skews matrices;
we add the window's band alone, which is the same sum with less memory.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.acoustic.layers import ChannelNorm, keep, no_dropout

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import EncoderConfig
    from voicepipe.model.acoustic.layers import Dropout


class ChannelAttention(nn.Module):
    """Multi-head attention over (B, C, T) with pointwise convolutions as projections."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.conv_q = nn.Conv1d(width, width, 1)
        self.conv_k = nn.Conv1d(width, width, 1)
        self.conv_v = nn.Conv1d(width, width, 1)
        self.conv_o = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Let every frame of `x` (B, C, T) look at the frames of `memory` (B, C, M).

        Args:
            x: (B, C, T).
            memory: (B, C, M).
            mask: (B, 1, M), 1 = may be looked at; `None` shows all.
        """
        query, key, value = self._project(x, memory)
        scores = _hide(query @ key.transpose(2, 3), mask)  # (B, H, T, M)
        return self._join(torch.softmax(scores, dim=-1) @ value)

    def _project(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query = self._split(self.conv_q(x))
        return (
            query / math.sqrt(query.shape[-1]),
            self._split(self.conv_k(memory)),
            self._split(self.conv_v(memory)),
        )

    def _split(self, x: Tensor) -> Tensor:
        # (B, H*D, T) -> (B, H, T, D)
        return x.reshape(len(x), self.n_heads, -1, x.shape[2]).transpose(2, 3)

    def _join(self, x: Tensor) -> Tensor:
        # (B, H, T, D) -> (B, H*D, T)
        out: Tensor = self.conv_o(x.transpose(2, 3).flatten(1, 2))
        return out


class WindowedSelfAttention(ChannelAttention):
    """Self-attention with learned keys and values for distances up to the window."""

    def __init__(self, width: int, n_heads: int, window: int) -> None:
        super().__init__(width, n_heads)
        self.window = window
        # One embedding a distance, shared by the heads: (1, 2 * window + 1, D).
        self.emb_rel_k = nn.Parameter(torch.zeros(1, 2 * window + 1, width // n_heads))
        self.emb_rel_v = nn.Parameter(torch.zeros(1, 2 * window + 1, width // n_heads))

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        dropout: Dropout = no_dropout,
    ) -> Tensor:
        """Let every frame of (B, C, T) look at all of them; `memory` is `x` itself or absent.

        Args:
            x: (B, C, T).
            memory: As above.
            mask: (B, 1, T), 1 = may be looked at; `None` shows all.
            dropout: Of the attention weights.
        """
        query, key, value = self._project(x, x if memory is None else memory)
        window, length = self.window, x.shape[2]
        # Column i + r of the padded matrix is the key at distance r - window from query i.
        columns = torch.arange(length, device=x.device)[:, None] + torch.arange(
            2 * window + 1, device=x.device
        )
        columns = columns.expand(*query.shape[:2], -1, -1)
        near = query @ self.emb_rel_k.transpose(1, 2)  # (B, H, T, 2W+1)
        scores = functional.pad(query @ key.transpose(2, 3), (window, window))
        scores = _hide(scores.scatter_add(3, columns, near)[..., window:-window], mask)
        weights = dropout(torch.softmax(scores, dim=-1))
        near = functional.pad(weights, (window, window)).gather(3, columns)
        return self._join(weights @ value + near @ self.emb_rel_v)


class ConvFeedForward(nn.Module):
    """Two convolutions with a ReLU between."""

    def __init__(self, width: int, filter_width: int, kernel_size: int) -> None:
        super().__init__()
        self.padding = ((kernel_size - 1) // 2, kernel_size // 2)
        self.conv_1 = nn.Conv1d(width, filter_width, kernel_size)
        self.conv_2 = nn.Conv1d(filter_width, width, kernel_size)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, dropout: Dropout = no_dropout
    ) -> Tensor:
        """Transform (B, C, T), same length out, zero where the mask (B, 1, T) drops."""
        x = torch.relu(self.conv_1(functional.pad(keep(x, mask), self.padding)))
        out: Tensor = self.conv_2(functional.pad(keep(dropout(x), mask), self.padding))
        return keep(out, mask)


class RelativeEncoder(nn.Module):
    """Post-norm layers of windowed attention and convolution (upstream `attentions.Encoder`)."""

    def __init__(self, config: EncoderConfig, n_layers: int) -> None:
        super().__init__()
        width = config.width
        self.attn_layers = nn.ModuleList(
            WindowedSelfAttention(width, config.n_heads, config.window) for _ in range(n_layers)
        )
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(width) for _ in range(n_layers))
        self.ffn_layers = nn.ModuleList(
            ConvFeedForward(width, config.filter_width, config.kernel_size) for _ in range(n_layers)
        )
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(width) for _ in range(n_layers))

    def forward(
        self, x: Tensor, mask: Tensor | None = None, dropout: Dropout = no_dropout
    ) -> Tensor:
        """Encode (B, C, T).

        Args:
            x: (B, C, T), zero where the mask drops.
            mask: (B, 1, T), 1 = keep; `None` lets every frame of every row count.
            dropout: Of attention weights, of what is inside and of what is added.

        Returns:
            (B, C, T), zero where the mask drops.
        """
        layers = zip(
            self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2, strict=True
        )
        for attention, norm_1, feed_forward, norm_2 in layers:
            x = norm_1(x + dropout(attention(x, None, mask, dropout)))
            x = norm_2(x + dropout(feed_forward(x, mask, dropout)))
        return keep(x, mask)


def _hide(scores: Tensor, mask: Tensor | None) -> Tensor:
    if mask is None:
        return scores
    # (B, 1, M) -> (B, 1, 1, M)
    return scores.masked_fill(mask.unsqueeze(1) == 0, float("-inf"))

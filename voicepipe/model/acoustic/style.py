"""Timbre: what a reference clip sounds like as one vector, and how content takes it on.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `module/modules.py` (`MelStyleEncoder`) and
`module/mrte_model.py` (`MRTE`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.acoustic.layers import keep, no_dropout
from voicepipe.model.acoustic.relative_attention import ChannelAttention

if TYPE_CHECKING:
    from voicepipe.model.acoustic.layers import Dropout

_HIDDEN_WIDTH = 128
_KERNEL_SIZE = 5
_N_HEADS = 2
_FUSION_HEADS = 4


class _Linear(nn.Module):
    def __init__(self, in_width: int, out_width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(in_width, out_width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc(x)
        return out


class _Conv(nn.Module):
    def __init__(self, in_width: int, out_width: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_width, out_width, _KERNEL_SIZE, padding=_KERNEL_SIZE // 2)


class _GatedResidual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = _Conv(width, 2 * width)

    def forward(self, x: Tensor, dropout: Dropout = no_dropout) -> Tensor:
        return x + dropout(functional.glu(self.conv1.conv(x), dim=1))


class _SelfAttention(nn.Module):
    """Scaled by the whole width, not by a head's: upstream's choice, and the weights expect it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.w_qs = nn.Linear(width, width)
        self.w_ks = nn.Linear(width, width)
        self.w_vs = nn.Linear(width, width)
        self.fc = nn.Linear(width, width)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, dropout: Dropout = no_dropout
    ) -> Tensor:
        # (B, T, H*D) -> (B, H, T, D)
        query, key, value = (
            w(x).reshape(*x.shape[:2], _N_HEADS, -1).transpose(1, 2)
            for w in (self.w_qs, self.w_ks, self.w_vs)
        )
        scores = query @ key.transpose(2, 3) / math.sqrt(x.shape[2])
        if mask is not None:
            scores = scores.masked_fill(mask[:, None, None] == 0, float("-inf"))
        weights = dropout(torch.softmax(scores, dim=-1))
        out: Tensor = self.fc((weights @ value).transpose(1, 2).flatten(2))
        return dropout(out) + x


class StyleEncoder(nn.Module):
    """A reference spectrogram to one style vector (upstream `ref_enc`, giving `ge`)."""

    def __init__(self, n_bins: int, style_width: int) -> None:
        super().__init__()
        self.n_bins = n_bins
        # Positions 2 and 5 hold upstream's dropout, whose numbering the keys keep.
        self.spectral = nn.Sequential(
            _Linear(n_bins, _HIDDEN_WIDTH),
            nn.Mish(),
            nn.Identity(),
            _Linear(_HIDDEN_WIDTH, _HIDDEN_WIDTH),
            nn.Mish(),
            nn.Identity(),
        )
        self.temporal = nn.Sequential(_GatedResidual(_HIDDEN_WIDTH), _GatedResidual(_HIDDEN_WIDTH))
        self.slf_attn = _SelfAttention(_HIDDEN_WIDTH)
        self.fc = _Linear(_HIDDEN_WIDTH, style_width)

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Embed (B, F, T) magnitudes, F at least `n_bins`, as (B, G, 1)."""
        x: Tensor = self.spectral(spectrogram[:, : self.n_bins].transpose(1, 2))
        x = self.temporal(x.transpose(1, 2)).transpose(1, 2)
        x = self.fc(self.slf_attn(x))  # (B, T, G)
        return x.mean(dim=1).unsqueeze(2)

    def embed_batch(
        self,
        spectrogram: Tensor,
        mask: Tensor,
        dropout: Dropout = no_dropout,
        *,
        hears_padding: bool = False,
    ) -> Tensor:
        """Embed rows of several lengths together, each as if it were alone.

        Args:
            spectrogram: (B, F, T).
            mask: (B, 1, T), 1 = keep.
            dropout: Behind every layer but the last.
            hears_padding: Let the convolutions see what the first layers make of the nothing
                behind a short row, as upstream's training does and its inference does not.

        Returns:
            (B, G, 1).
        """
        x: Tensor = (spectrogram[:, : self.n_bins] * mask).transpose(1, 2)
        for linear in (self.spectral[0], self.spectral[3]):
            x = dropout(functional.mish(linear(x)))
        x = x.transpose(1, 2)
        for block in self.temporal:
            x = block(x if hears_padding else x * mask, dropout)
        kept = mask[:, 0]  # (B, T)
        x = (x * mask).transpose(1, 2)
        x = self.fc(self.slf_attn(x, kept, dropout)) * kept.unsqueeze(2)
        return (x.sum(dim=1) / kept.sum(dim=1, keepdim=True)).unsqueeze(2)


class TimbreFusion(nn.Module):
    """Content that has read its text and put on a style (upstream `MRTE`)."""

    def __init__(self, content_width: int, width: int) -> None:
        super().__init__()
        self.cross_attention = ChannelAttention(width, _FUSION_HEADS)
        self.c_pre = nn.Conv1d(content_width, width, 1)
        self.text_pre = nn.Conv1d(content_width, width, 1)
        self.c_post = nn.Conv1d(width, content_width, 1)

    def forward(
        self,
        content: Tensor,
        text: Tensor,
        style: Tensor,
        mask: Tensor | None = None,
        text_mask: Tensor | None = None,
    ) -> Tensor:
        """Fuse content with text and style into (B, C, T).

        Args:
            content: (B, C, T).
            text: (B, C, P).
            style: (B, D, 1).
            mask: (B, 1, T) of the content, 1 = keep; `None` keeps all. What the result holds where
                it drops is of no meaning.
            text_mask: (B, 1, P), likewise.
        """
        content = self.c_pre(content)
        attended = self.cross_attention(content, self.text_pre(text), text_mask)
        out: Tensor = self.c_post(keep(attended + content + style, mask))
        return out

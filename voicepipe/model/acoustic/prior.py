"""What a line should sound like before any chance is added: the acoustic prior.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `TextEncoder` in `module/models.py`. Phonemes are encoded a row
at a time at their exact length: attention over padding would let a line's neighbours move its last
bits, and the phonemes of a line are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.acoustic.layers import no_dropout
from voicepipe.model.acoustic.relative_attention import RelativeEncoder
from voicepipe.model.acoustic.style import TimbreFusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.model.acoustic.layers import Dropout


class Prior(NamedTuple):
    """A line's latent distribution, and the hidden frames it was made of; each (B, C, T)."""

    hidden: Tensor
    mean: Tensor
    log_scale: Tensor


class PriorEncoder(nn.Module):
    """Codebook vectors, phonemes and style to a prior (upstream `enc_p`)."""

    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        encoder = config.encoder
        width, half = encoder.width, encoder.n_layers // 2
        self.ssl_proj = nn.Conv1d(config.content_width, width, 1)
        self.encoder_ssl = RelativeEncoder(encoder, half)
        self.encoder_text = RelativeEncoder(encoder, encoder.n_layers)
        self.text_embedding = nn.Embedding(config.n_symbols, width)
        self.mrte = TimbreFusion(width, config.text_style_width)
        self.encoder2 = RelativeEncoder(encoder, half)
        self.proj = nn.Conv1d(width, 2 * config.latent_width, 1)

    def forward(
        self, vectors: Tensor, phoneme_ids: Sequence[Tensor], style: Tensor, speed: float
    ) -> Prior:
        """Encode lines of one length.

        Args:
            vectors: (B, 768, T), a codebook vector a latent frame.
            phoneme_ids: B tensors (P,), each of its own length.
            style: (B, 512, 1).
            speed: Over 1 is faster: the frames are stretched to `int(T / speed) + 1`,
                or left alone at exactly 1.
        """
        content = self.encoder_ssl(self.ssl_proj(vectors))
        fused = [
            self.mrte(content[i : i + 1], self.encode_text(ids), style[i : i + 1])
            for i, ids in enumerate(phoneme_ids)
        ]
        hidden: Tensor = self.encoder2(torch.cat(fused))
        if speed != 1:
            hidden = functional.interpolate(
                hidden, size=int(hidden.shape[2] / speed) + 1, mode="linear"
            )
        mean, log_scale = self.proj(hidden).chunk(2, dim=1)
        return Prior(hidden, mean, log_scale)

    def encode_batch(
        self,
        vectors: Tensor,
        phoneme_ids: Tensor,
        style: Tensor,
        *,
        mask: Tensor,
        text_mask: Tensor,
        dropout: Dropout = no_dropout,
    ) -> Prior:
        """Encode rows of several lengths together, for training.

        Args:
            vectors: (B, 768, T), a codebook vector a latent frame.
            phoneme_ids: (B, P).
            style: (B, 512, 1).
            mask: (B, 1, T), 1 = keep.
            text_mask: (B, 1, P), 1 = keep.
            dropout: Of the encoders.

        Returns:
            Hidden frames, mean and log-scale, zero where the mask drops.
        """
        content = self.encoder_ssl(self.ssl_proj(vectors) * mask, mask, dropout)
        text = self.text_embedding(phoneme_ids).transpose(1, 2) * text_mask
        text = self.encoder_text(text, text_mask, dropout)
        fused = self.mrte(content, text, style, mask, text_mask)
        hidden: Tensor = self.encoder2(fused * mask, mask, dropout)
        mean, log_scale = (self.proj(hidden) * mask).chunk(2, dim=1)
        return Prior(hidden, mean, log_scale)

    def encode_text(self, phoneme_ids: Tensor) -> Tensor:
        """Encode (P,) phonemes as (1, C, P)."""
        out: Tensor = self.encoder_text(self.text_embedding(phoneme_ids).t()[None])
        return out

"""Semantic tokens: nearest codebook entries of self-supervised speech features, and back.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `module/core_vq.py`, with one layer and nothing that trains.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Codebook(nn.Module):
    """The entries, and the training statistics that checkpoints store beside them."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.embed: Tensor
        self.register_buffer("inited", torch.ones(1))
        self.register_buffer("cluster_size", torch.zeros(size))
        self.register_buffer("embed", torch.zeros(size, width))
        self.register_buffer("embed_avg", torch.zeros(size, width))


class _Layer(nn.Module):
    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self._codebook = Codebook(size, width)


class _Layers(nn.Module):
    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([_Layer(size, width)])


class Quantizer(nn.Module):
    """One vector-quantisation layer under its community name, `quantizer.vq.layers.0`."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.vq = _Layers(size, width)

    @property
    def entries(self) -> Tensor:
        """(V, C), one vector a token."""
        layer = self.vq.layers[0]
        assert isinstance(layer, _Layer)
        return layer._codebook.embed

    def encode(self, x: Tensor) -> Tensor:
        """Name the entry nearest to each frame, the first of equals.

        Args:
            x: (B, C, T).

        Returns:
            (B, T) int64.
        """
        frames = x.transpose(1, 2)
        entries = self.entries
        # |x - e|^2 without |x|^2, which is the same for every entry.
        distance = entries.pow(2).sum(1) - 2 * frames @ entries.t()
        return distance.argmin(dim=-1)

    def decode(self, semantic_tokens: Tensor) -> Tensor:
        """Look up (B, T) tokens as (B, C, T) vectors."""
        return functional.embedding(semantic_tokens, self.entries).transpose(1, 2)

"""BERT (Devlin et al., 2019): what a character means in its line.

Only what reading takes: no pooling, no dropout, no second sentence. Tensors are named as in
published files; outputs are those of the transformers library, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.errors import CheckpointError
from voicepipe.model.encoders.published import attended, epsilon_or, size_or

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_WORDS: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BertSizes:
    """Dimensions of a BERT; those that a configuration may leave out have the base model's."""

    width: int = 768
    n_layers: int = 12
    n_heads: int = 12
    feedforward_width: int = 3072
    n_words: int = 30_522
    n_positions: int = 512
    n_types: int = 2
    epsilon: float = 1e-12

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> BertSizes:
        """Read `config.json`.

        Raises:
            CheckpointError: A number is absurd, or the model computes otherwise than BERT.
        """
        if config.get("model_type") != "bert":
            raise CheckpointError("describes no BERT model")
        if config.get("hidden_act", "gelu") != "gelu":
            raise CheckpointError(f"its activation is {config['hidden_act']!r}, not gelu")
        usual = cls()
        sizes = cls(
            width=size_or(config, "hidden_size", usual.width),
            n_layers=size_or(config, "num_hidden_layers", usual.n_layers),
            n_heads=size_or(config, "num_attention_heads", usual.n_heads),
            feedforward_width=size_or(config, "intermediate_size", usual.feedforward_width),
            n_words=size_or(config, "vocab_size", usual.n_words, at_most=_MOST_WORDS),
            n_positions=size_or(config, "max_position_embeddings", usual.n_positions),
            n_types=size_or(config, "type_vocab_size", usual.n_types),
            epsilon=epsilon_or(config, usual.epsilon),
        )
        if sizes.width % sizes.n_heads:
            raise CheckpointError(f"{sizes.n_heads} heads do not divide a width of {sizes.width}")
        return sizes


class BertNetwork(nn.Module):
    """Ids of words to vectors.

    Args:
        sizes: Dimensions.
    """

    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.embeddings = _Embeddings(sizes)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(_Layer(sizes) for _ in range(sizes.n_layers))

    def forward(self, ids: Tensor) -> Tensor:
        """Read a line.

        Args:
            ids: (1, T) int64, at most as many as there are positions.

        Returns:
            (1, T, width): the last layer's output.
        """
        hidden: Tensor = self.embeddings(ids)
        for layer in self.encoder.layer:  # type: ignore[union-attr] # a list of layers
            hidden = layer(hidden)
        return hidden


class _Embeddings(nn.Module):
    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(sizes.n_words, sizes.width)
        self.position_embeddings = nn.Embedding(sizes.n_positions, sizes.width)
        self.token_type_embeddings = nn.Embedding(sizes.n_types, sizes.width)
        self.LayerNorm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)

    def forward(self, ids: Tensor) -> Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device)[None]
        words: Tensor = self.word_embeddings(ids)
        # Sums of three in another order have other last bits.
        first = words + self.token_type_embeddings(torch.zeros_like(ids))
        summed: Tensor = self.LayerNorm(first + self.position_embeddings(positions))
        return summed


class _Layer(nn.Module):
    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.attention = nn.Module()
        self.attention.self = _Attention(sizes.width, sizes.n_heads)
        self.attention.output = _Output(sizes.width, sizes)
        self.intermediate = nn.Module()
        self.intermediate.dense = nn.Linear(sizes.width, sizes.feedforward_width)
        self.output = _Output(sizes.feedforward_width, sizes)

    def forward(self, hidden: Tensor) -> Tensor:
        attention: Any = self.attention
        heard = attention.output(attention.self(hidden), hidden)
        widened: Any = self.intermediate.dense
        made: Tensor = self.output(functional.gelu(widened(heard)), heard)
        return made


class _Attention(nn.Module):
    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self._n_heads = n_heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, hidden: Tensor) -> Tensor:
        return attended(hidden, (self.query, self.key, self.value), self._n_heads)


class _Output(nn.Module):
    def __init__(self, width: int, sizes: BertSizes) -> None:
        super().__init__()
        self.dense = nn.Linear(width, sizes.width)
        self.LayerNorm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)

    def forward(self, hidden: Tensor, before: Tensor) -> Tensor:
        summed: Tensor = self.LayerNorm(self.dense(hidden) + before)
        return summed

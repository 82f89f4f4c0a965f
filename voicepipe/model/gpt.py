"""The semantic stage: phonemes and a voice's prompt in, scores of the next semantic token out.

A decoder over one sequence of text and audio positions: text sees all text and
no audio, audio sees all text and its own past. One architecture serves every
checkpoint; its dimensions are a `SemanticConfig`. Parameters keep the
community's key names. The stage draws no tokens and keeps no state: keys and
values live in a `KvCache` given by the caller, one slot a line, so lines may
enter and leave between any two steps.

Source: RVC-Boss/GPT-SoVITS `AR/models/t2s_model.py` @48b1a01, itself after
VALL-E (Wang et al., 2023). Lines of a batch run here over their own length
instead of a padded one, so a line's scores do not depend on its company.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from torch.nn import functional as F

from voicepipe.errors import CheckpointError
from voicepipe.model.attention import (
    padded_attention,
    prefix_attention,
    prefix_mask,
    row_attention,
)
from voicepipe.model.config import ConfigError, Family, SemanticConfig
from voicepipe.model.weights import load_strictly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from voicepipe.model.checkpoint import Checkpoint
    from voicepipe.model.kv_cache import KvCache

MIN_ROWS = 4
"""Rows of a matrix product below which its rounding differs from larger ones (measured)."""

_POSITION_BLOCK = 1024
_LAYER_NORM_EPS = 1e-5


class SemanticStage(nn.Module):
    """The text-to-semantic transformer ("the GPT", upstream `Text2SemanticDecoder`).

    On a CPU a line's scores are the same bits alone and in any company, given one thread.

    Args:
        config: Dimensions.
    """

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.config = config
        self.bert_proj = nn.Linear(config.bert_width, config.width)
        self.ar_text_embedding = _TokenEmbedding(config.phoneme_vocabulary_size, config.width)
        self.ar_text_position = _SinePosition(config.width)
        self.ar_audio_embedding = _TokenEmbedding(config.vocabulary_size, config.width)
        self.ar_audio_position = _SinePosition(config.width)
        self.h = _Layers(config)
        self.ar_predict_layer = nn.Linear(config.width, config.vocabulary_size, bias=False)

    @classmethod
    def from_checkpoint(
        cls,
        checkpoint: Checkpoint,
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> SemanticStage:
        """Build the stage a checkpoint describes and load its weights, each exactly once.

        Raises:
            CheckpointError: It is no semantic checkpoint, its configuration is wrong, or a
                weight is missing, left over or of another shape.
        """
        if checkpoint.family is not Family.SEMANTIC:
            msg = f"{checkpoint.path}: holds a {checkpoint.family.value} model, not a semantic one"
            raise CheckpointError(msg, remedy="give the .ckpt file of the pair")
        try:
            config = SemanticConfig.from_mapping(checkpoint.config)
        except ConfigError as error:
            msg = f"{checkpoint.path}: {error}"
            raise CheckpointError(msg) from error
        if config.n_layers > len(checkpoint.tensors):
            # Said before building, so that a file cannot ask for more memory than it brings.
            msg = f"{checkpoint.path}: config names {config.n_layers} layers, the weights fewer"
            raise CheckpointError(msg)
        with torch.device("meta"):
            stage = cls(config)
        load_strictly(stage, checkpoint.tensors, source=checkpoint.path, dtype=dtype)
        return stage.to(device=device).eval().pack()

    def pack(self) -> SemanticStage:
        """Lay out weight matrices column by column in memory; shapes and values stay the same.

        Measured on an AVX-512 CPU: products with 4 to 16 rows run twice as fast, and a row's
        rounding is then the same at every number of rows from 2 to 64.
        """
        for module in self.modules():
            if isinstance(module, _SelfAttention):
                _transpose_in_memory(module.in_proj_weight)
            elif isinstance(module, nn.Linear):
                _transpose_in_memory(module.weight)
        return self

    def forward(self, phoneme_ids: Tensor, tokens: Tensor, bert: Tensor | None = None) -> Tensor:
        """Score every next token of a known line at once, without a cache: for training and tests.

        Args:
            phoneme_ids: (T,) int64, transcript and line.
            tokens: (Ta,) int64, the line's semantic tokens.
            bert: (T, bert_width) linguistic features; None is all zeros.

        Returns:
            (Ta + 1, V): row `i` scores token `i`, the last row what follows them all.
        """
        hidden, n_text, mask = self._embed_prefix(phoneme_ids, tokens, bert)
        for layer in self.h:
            queries, keys, values = layer.project(hidden)
            mixed = prefix_attention(queries, keys, values, n_text=n_text, mask=mask)
            hidden = layer.finish(hidden, mixed)
        scores: Tensor = self.ar_predict_layer(hidden[n_text - 1 :])
        return scores

    def prefill(
        self,
        cache: KvCache,
        slot: int,
        phoneme_ids: Tensor,
        prompt_tokens: Tensor,
        bert: Tensor | None = None,
    ) -> Tensor:
        """Enter a line into a free slot and score its first new token.

        Args:
            cache: Receives the line's keys and values.
            slot: A free slot of it.
            phoneme_ids: (T,) int64, transcript of the reference clip and line (upstream `x`).
            prompt_tokens: (Tp,) int64, the reference clip's semantic tokens; may be empty.
            bert: (T, bert_width) linguistic features; None is all zeros.

        Returns:
            (V,) float32 scores, before any penalty.

        Raises:
            ValueError: An id is out of range, a shape is wrong, or the slot is taken or too short.
        """
        hidden, n_text, mask = self._embed_prefix(phoneme_ids, prompt_tokens, bert)
        cache.open(slot, n_text=n_text, n_audio=hidden.shape[0] - n_text)
        last = len(self.h.layers) - 1
        for index, layer in enumerate(self.h):
            queries, keys, values = layer.project(hidden)
            cache.write_prefix(index, slot, keys, values)
            if index == last:
                # Only the last position is asked for, and nothing reads the others any more.
                hidden, queries = hidden[-1:], queries[:, -1:]
                n_text, mask = int(mask.shape[0] == 0), mask[-1:]
            mixed = prefix_attention(queries, keys, values, n_text=n_text, mask=mask)
            hidden = layer.finish(hidden, mixed)
        scores: Tensor = self.ar_predict_layer(_at_least(hidden, MIN_ROWS))
        return scores[0].float()

    def decode(self, cache: KvCache, slots: Sequence[int], tokens: Sequence[int]) -> Tensor:
        """Take one new token a line and score the one after it.

        Args:
            cache: Holds the lines; every named slot grows by one position.
            slots: The slots of the B lines under way, in any order.
            tokens: The token each of them chose.

        Returns:
            (B, V) float32 scores, before any penalty.

        Raises:
            ValueError: A slot is free, full or named twice, or a token is out of range.
        """
        if len(tokens) != len(slots) or not slots:
            msg = f"{len(slots)} slots cannot take {len(tokens)} tokens"
            raise ValueError(msg)
        if not all(0 <= token < self.config.vocabulary_size for token in tokens):
            msg = f"a token of {list(tokens)} is not under {self.config.vocabulary_size}"
            raise ValueError(msg)
        n_rows = len(slots)
        audio_positions = [cache.audio_length(slot) for slot in slots]
        positions = cache.reserve_next(slots)
        lengths = [position + 1 for position in positions]
        device = self.ar_predict_layer.weight.device
        slot_ids = torch.tensor(slots, device=device)
        position_ids = torch.tensor(positions, device=device)
        hidden = self.ar_audio_embedding.word_embeddings(torch.tensor(tokens, device=device))
        hidden = self.ar_audio_position(hidden, torch.tensor(audio_positions, device=device))
        hidden = _at_least(hidden, MIN_ROWS)
        mixed = torch.zeros_like(hidden)
        length_ids = position_ids + 1
        for index, layer in enumerate(self.h):
            queries, keys, values = layer.project_rows(hidden, n_rows)
            cache.write_next(index, slot_ids, position_ids, keys, values)
            seen_keys, seen_values = cache.keys[index], cache.values[index]
            if self.attends_by_row:
                row_attention(
                    queries, seen_keys, seen_values, slots=slots, lengths=lengths, out=mixed
                )
            else:
                padded_attention(
                    queries,
                    seen_keys,
                    seen_values,
                    slots=slot_ids,
                    lengths=length_ids,
                    longest=max(lengths),
                    out=mixed,
                )
            hidden = layer.finish(hidden, mixed)
        scores: Tensor = self.ar_predict_layer(hidden)
        return scores[:n_rows].float()

    @property
    def attends_by_row(self) -> bool:
        """Whether lines attend one by one, which keeps a line's bits its own.

        True on a CPU. Elsewhere one call over padded keys serves all lines: small calls cost
        more there than they compute, and a line's last bits depend on the longest neighbour.
        """
        return bool(self.ar_predict_layer.weight.device.type == "cpu")

    def _embed_prefix(
        self, phoneme_ids: Tensor, tokens: Tensor, bert: Tensor | None
    ) -> tuple[Tensor, int, Tensor]:
        self._require_ids("phoneme", phoneme_ids, self.config.phoneme_vocabulary_size)
        self._require_ids("token", tokens, self.config.vocabulary_size)
        n_text, n_audio = phoneme_ids.shape[0], tokens.shape[0]
        if n_text == 0:
            msg = "a line needs at least one phoneme"
            raise ValueError(msg)
        parameter = self.bert_proj.weight
        if bert is None:
            bert = torch.zeros(n_text, self.config.bert_width)
        if bert.shape != (n_text, self.config.bert_width):
            msg = f"features {tuple(bert.shape)} do not fit {n_text} phonemes"
            raise ValueError(msg)
        device = parameter.device
        text = self.ar_text_embedding.word_embeddings(phoneme_ids.to(device))
        text = text + self.bert_proj(bert.to(device=device, dtype=parameter.dtype))
        text = self.ar_text_position(text, torch.arange(n_text, device=device))
        audio = self.ar_audio_embedding.word_embeddings(tokens.to(device))
        audio = self.ar_audio_position(audio, torch.arange(n_audio, device=device))
        mask = prefix_mask(n_text, n_audio, device=device)
        return torch.cat((text, audio)), n_text, mask

    @staticmethod
    def _require_ids(kind: str, ids: Tensor, limit: int) -> None:
        if ids.ndim != 1 or ids.dtype != torch.int64:
            msg = f"{kind} ids must be one row of int64, not {tuple(ids.shape)} of {ids.dtype}"
            raise ValueError(msg)
        if ids.numel() and (int(ids.min()) < 0 or int(ids.max()) >= limit):
            msg = f"{kind} ids run from {int(ids.min())} to {int(ids.max())}; the limit is {limit}"
            raise ValueError(msg)


class _TokenEmbedding(nn.Module):
    def __init__(self, n_entries: int, width: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(n_entries, width)


class _SinePosition(nn.Module):
    """Fixed sine positions (Vaswani et al., 2017) times one learned factor."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))
        self._width = width
        self._table: Tensor | None = None

    def forward(self, hidden: Tensor, positions: Tensor) -> Tensor:
        """Add to (T, width) the sines of (T,) positions."""
        needed = int(positions.max()) + 1 if positions.numel() else 0
        table = self._table
        if table is None or table.shape[0] < needed or table.device != hidden.device:
            n_positions = _POSITION_BLOCK * -(-max(needed, 1) // _POSITION_BLOCK)
            table = _sine_table(n_positions, self._width).to(hidden.device)
            self._table = table
        return hidden + self.alpha * table[positions].to(hidden.dtype)


class _SelfAttention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)


class _Layer(nn.Module):
    """One post-norm transformer layer; attention itself is done by the caller."""

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        width = config.width
        self.n_heads = config.n_heads
        self.self_attn = _SelfAttention(width)
        self.linear1 = nn.Linear(width, config.feedforward_width)
        self.linear2 = nn.Linear(config.feedforward_width, width)
        self.norm1 = nn.LayerNorm(width, eps=_LAYER_NORM_EPS)
        self.norm2 = nn.LayerNorm(width, eps=_LAYER_NORM_EPS)

    def project(self, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (H, T, D) of (T, width)."""
        attention = self.self_attn
        joined = F.linear(hidden, attention.in_proj_weight, attention.in_proj_bias)
        # (T, 3 * H * D) -> 3 x (H, T, D)
        parts = joined.view(hidden.shape[0], 3, self.n_heads, -1).permute(1, 2, 0, 3)
        return parts[0], parts[1], parts[2]

    def project_rows(self, hidden: Tensor, n_rows: int) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (B, H, D) of the first B rows of (>= B, width)."""
        attention = self.self_attn
        joined = F.linear(hidden, attention.in_proj_weight, attention.in_proj_bias)
        parts = joined[:n_rows].view(n_rows, 3, self.n_heads, -1)
        return parts[:, 0], parts[:, 1], parts[:, 2]

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """Everything after attention, for (T, width)."""
        hidden = self.norm1(hidden + self.self_attn.out_proj(mixed))
        widened = torch.relu(self.linear1(hidden))
        result: Tensor = self.norm2(hidden + self.linear2(widened))
        return result


class _Layers(nn.Module):
    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.n_layers))

    def __iter__(self) -> Iterator[_Layer]:
        return cast("Iterator[_Layer]", iter(self.layers))


def _sine_table(n_positions: int, width: int) -> Tensor:
    steps = torch.arange(0, width, 2, dtype=torch.float32)
    rates = torch.exp(steps * -(math.log(10_000.0) / width))
    angles = torch.arange(n_positions, dtype=torch.float32).unsqueeze(1) * rates
    # Sine and cosine alternate: (T, width / 2, 2) -> (T, width)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).view(n_positions, width)


def _at_least(rows: Tensor, n_rows: int) -> Tensor:
    missing = n_rows - rows.shape[0]
    if missing <= 0:
        return rows
    return torch.cat((rows, rows[:1].expand(missing, -1)))


def _transpose_in_memory(weight: Tensor) -> None:
    weight.data = weight.data.t().contiguous().t()

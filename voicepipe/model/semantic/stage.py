"""The semantic stage: phonemes and a voice's prompt in, scores of the next semantic token out.

A decoder over one sequence of text and audio positions: text sees all text and
no audio, audio sees all text and its own past. One architecture serves every
checkpoint; its dimensions are a `SemanticConfig`. Parameters keep the
community's key names. The stage draws no tokens and keeps no state: keys and
values live in a `KvCache` given by the caller, one slot a line, so lines may
enter and leave between any two steps.

Source: RVC-Boss/GPT-SoVITS `AR/models/t2s_model.py` @48b1a01, itself after
VALL-E (Wang et al., 2023). Lines of a batch run here over their own length
instead of a padded one, so a line's scores do not depend on its batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import ConfigError, Family, SemanticConfig
from voicepipe.model.kernels.choice import require_precision, row_attention
from voicepipe.model.kernels.product_choice import choose_kernel
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.model.kernels.products import product_of
from voicepipe.model.kernels.rows import whole_rows
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.attention import (
    padded_attention,
    prefix_attention,
    prefix_mask,
)
from voicepipe.model.semantic.layers import Layers, SinePosition, TokenEmbedding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model.kernels.products import LaidOutProduct
    from voicepipe.model.semantic.kv_cache import KvCache

    _Attend = Callable[[int, Tensor, Tensor], None]

WEIGHT_TYPES: Mapping[Precision, torch.dtype] = {
    Precision.FLOAT16: torch.float16,
    Precision.BFLOAT16: torch.bfloat16,
}
_CPU_CACHES: Mapping[Precision, torch.dtype] = {
    Precision.INT8: torch.int8,
    Precision.BFLOAT16: torch.bfloat16,
}


class SemanticStage(nn.Module):
    """The text-to-semantic transformer ("the GPT", upstream `Text2SemanticDecoder`).

    On a CPU a line's scores are the same bits alone and in any batch, given one thread.

    Args:
        config: Dimensions.
    """

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.config = config
        self.bert_proj = nn.Linear(config.bert_width, config.width)
        self.ar_text_embedding = TokenEmbedding(config.phoneme_vocabulary_size, config.width)
        self.ar_text_position = SinePosition(config.width)
        self.ar_audio_embedding = TokenEmbedding(config.vocabulary_size, config.width)
        self.ar_audio_position = SinePosition(config.width)
        self.h = Layers(config)
        self.ar_predict_layer = nn.Linear(config.width, config.vocabulary_size, bias=False)
        self._predict: LaidOutProduct | None = None
        self._cache_type: torch.dtype | None = None

    @classmethod
    def from_checkpoint(
        cls,
        checkpoint: Checkpoint,
        *,
        device: torch.device | str = "cpu",
        precision: Precision = Precision.FLOAT32,
        keeps_plain: bool = True,
    ) -> SemanticStage:
        """Build the stage a checkpoint describes and load its weights, each exactly once.

        Args:
            checkpoint: Of a semantic stage.
            device: Where weights go.
            precision: As for `pack`, like the last.
            keeps_plain: Whether `forward` is to be had.

        Raises:
            CheckpointError: It is no semantic checkpoint, its configuration is wrong, or a
                weight is missing, left over or of another shape.
            EnvironmentFault: The device does not compute in that precision.
        """
        kind = torch.device(device).type
        require_precision(precision, kind)
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
        with shapes_only():
            stage = cls(config)
        dtype = torch.float32 if kind == "cpu" else WEIGHT_TYPES.get(precision, torch.float32)
        load_strictly(stage, checkpoint.tensors, source=checkpoint.path, dtype=dtype)
        return stage.to(device=device).eval().pack(precision, keeps_plain=keeps_plain)

    def pack(
        self, precision: Precision = Precision.FLOAT32, *, keeps_plain: bool = True
    ) -> SemanticStage:
        """Lay out the weights for lines that are spoken; parameters stay as they are.

        Call it once they are loaded and where they will be used, and again when they change.

        Args:
            precision: Of the products. On a CPU the predictor stays float32: it is small, and what
                it says is what is drawn from.
            keeps_plain: Otherwise each layer lets go of its parameters as soon as they are laid
                out, so that weights are never there twice: neither `forward` nor `pack` is to be
                had any more. For a CPU.

        Raises:
            EnvironmentFault: 8-bit products are not to be had here.
        """
        kernel = self._product_kernel(precision)
        for layer in self.h:
            layer.pack(precision, kernel)
            if not keeps_plain:
                layer.forget_plain()
        self._cache_type = _CPU_CACHES.get(precision) if self.attends_by_row else None
        predictor = self.ar_predict_layer.weight
        self._predict = product_of(predictor, None, Precision.FLOAT32, kernel)
        return self

    @property
    def weights(self) -> list[Tensor]:
        """Give the memory that processes can share, on a CPU, once it is laid out."""
        kept = [parameter for parameter in self.parameters() if not parameter.is_meta]
        of_products = [weight for layer in self.h for weight in layer.shareable]
        return [*kept, *of_products, *self._packed_predictor().weights]

    def _product_kernel(self, precision: Precision) -> ProductKernel:
        """Choose for the products that are in float32."""
        if not self.attends_by_row:
            return ProductKernel.PLAIN
        n_outputs, n_inputs = self.ar_predict_layer.weight.shape
        shapes = {(n_outputs, n_inputs)}
        if precision is Precision.FLOAT32:
            shapes |= {shape for layer in self.h for shape in layer.product_shapes}
        return choose_kernel(shapes)

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
            products = layer.plain
            queries, keys, values = layer.split(products.join(hidden), hidden.shape[0])
            mixed = prefix_attention(queries, keys, values, n_text=n_text, mask=mask)
            hidden = layer.finish(hidden, mixed, products)
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
        predict = self._packed_predictor()
        hidden, n_text, mask = self._embed_prefix(phoneme_ids, prompt_tokens, bert)
        length = hidden.shape[0]
        cache.open(slot, n_text=n_text, n_audio=length - n_text)
        hidden = self._whole_products(hidden)
        last = len(self.h.layers) - 1
        for index, layer in enumerate(self.h):
            queries, keys, values = layer.split(layer.packed.join(hidden), length)
            cache.write_prefix(index, slot, keys, values)
            if index == last:
                # Only the last position is asked for, and nothing reads the others any more.
                hidden, queries = hidden[length - 1 : length], queries[:, -1:]
                n_text, mask = int(mask.shape[0] == 0), mask[-1:]
            mixed = prefix_attention(queries, keys, values, n_text=n_text, mask=mask)
            hidden = layer.finish(hidden, self._whole_products(mixed), layer.packed)
        return predict(hidden)[0].float()

    def decode(self, cache: KvCache, slots: Sequence[int], tokens: Sequence[int]) -> Tensor:
        """Take one new token a line and score the one after it.

        Args:
            cache: Holds the lines; every named slot grows by one position.
            slots: The slots of the B lines in flight, in any order.
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
        predict = self._packed_predictor()
        audio_positions = [cache.audio_length(slot) for slot in slots]
        positions = cache.reserve_next(slots)
        lengths = [position + 1 for position in positions]
        device = self.ar_predict_layer.weight.device
        hidden = self.ar_audio_embedding.word_embeddings(torch.tensor(tokens, device=device))
        hidden = self.ar_audio_position(hidden, torch.tensor(audio_positions, device=device))
        hidden = self._whole_products(hidden)
        mixed = torch.zeros_like(hidden)
        attend: _Attend = (
            row_attention(cache, slots)
            if self.attends_by_row
            else self._padded_attention(cache, slots, lengths)
        )
        for index, layer in enumerate(self.h):
            attend(index, layer.packed.join(hidden), mixed)
            hidden = layer.finish(hidden, mixed, layer.packed)
        return predict(hidden)[: len(slots)].float()

    def _padded_attention(
        self, cache: KvCache, slots: Sequence[int], lengths: Sequence[int]
    ) -> _Attend:
        """Prepare one step's attention, all lines at once."""
        slot_ids = torch.tensor(slots, device=cache.keys.device)
        length_ids = torch.tensor(lengths, device=cache.keys.device)
        longest = max(lengths)
        any_layer = next(iter(self.h))

        def attend(layer: int, joined: Tensor, mixed: Tensor) -> None:
            queries, keys, values = any_layer.split_rows(joined, len(slots))
            cache.write_next(layer, slot_ids, length_ids - 1, keys, values)
            padded_attention(
                queries,
                cache.keys[:, layer],
                cache.values[:, layer],
                slots=slot_ids,
                lengths=length_ids,
                longest=longest,
                out=mixed,
            )

        return attend

    @property
    def cache_type(self) -> torch.dtype:
        """Of keys and values: that of the products."""
        return self._cache_type or self.ar_predict_layer.weight.dtype

    def _packed_predictor(self) -> LaidOutProduct:
        if self._predict is None:
            msg = "the weights are not laid out: call pack() first"
            raise RuntimeError(msg)
        return self._predict

    def _whole_products(self, rows: Tensor) -> Tensor:
        """Fill (M, width) up to what products on a CPU take, so that none of them has to."""
        missing = whole_rows(rows.shape[0]) - rows.shape[0]
        if not missing or not self.attends_by_row:
            return rows
        return torch.cat((rows, rows.new_zeros(missing, rows.shape[1])))

    def embed_tokens(self, tokens: Tensor, audio_positions: Tensor) -> Tensor:
        """Embed one token a line: (B, width) of (B,) ids and positions."""
        hidden = self.ar_audio_embedding.word_embeddings(tokens)
        placed: Tensor = self.ar_audio_position.at(hidden, audio_positions)
        return placed

    def predict(self, hidden: Tensor) -> Tensor:
        """Score the next token of (B, width): (B, V) float32."""
        return self._packed_predictor()(hidden).float()

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

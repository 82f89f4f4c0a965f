"""The semantic stage over a whole batch at once, with gradients.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `Text2SemanticDecoder.forward_old` in `AR/models/t2s_model.py`.
The weights stay in the `SemanticStage` that renders; nothing of its cached decoding is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from voicepipe.model.acoustic.layers import no_dropout

if TYPE_CHECKING:
    from torch import Tensor

    from voicepipe.model.acoustic.layers import Dropout
    from voicepipe.model.semantic.stage import SemanticStage
    from voicepipe.model.training.semantic_batch import SemanticBatch


@dataclass(slots=True, kw_only=True)
class AttentionProbe:
    """Which heads' attention to keep while scoring; read `found` afterwards.

    Fused attention never shows its weights, so a layer that is looked at runs unfused: name as
    few layers as the loss needs.
    """

    heads: dict[int, tuple[int, ...]]
    """Head numbers by layer number."""
    found: dict[tuple[int, int], Tensor] = field(default_factory=dict)
    """(B, T + 1, P) by layer and head: how much each scored position looks at each text column,
    in the order of the scores. The rest of a row's sum went to speech."""


def batch_scores(
    stage: SemanticStage,
    batch: SemanticBatch,
    *,
    dropout: Dropout = no_dropout,
    probe: AttentionProbe | None = None,
) -> Tensor:
    """Score every next token of every row.

    Args:
        stage: Its weights.
        batch: Of B rows, P text columns and T tokens, on the stage's device.
        dropout: Of attention's and the feed-forward's outputs.
        probe: Filled in when given.

    Returns:
        (B, T + 1, V): column `i` scores token `i`, the last what follows them all.
    """
    n_text = batch.phoneme_ids.shape[1]
    hidden = _embed(stage, batch)
    mask = _visible(batch)
    for number, layer in enumerate(stage.h):
        attention = layer.self_attn
        joined = F.linear(hidden, attention.in_proj_weight, attention.in_proj_bias)
        # (B, N, 3 * H * D) -> 3 x (B, H, N, D)
        parts = joined.view(*joined.shape[:2], 3, layer.n_heads, -1).permute(2, 0, 3, 1, 4)
        heads = () if probe is None else probe.heads.get(number, ())
        if heads:
            weights = _weights(parts[0], parts[1], mask)
            mixed = weights @ parts[2]
            assert probe is not None, "no probe, no heads"
            for head in heads:
                probe.found[number, head] = weights[:, head, n_text - 1 :, :n_text]
        else:
            mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=mask)
        # (B, H, N, D) -> (B, N, H * D)
        mixed = attention.out_proj(mixed.transpose(1, 2).flatten(2))
        hidden = layer.norm1(hidden + dropout(mixed))
        widened = dropout(torch.relu(layer.linear1(hidden)))
        hidden = layer.norm2(hidden + dropout(layer.linear2(widened)))
    scores: Tensor = stage.ar_predict_layer(hidden[:, n_text - 1 :])
    return scores


def _embed(stage: SemanticStage, batch: SemanticBatch) -> Tensor:
    text = stage.ar_text_embedding.word_embeddings(batch.phoneme_ids)
    text = stage.ar_text_position(text + stage.bert_proj(batch.bert), batch.text_positions)
    audio = stage.ar_audio_embedding.word_embeddings(batch.tokens)
    frames = torch.arange(batch.tokens.shape[1], device=batch.tokens.device)
    audio = stage.ar_audio_position(audio, frames)
    return torch.cat((text, audio), dim=1)


def _visible(batch: SemanticBatch) -> Tensor:
    """Bool (B, 1, P + T, P + T): text sees text, audio sees text and its past, none sees padding.

    A padded position sees what a kept one would, so that no row of the softmax is empty.
    """
    n_text, n_audio = batch.phoneme_ids.shape[1], batch.tokens.shape[1]
    size = n_text + n_audio
    order = torch.ones(size, size, dtype=torch.bool, device=batch.tokens.device).tril_()
    order[:n_text, :n_text] = True
    kept = torch.cat((batch.text_mask, batch.token_mask), dim=1)
    return (order & kept[:, None]).unsqueeze(1)


def _weights(queries: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
    scores = queries @ keys.transpose(2, 3) / math.sqrt(queries.shape[-1])
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1)

"""Lines of several lengths as one batch of the semantic stage.

Knows how rows are laid out; knows neither networks nor losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from voicepipe.model.config import BERT_WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticLine:
    """One line to learn."""

    phoneme_ids: Tensor
    """(P,) int64."""
    tokens: Tensor
    """(T,) int64, without end of speech."""
    bert: Tensor | None = None
    """(P, bert width) float32; `None` is all zeros."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticBatch:
    """Rows side by side. Text ends at the last of P columns, speech begins at the first of T.

    So the last text column of every row is the one that scores its first token.
    """

    phoneme_ids: Tensor
    """(B, P) int64; anything where the mask drops."""
    text_positions: Tensor
    """(B, P) int64, of each phoneme in its line."""
    text_mask: Tensor
    """(B, P) bool, True = keep."""
    bert: Tensor
    """(B, P, bert width)."""
    tokens: Tensor
    """(B, T) int64; end of speech where a row has ended."""
    token_mask: Tensor
    """(B, T) bool, True = keep."""

    def to(self, device: torch.device | str) -> SemanticBatch:
        """Move every tensor."""
        return SemanticBatch(
            phoneme_ids=self.phoneme_ids.to(device),
            text_positions=self.text_positions.to(device),
            text_mask=self.text_mask.to(device),
            bert=self.bert.to(device),
            tokens=self.tokens.to(device),
            token_mask=self.token_mask.to(device),
        )


def collate_lines(
    lines: Sequence[SemanticLine], *, eos_id: int, bert_width: int = BERT_WIDTH
) -> SemanticBatch:
    """Lay lines side by side.

    Args:
        lines: At least one; each has at least one phoneme.
        eos_id: End of speech, which fills the rows up.
        bert_width: Of the linguistic features.
    """
    n_text = max(len(line.phoneme_ids) for line in lines)
    n_audio = max(len(line.tokens) for line in lines)
    shape = (len(lines), n_text)
    phoneme_ids = torch.zeros(shape, dtype=torch.int64)
    text_mask = torch.zeros(shape, dtype=torch.bool)
    bert = torch.zeros(*shape, bert_width)
    tokens = torch.full((len(lines), n_audio), eos_id)
    token_mask = torch.zeros(len(lines), n_audio, dtype=torch.bool)
    for row, line in enumerate(lines):
        first = n_text - len(line.phoneme_ids)
        phoneme_ids[row, first:] = line.phoneme_ids
        text_mask[row, first:] = True
        if line.bert is not None:
            bert[row, first:] = line.bert
        tokens[row, : len(line.tokens)] = line.tokens
        token_mask[row, : len(line.tokens)] = True
    positions = (text_mask.cumsum(dim=1) - 1).clamp(min=0)
    return SemanticBatch(
        phoneme_ids=phoneme_ids,
        text_positions=positions,
        text_mask=text_mask,
        bert=bert,
        tokens=tokens,
        token_mask=token_mask,
    )


def upstream_batch(
    phoneme_ids: Tensor, phoneme_lengths: Tensor, tokens: Tensor, lengths: Tensor, bert: Tensor
) -> SemanticBatch:
    """Lay recorded rows out exactly as upstream's trainer does, its slip included.

    Upstream pads the text of a short row on the right and masks as many columns on its left, so
    that a short row learns from silence and never sees its first phonemes, and scores its first
    token from a padded column. Nothing is trained on this layout here: it replays recordings.

    Args:
        phoneme_ids: (B, P), padded on the right.
        phoneme_lengths: (B,).
        tokens: (B, T), padded on the right with end of speech.
        lengths: (B,).
        bert: (B, bert width, P).
    """
    columns = torch.arange(phoneme_ids.shape[1], device=phoneme_ids.device)
    n_hidden = phoneme_ids.shape[1] - phoneme_lengths
    frames = torch.arange(tokens.shape[1], device=tokens.device)
    return SemanticBatch(
        phoneme_ids=phoneme_ids,
        text_positions=columns.expand_as(phoneme_ids),
        text_mask=columns >= n_hidden[:, None],
        bert=bert.transpose(1, 2),
        tokens=tokens,
        token_mask=frames < lengths[:, None],
    )

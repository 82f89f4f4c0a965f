"""What the semantic stage is to make small: surprise, bad habits, wandering attention.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `AR/models/t2s_model.py` and `AR/models/utils.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from voicepipe.model.training.semantic_batch import SemanticBatch

_PREFERENCE_STRENGTH = 0.2  # upstream's beta


def targets_of(batch: SemanticBatch, eos_id: int) -> Tensor:
    """What each score should have said: the tokens, then end of speech; (B, T + 1)."""
    tokens = batch.tokens.masked_fill(~batch.token_mask, eos_id)
    return F.pad(tokens, (0, 1), value=eos_id)


def counted_targets(batch: SemanticBatch) -> Tensor:
    """Bool (B, T + 1): each row's tokens and the first end of speech behind them."""
    return F.pad(batch.token_mask, (1, 0), value=True)


def cross_entropy_sum(scores: Tensor, batch: SemanticBatch, eos_id: int) -> Tensor:
    """Sum the surprise at every token of every row and at the end of each, in nats.

    Args:
        scores: (B, T + 1, V), as `batch_scores` gives them.
        batch: What was scored.
        eos_id: End of speech.
    """
    counted = counted_targets(batch)
    return F.cross_entropy(
        scores[counted].float(), targets_of(batch, eos_id)[counted], reduction="sum"
    )


def upstream_cross_entropy(scores: Tensor, batch: SemanticBatch, eos_id: int) -> Tensor:
    """Sum the surprise as upstream does: over every column, padding included.

    A short row then pays for end of speech once for each of its padded columns, whose queries mean
    nothing, and its share of the gradient depends on the longest row of its batch. This is what
    recordings of upstream hold; trainings here use `cross_entropy_sum`.
    """
    return F.cross_entropy(
        scores.float().flatten(0, 1), targets_of(batch, eos_id).flatten(), reduction="sum"
    )


def top_accuracy(scores: Tensor, batch: SemanticBatch, eos_id: int, *, n_best: int = 3) -> Tensor:
    """Give the share of tokens among the best scores of their column, ends of speech left out."""
    counted = F.pad(batch.token_mask, (0, 1), value=False)
    best = scores[counted].topk(n_best, dim=-1).indices
    return (best == targets_of(batch, eos_id)[counted, None]).any(dim=-1).float().mean()


def log_likelihood(scores: Tensor, batch: SemanticBatch, eos_id: int) -> Tensor:
    """Give each row's log-probability, its end of speech included; (B,)."""
    targets = targets_of(batch, eos_id)
    chosen = scores.float().log_softmax(-1).gather(2, targets[..., None])[..., 0]
    return (chosen * counted_targets(batch)).sum(dim=1)


def preference_loss(
    chosen: Tensor, rejected: Tensor, *, strength: float = _PREFERENCE_STRENGTH
) -> Tensor:
    """Prefer recorded rows to spoiled ones, without a model to compare with.

    Args:
        chosen: (B,) log-likelihoods of what was recorded.
        rejected: (B,) log-likelihoods of the same rows spoiled, as by `spoil_tokens`.
        strength: Upstream's `beta`.

    Source: Rafailov et al., 2023, equation 7 with its reference left out, as upstream has it.
    """
    return -F.logsigmoid(strength * (chosen - rejected)).mean()


def spoil_tokens(tokens: Tensor, rng: np.random.Generator) -> Tensor:
    """Say a stretch of (T,) tokens twice, or leave it out: what a bad take does.

    Args:
        tokens: At least two.
        rng: Decides where and which; two draws of it for the place, one for the kind.
    """
    first, last = sorted(int(place) for place in rng.integers(0, len(tokens) + 1, size=2))
    if first == last:
        # An empty stretch spoils nothing: take one token.
        first, last = (first, last + 1) if last < len(tokens) else (first - 1, last)
    is_repeated = bool(rng.integers(0, 2))
    if not is_repeated and last - first == len(tokens):
        last -= 1
    stretch = (tokens[first:last],) * 2 if is_repeated else ()
    return torch.cat((tokens[:first], *stretch, tokens[last:]))


def alignment_loss(attention: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Draw a head's attention to where each token is spoken from.

    Args:
        attention: (B, T + 1, P) of one head, as an `AttentionProbe` finds it.
        wanted: (B, T + 1, P), each column's share of the text, summing to 1 where an alignment is
            known and to 0 where it is not.
        counted: Bool (B, T + 1), which positions count.

    Returns:
        Cross-entropy in nats, a mean over the counted positions whose alignment is known; 0 when
        there is none.
    """
    known = counted & (wanted.sum(dim=2) > 0)
    surprise = -(wanted * attention.float().clamp(min=1e-6).log()).sum(dim=2)
    return (surprise * known).sum() / known.sum().clamp(min=1)

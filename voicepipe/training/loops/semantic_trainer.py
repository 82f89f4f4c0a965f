"""Training the semantic stage: which tokens follow which phonemes, in this speaker's mouth.

Upstream trains it with ScaledAdam at a rate pinned to 0.002 of each weight's own size. Weights here
are about 0.03 large, so AdamW takes steps of the same size at 6e-5; its memory is three plain
tensors a weight, which is what lets a training go on bit by bit. Losses are means a token, so that
neither a long line nor a large batch takes larger steps.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from voicepipe.errors import CheckpointError, InputError
from voicepipe.model.acoustic.layers import no_dropout
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.training.indexed_rng import RowDropout, seed_of
from voicepipe.model.training.semantic_batch import SemanticLine, collate_lines
from voicepipe.model.training.semantic_losses import (
    cross_entropy_sum,
    log_likelihood,
    preference_loss,
    spoil_tokens,
    top_accuracy,
)
from voicepipe.model.training.semantic_scores import batch_scores
from voicepipe.training.loops.loop import Validation
from voicepipe.training.loops.optimizers import NamedAdamW, prefixed, under
from voicepipe.training.loops.precision import mixed_precision
from voicepipe.training.loops.process_group import ALONE
from voicepipe.training.loops.sampling import rows_of_step
from voicepipe.training.loops.schedules import WarmupCosine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from torch import Tensor

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model.training.semantic_batch import SemanticBatch
    from voicepipe.training.dataset.utterance import TrainingUtterance
    from voicepipe.training.loops.process_group import ProcessGroup

_PREFIX = "model."


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticSettings:
    """How the semantic stage learns."""

    seed: int = 1234
    batch_size: int = 8
    """Of all processes together."""
    schedule: WarmupCosine = field(default_factory=WarmupCosine)
    betas: tuple[float, float] = (0.9, 0.95)
    eps: float = 1e-8
    weight_decay: float = 0.01
    clip_norm: float | None = 1.0
    dropout: float = 0.0
    preference: float = 0.0
    """Weight of preferring recordings to spoiled copies of them; 1 is upstream's, 0 leaves it out
    and saves half the work."""


class SemanticTraining:
    """A semantic stage in training; a `Trainee`.

    Args:
        checkpoint: The base.
        utterances: To learn from.
        held_out: To judge by; may be empty.
        settings: How.
        device: Where.
        group: Of processes.

    Raises:
        CheckpointError: The base is no whole semantic checkpoint.
        InputError: An utterance does not fit the base.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        utterances: Iterable[TrainingUtterance],
        held_out: Iterable[TrainingUtterance],
        settings: SemanticSettings,
        *,
        device: torch.device | str = "cpu",
        group: ProcessGroup = ALONE,
    ) -> None:
        self.stage = load_trainable_stage(checkpoint).to(device)
        self.config = self.stage.config
        self._settings = settings
        self._device = torch.device(device)
        self._group = group
        self._lines = self._prepared(utterances)
        self._held_out = self._prepared(held_out)
        if not self._lines:
            raise InputError("there is no utterance to learn from", remedy="add recordings")
        self._optimizer = NamedAdamW(
            [(1.0, dict(self.stage.named_parameters()))],
            betas=settings.betas,
            eps=settings.eps,
            weight_decay=settings.weight_decay,
        )
        self._base = checkpoint.sha256

    @property
    def identity(self) -> Mapping[str, Any]:
        """Base, settings and utterances."""
        return {
            "stage": "semantic",
            "base": self._base,
            "settings": asdict(self._settings),
            "utterances": sorted(self._lines),
            "held_out": sorted(self._held_out),
        }

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self._settings.schedule.at(step)

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from one batch."""
        lines, places = self._rows(step)
        batch = self._batch(lines)
        n_tokens = self._group.total(sum(len(line.tokens) + 1 for line in lines))
        self._optimizer.forget_gradients()
        dropout = self._dropout(step, places)
        with mixed_precision(self._device):
            scores = batch_scores(self.stage, batch, dropout=dropout)
        # Gradients are averaged over processes, so each brings its share of the sum that often.
        share = self._group.n_processes / n_tokens
        loss = cross_entropy_sum(scores, batch, self.config.eos_id) * share
        losses = {"cross_entropy": float(loss.detach())}
        if self._settings.preference:
            chosen = log_likelihood(scores, batch, self.config.eos_id)
            rejected = self._spoiled(lines, step, places, dropout)
            preference = preference_loss(chosen, rejected)
            losses["preference"] = float(preference.detach())
            loss = loss + self._settings.preference * preference / n_tokens
        losses["accuracy"] = float(top_accuracy(scores.detach(), batch, self.config.eos_id))
        torch.autograd.backward(loss)
        self._group.average_gradients(self._optimizer.parameters)
        losses["gradient_norm"] = self._optimizer.step(
            self.rate(step), clip_norm=self._settings.clip_norm
        )
        return losses

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - nothing here depends on the step
        """Judge held-out lines: surprise a token, and how often a token is among the three best."""
        if not self._held_out:
            return Validation(losses={}, score=float("inf"))
        total, right, n_targets, n_tokens = 0.0, 0.0, 0, 0
        for line in self._held_out.values():
            batch = self._batch([line])
            scores = batch_scores(self.stage, batch)
            total += float(cross_entropy_sum(scores, batch, self.config.eos_id))
            right += float(top_accuracy(scores, batch, self.config.eos_id)) * len(line.tokens)
            n_targets += len(line.tokens) + 1
            n_tokens += len(line.tokens)
        losses = {"cross_entropy": total / n_targets, "accuracy": right / n_tokens}
        return Validation(losses=losses, score=losses["cross_entropy"])

    def tensors(self) -> Mapping[str, Tensor]:
        """Weights and the optimizer's memory."""
        return prefixed("stage", _on_cpu(self.stage.state_dict())) | prefixed(
            "optimizer", _on_cpu(self._optimizer.tensors())
        )

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave."""
        self.stage.load_state_dict(under("stage", tensors))
        self._optimizer.restore(under("optimizer", tensors))

    def weights(self) -> Mapping[str, Tensor]:
        """The stage's weights, as `.ckpt` files name them."""
        return {f"{_PREFIX}{k}": t for k, t in _on_cpu(self.stage.state_dict()).items()}

    def _rows(self, step: int) -> tuple[list[SemanticLine], list[int]]:
        settings, names = self._settings, sorted(self._lines)
        rows = rows_of_step(settings.seed, step, n_rows=len(names), batch_size=settings.batch_size)
        places = self._group.share(range(len(rows)))
        return [self._lines[names[rows[place]]] for place in places], list(places)

    def _batch(self, lines: Sequence[SemanticLine]) -> SemanticBatch:
        batch = collate_lines(lines, eos_id=self.config.eos_id, bert_width=self.config.bert_width)
        return batch.to(self._device)

    def _dropout(self, step: int, places: Sequence[int]) -> Any:  # noqa: ANN401 - either callable
        if not self._settings.dropout:
            return no_dropout
        seeds = [seed_of(self._settings.seed, step, place) for place in places]
        return RowDropout(self._settings.dropout, seeds, self._device)

    def _spoiled(
        self,
        lines: Sequence[SemanticLine],
        step: int,
        places: Sequence[int],
        dropout: Any,  # noqa: ANN401
    ) -> Tensor:
        spoiled = [
            SemanticLine(
                phoneme_ids=line.phoneme_ids,
                tokens=spoil_tokens(
                    line.tokens,
                    np.random.default_rng(seed_of(self._settings.seed, step, place)),
                ),
                bert=line.bert,
            )
            for line, place in zip(lines, places, strict=True)
        ]
        batch = self._batch(spoiled)
        with mixed_precision(self._device):
            scores = batch_scores(self.stage, batch, dropout=dropout)
        return log_likelihood(scores, batch, self.config.eos_id)

    def _prepared(self, utterances: Iterable[TrainingUtterance]) -> dict[str, SemanticLine]:
        lines: dict[str, SemanticLine] = {}
        for utterance in utterances:
            if utterance.name in lines:
                raise InputError(f"two utterances are named {utterance.name!r}")
            lines[utterance.name] = _line(utterance, self.config)
        return lines


def load_trainable_stage(checkpoint: Checkpoint) -> SemanticStage:
    """Build the stage a checkpoint describes, in float32, needing gradients.

    Raises:
        CheckpointError: It is no semantic checkpoint, or its weights do not fit its configuration.
    """
    if checkpoint.family is not Family.SEMANTIC:
        msg = f"{checkpoint.path}: holds a {checkpoint.family.value} model, not a semantic one"
        raise CheckpointError(msg, remedy="give the .ckpt file of the pair")
    config = SemanticConfig.from_mapping(checkpoint.config)
    if config.n_layers > len(checkpoint.tensors):
        msg = f"{checkpoint.path}: config names {config.n_layers} layers, the weights fewer"
        raise CheckpointError(msg)
    with shapes_only():
        stage = SemanticStage(config)
    tensors = {name: tensor.clone() for name, tensor in checkpoint.tensors.items()}
    load_strictly(stage, tensors, source=checkpoint.path)
    return stage.train()


def _line(utterance: TrainingUtterance, config: SemanticConfig) -> SemanticLine:
    tokens = torch.from_numpy(np.ascontiguousarray(utterance.semantic_tokens, dtype=np.int64))
    phonemes = torch.tensor(utterance.phoneme_ids, dtype=torch.int64)
    for kind, ids, limit in (
        ("phoneme", phonemes, config.phoneme_vocabulary_size),
        ("semantic token", tokens, config.eos_id),
    ):
        if ids.dim() != 1 or len(ids) < 2 or int(ids.min()) < 0 or int(ids.max()) >= limit:
            raise InputError(
                f"utterance {utterance.name!r} needs at least two {kind}s from 0 to {limit - 1}",
                remedy="prepare its features again for this base",
            )
    bert = None
    if utterance.bert is not None:
        bert = torch.from_numpy(np.ascontiguousarray(utterance.bert, dtype=np.float32))
        if bert.shape != (len(phonemes), config.bert_width):
            raise InputError(
                f"utterance {utterance.name!r} has features {tuple(bert.shape)} for "
                f"{len(phonemes)} phonemes of width {config.bert_width}",
                remedy="prepare its features again for this base",
            )
    return SemanticLine(phoneme_ids=phonemes, tokens=tokens, bert=bert)


def _on_cpu(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu() for name, tensor in tensors.items()}

"""The last lesson of the acoustic stage: critics take the blur off its spectra.

It goes on as it learnt to speak, and is also judged by networks that learn beside it to tell its
speech from recordings of the reference's voice. They are shown recordings of other voices too
(matching-aware, as Reed et al., 2016, put it), or they would look for blur alone.

What is sharp may still be mumbled, so it does this twice: the second time the trained ears listen
too, and the running mean of the weights is what is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from tiny.acoustic import STYLE_WIDTH
from tiny.hearing_again import hearing_distance
from tiny.packing import TOKEN_SAMPLES
from tiny.trainee import OneNetwork, Recipe, rounded_products
from voicepipe.model.training.acoustic_losses import (
    discriminator_loss,
    feature_loss,
    generator_loss,
)
from voicepipe.model.training.indexed_rng import seed_of
from voicepipe.model.training.saying_again import resolutions_of
from voicepipe.model.training.spectral_critics import Critics
from voicepipe.training.loops.optimizers import NamedAdamW, prefixed, under

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from tiny.acoustic import AcousticTraining
    from tiny.listening import Listener
    from voicepipe.model.training.saying_again import Attempt, Lesson
    from voicepipe.training.loops.loop import Validation

RECIPE: Final = Recipe(n_steps=1600, batch_size=8, peak=5e-4, warmup_steps=100, clip_norm=2.0)
HEARD_RECIPE: Final = Recipe(
    n_steps=1200, batch_size=8, peak=4e-4, warmup_steps=100, clip_norm=2.0, averaging=0.995
)
"""With the ears listening."""

HEARD_SHARE: Final = 0.5
"""Of the way from the finished weights to the heard ones: the whole way words are clearer still,
but the fresh critics have not yet made up for the sharpness that went before they could judge."""

_SEEN_TOKENS = 16  # critics see a fifth of a stretch: they cost the most
_CRITICISM = 0.1  # what the critics' word weighs beside the distances
_ALONE, _ALONE_AGAIN = 2, 1  # warm-ups in which they only learn


def part_of_the_way(
    finished: Mapping[str, Tensor], heard: Mapping[str, Tensor], share: float = HEARD_SHARE
) -> dict[str, Tensor]:
    """Weights between two, those that are numbers with a fraction (Wortsman et al., 2022)."""
    return {
        name: torch.lerp(before, heard[name], share) if before.is_floating_point() else before
        for name, before in finished.items()
    }


class FinishTraining(OneNetwork):
    """The acoustic stage among critics; a `Trainee`.

    Args:
        acoustic: The stage that has learnt to speak; it is the one that goes on learning.
        recipe: How.
        ears: What listens to it; None: nothing does.
    """

    def __init__(
        self, acoustic: AcousticTraining, recipe: Recipe = RECIPE, *, ears: Listener | None = None
    ) -> None:
        name = "finish" if ears is None else "heard"
        super().__init__(acoustic.network, recipe, {"network": name})
        self._acoustic = acoustic
        self._ears = ears
        alone = _ALONE if ears is None else _ALONE_AGAIN
        self._criticised_from = alone * recipe.warmup_steps
        torch.manual_seed(recipe.seed)  # noqa: TID251 - first weights; nothing else draws from it
        self._critics = Critics(STYLE_WIDTH)
        self._critics_optimizer = NamedAdamW(
            [(1.0, dict(self._critics.named_parameters()))],
            betas=(0.8, 0.99),
            eps=1e-8,
            weight_decay=recipe.weight_decay,
        )

    def take_step(self, step: int) -> Mapping[str, float]:
        """Let the critics learn from one batch, and the acoustic stage from them."""
        lesson = self._acoustic.learnt.draw(self.seed(step), self.recipe.batch_size, of_anyone=True)
        attempt = self._acoustic.attempt(lesson, resolutions_of(step))
        recorded, made = self._seen(lesson, attempt, step)
        style = attempt.style.detach()
        told_apart = self._teach_critics(recorded, made.detach(), style, step)
        loss, losses = attempt.distance, {"told_apart": told_apart}
        if step >= self._criticised_from:
            fooled, likeness = self._judged(recorded, made, style)
            loss = loss + _CRITICISM * (fooled + likeness)
            losses |= {"fooled": float(fooled.detach()), "likeness": float(likeness.detach())}
        if self._ears is not None:
            apart = hearing_distance(self._ears, attempt.wave, lesson.wave)
            loss = loss + apart
            losses["heard"] = float(apart.detach())
        norm = self.learn(loss, step)
        return losses | attempt.losses | {"gradient_norm": norm}

    def validate(self, step: int) -> Validation:
        """Judge held-out sentences by distance, and let some be heard."""
        with self.averaged():
            return self._acoustic.validate(step)

    def tensors(self) -> Mapping[str, Tensor]:
        """Weights and the optimizers' memory, the critics' too."""
        critics = {name: value.clone() for name, value in self._critics.state_dict().items()}
        remembered = self._critics_optimizer.tensors()
        return (
            dict(super().tensors())
            | prefixed("critics", critics)
            | prefixed("critics_optimizer", remembered)
        )

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave."""
        super().restore(tensors)
        self._critics.load_state_dict(under("critics", tensors))
        self._critics_optimizer.restore(under("critics_optimizer", tensors))

    def _teach_critics(self, recorded: Tensor, made: Tensor, style: Tensor, step: int) -> float:
        self._critics.requires_grad_(requires_grad=True)
        self._critics_optimizer.forget_gradients()
        # Sharp is not enough: a recording of somebody else is as wrong as a blurred one.
        with rounded_products():
            fitting, unfitting = self._critics(recorded, style, style.roll(1, dims=0))
            (blurred,) = self._critics(made, style)
        loss = discriminator_loss(fitting, blurred) + discriminator_loss(fitting, unfitting)
        torch.autograd.backward(loss)
        self._critics_optimizer.step(self.rate(step))
        return float(loss.detach())

    def _judged(self, recorded: Tensor, made: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        self._critics.requires_grad_(requires_grad=False)
        with rounded_products():
            with torch.no_grad():
                (wanted,) = self._critics(recorded, style)
            (verdicts,) = self._critics(made, style)
        return generator_loss(verdicts), feature_loss(wanted, verdicts)

    def _seen(self, lesson: Lesson, attempt: Attempt, step: int) -> tuple[Tensor, Tensor]:
        """Cut the same part out of each recording and what was made of it."""
        size = _SEEN_TOKENS * TOKEN_SAMPLES
        rng = np.random.default_rng(seed_of(self.seed(step), 1))
        n_tokens = lesson.tokens.shape[1]
        firsts = rng.integers(n_tokens - _SEEN_TOKENS + 1, size=len(lesson.tokens))
        parts = [slice(first * TOKEN_SAMPLES, first * TOKEN_SAMPLES + size) for first in firsts]
        recorded = torch.stack([row[part] for row, part in zip(lesson.wave, parts, strict=True)])
        made = torch.stack([row[part] for row, part in zip(attempt.wave, parts, strict=True)])
        return recorded, made

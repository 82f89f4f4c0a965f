"""What the three trainings share: one optimizer, warmed-up cosines, indexed random numbers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from voicepipe.model.kernels.choice import bfloat16_kernel
from voicepipe.model.training.indexed_rng import seed_of
from voicepipe.training.loops.optimizers import NamedAdamW, prefixed, under
from voicepipe.training.loops.schedules import WarmupCosine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one of the networks learns."""

    n_steps: int
    """Along the first cosine."""
    batch_size: int
    peak: float
    warmup_steps: int
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    further_steps: int = 0
    """Along a second cosine, once the first has come down."""
    further_peak: float = 0.0
    averaging: float = 0.0
    """What a step leaves of the running mean of the weights, which is judged and kept; 0: no mean,
    the last weights are."""
    seed: int = 0

    @property
    def total_steps(self) -> int:
        """Along both."""
        return self.n_steps + self.further_steps

    def rate(self, step: int) -> float:
        """Learning rate of a step, from 0."""
        if step < self.n_steps:
            return self._cosine(self.peak, self.n_steps).at(step)
        return self._cosine(self.further_peak, self.further_steps).at(step - self.n_steps)

    def _cosine(self, peak: float, n_steps: int) -> WarmupCosine:
        return WarmupCosine(
            peak=peak,
            start=peak / self.warmup_steps,
            end=peak * 0.03,
            warmup_steps=self.warmup_steps,
            total_steps=n_steps,
        )


def rounded_products() -> AbstractContextManager[object]:
    """Multiply in bfloat16 where this processor does, with sums and weights in float32.

    A step costs a quarter to a third less. Sound is made and compared outside of it.
    """
    is_fast = bfloat16_kernel().is_machine_code
    return torch.autocast("cpu", torch.bfloat16, enabled=is_fast)


class OneNetwork:
    """The parts of a `Trainee` that do not depend on what is learnt.

    Args:
        network: All of its weights and buffers are the training's state.
        recipe: How it learns.
        identity: What else tells this training from others.
    """

    def __init__(self, network: nn.Module, recipe: Recipe, identity: Mapping[str, Any]) -> None:
        self.network = network
        self.recipe = recipe
        self._identity = identity
        self._mean = self._copied() if recipe.averaging else None
        self._optimizer = NamedAdamW(
            [(1.0, dict(network.named_parameters()))],
            betas=(0.9, 0.98),
            eps=1e-8,
            weight_decay=recipe.weight_decay,
        )

    @property
    def identity(self) -> Mapping[str, Any]:
        """What is trained, and how."""
        recipe = asdict(self.recipe)
        if self._mean is None:
            del recipe["averaging"]
        return {"recipe": recipe, **self._identity}

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self.recipe.rate(step)

    def seed(self, step: int) -> int:
        """What a step's random numbers are drawn from."""
        return seed_of(self.recipe.seed, step)

    def learn(self, loss: Tensor, step: int) -> float:
        """Take a step down a loss; gives the norm of its gradient."""
        self._optimizer.forget_gradients()
        torch.autograd.backward(loss)
        norm = self._optimizer.step(self.rate(step), clip_norm=self.recipe.clip_norm)
        if self._mean is not None:
            # The first steps leave less: the weights it began with are no better than later ones.
            left = min(self.recipe.averaging, (1 + step) / (10 + step))
            for name, value in self._copied().items():
                self._mean[name].lerp_(value, 1 - left)
        return norm

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Be the running mean for a while, where there is one."""
        own = self._copied()
        self.network.load_state_dict(dict(self.weights()))
        try:
            yield
        finally:
            self.network.load_state_dict(own)

    def tensors(self) -> Mapping[str, Tensor]:
        """Weights, their mean, and the optimizer's memory."""
        return (
            prefixed("network", self._copied())
            | prefixed("mean", self._mean or {})
            | prefixed("optimizer", self._optimizer.tensors())
        )

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave."""
        self.network.load_state_dict(under("network", tensors))
        self._optimizer.restore(under("optimizer", tensors))
        if self._mean is not None:
            self._mean = under("mean", tensors)

    def weights(self) -> Mapping[str, Tensor]:
        """The network's weights and buffers, or their mean, copied."""
        if self._mean is None:
            return self._copied()
        return {name: value.clone() for name, value in self._mean.items()}

    def _copied(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.network.state_dict().items()}

"""AdamW whose memory is saved by parameter name, as plain tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor, nn


class NamedAdamW:
    """An AdamW over named parameters in groups of relative rates.

    Args:
        groups: Per group, its factor of the rate and its parameters by name.
        betas: Of the running means.
        eps: Of the denominator.
        weight_decay: A step's, times its rate.

    Source: Loshchilov and Hutter, 2019.
    """

    def __init__(
        self,
        groups: Sequence[tuple[float, Mapping[str, nn.Parameter]]],
        *,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        self._factors = [factor for factor, _ in groups]
        self._named = {name: p for _, members in groups for name, p in members.items()}
        self._adam = torch.optim.AdamW(
            [{"params": list(members.values())} for _, members in groups],
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
        )

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All of them, in order."""
        return list(self._named.values())

    def forget_gradients(self) -> None:
        """Begin a step."""
        self._adam.zero_grad(set_to_none=True)

    def step(self, rate: float, *, clip_norm: float | None = None) -> float:
        """Take a step along the gradients.

        Args:
            rate: Learning rate of groups whose factor is 1.
            clip_norm: Gradients whose joint norm is larger are scaled down to it.

        Returns:
            The joint norm before clipping.

        Raises:
            EnvironmentFault: A gradient is not finite; nothing was changed.
        """
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        norm = float(torch.stack([torch.linalg.vector_norm(g) for g in gradients]).norm())
        if not norm < float("inf"):
            msg = "the training has diverged: a gradient is not a finite number"
            raise EnvironmentFault(msg, remedy="lower the learning rate and go on from the state")
        if clip_norm is not None and norm > clip_norm:
            for gradient in gradients:
                gradient.mul_(clip_norm / norm)
        for group, factor in zip(self._adam.param_groups, self._factors, strict=True):
            group["lr"] = rate * factor
        self._adam.step()
        return norm

    def tensors(self) -> dict[str, Tensor]:
        """Everything it remembers, by parameter name; not copied."""
        return {
            f"{name}/{key}": value
            for name, parameter in self._named.items()
            for key, value in self._adam.state[parameter].items()
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave.

        Raises:
            EnvironmentFault: It is of another network.
        """
        for key, value in tensors.items():
            name, _, what = key.rpartition("/")
            parameter = self._named.get(name)
            if parameter is None or (what != "step" and value.shape != parameter.shape):
                raise EnvironmentFault(f"a saved state knows a parameter {name!r} that is not here")
            device = parameter.device if what != "step" else torch.device("cpu")
            self._adam.state[parameter][what] = value.to(device)


def prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Put names under a prefix."""
    return {f"{prefix}:{name}": tensor for name, tensor in tensors.items()}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Take what is under a prefix, without it."""
    start = f"{prefix}:"
    return {k.removeprefix(start): t for k, t in tensors.items() if k.startswith(start)}

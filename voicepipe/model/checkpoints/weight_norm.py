"""Weight normalisation as it is stored: folded away for inference, put back for training.

Checkpoints hold a normalised weight as a direction `weight_v` and a length `weight_g`.
Inference needs neither: the folded weight is the same function with less work.

Source: Salimans and Kingma, 2016; `torch.nn.utils.weight_norm` with `dim=0`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.utils import parametrizations

from voicepipe.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from torch import Tensor, nn

_LENGTH, _DIRECTION = ".weight_g", ".weight_v"


def fold_weight_norm(state: Mapping[str, Tensor], *, source: Path) -> dict[str, Tensor]:
    """Replace every stored pair by the weight it stands for; other tensors pass through.

    Args:
        state: Tensors by name; the pairs end in `.weight_g` and `.weight_v`.
        source: The file they come from, for messages.

    Returns:
        A new mapping, in the order of the old one; folded weights are float32.

    Raises:
        CheckpointError: One half of a pair is missing, or their shapes do not match.
    """
    folded: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name.endswith(_LENGTH):
            if name.removesuffix(_LENGTH) + _DIRECTION not in state:
                raise CheckpointError(f"{source}: {name} has no {_DIRECTION!r} beside it")
            continue
        if not name.endswith(_DIRECTION):
            folded[name] = tensor
            continue
        stem = name.removesuffix(_DIRECTION)
        length = state.get(stem + _LENGTH)
        if length is None:
            raise CheckpointError(f"{source}: {name} has no {_LENGTH!r} beside it")
        if length.shape != (tensor.shape[0], *(1,) * (tensor.dim() - 1)):
            raise CheckpointError(
                f"{source}: {stem}{_LENGTH} is {tuple(length.shape)}, "
                f"which does not fit {tuple(tensor.shape)}"
            )
        folded[stem + ".weight"] = torch._weight_norm(tensor.float(), length.float(), 0)
    return folded


def normalised_modules(state: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Name the modules whose weights a checkpoint stores as pairs."""
    return tuple(name.removesuffix(_LENGTH) for name in state if name.endswith(_LENGTH))


def unfold_weight_norm(root: nn.Module, modules: Iterable[str]) -> None:
    """Give the named modules of a folded network their length and direction back, in place.

    Args:
        root: A network whose weights are folded.
        modules: Dotted names below `root`, as `normalised_modules` gives them.
    """
    for name in modules:
        parametrizations.weight_norm(root.get_submodule(name), dim=0)

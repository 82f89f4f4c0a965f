"""Weights as training holds them: direction and length apart, under the library's names.

Files name the pair `weight_g` and `weight_v`; the library's parametrization names it `original0`
and `original1`. What renders sees neither: see `voicepipe.model.checkpoints.weight_norm`.

Source: Salimans and Kingma, 2016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.utils import parametrizations

from voicepipe.model.acoustic.layers import GatedConvStack
from voicepipe.model.acoustic.vocoder import FrameConv, FrameUpsample, ResidualBlock
from voicepipe.model.checkpoints.weights import load_strictly

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

_FORMS = (
    (".weight_g", ".parametrizations.weight.original0"),
    (".weight_v", ".parametrizations.weight.original1"),
)


def normalise(module: nn.Module) -> None:
    """Hold a module's weight as length and direction from now on, in place."""
    parametrizations.weight_norm(module, dim=0)


def normalise_upstream(network: nn.Module) -> None:
    """Normalise, in place, the weights that upstream's acoustic files store as pairs.

    Those are the gated stacks, the residual blocks and the upsamplings of the generator.
    """
    for module in list(network.modules()):
        if isinstance(module, FrameUpsample):
            normalise(module)
        if isinstance(module, (GatedConvStack, ResidualBlock)):
            for inner in list(module.modules()):
                if isinstance(inner, (FrameConv, nn.Conv1d)):
                    normalise(inner)


def to_file_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Name a training network's tensors as files do."""
    return {_renamed(name, 1, 0): tensor for name, tensor in state.items()}


def to_file_name(name: str) -> str:
    """Name one tensor of a training network as files do."""
    return _renamed(name, 1, 0)


def load_trainable(module: nn.Module, state: Mapping[str, Tensor], *, source: Path) -> None:
    """Put a file's weights into a network with normalised weights, in float32, each in its place.

    Whole weights of a file whose pairs were folded are split: their length is measured.

    Args:
        module: May have been built on the `meta` device.
        state: By the file's names.
        source: The file, for messages.

    Raises:
        CheckpointError: A tensor is missing, left over or of another shape.
    """
    wanted = module.state_dict()
    renamed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        inner = _renamed(name, 0, 1)
        stem = name.removesuffix(".weight")
        length, direction = (f"{stem}{form[1]}" for form in _FORMS)
        if stem != name and length in wanted:
            renamed[length] = torch.norm_except_dim(tensor.float(), 2, 0)
            renamed[direction] = tensor
        else:
            # A weight of its own, which training may change: not the file's memory.
            renamed[inner] = tensor
    copies = {name: tensor.clone() for name, tensor in renamed.items()}
    load_strictly(module, copies, source=source)


def _renamed(name: str, given: int, wanted: int) -> str:
    for form in _FORMS:
        if name.endswith(form[given]):
            return name.removesuffix(form[given]) + form[wanted]
    return name

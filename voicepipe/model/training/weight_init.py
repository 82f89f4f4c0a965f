"""Weights for a network that nobody trained before, from a seed and the weights' names.

No global stream is used: the same seed gives the same network, part by part.
"""

from __future__ import annotations

import math
import zlib

import torch
from torch import Tensor, nn

from voicepipe.model.training.indexed_rng import seed_of

_LENGTH, _DIRECTION = ".original0", ".original1"
_TABLES = (nn.Embedding,)


def initialise(network: nn.Module, seed: int) -> None:
    """Set every weight, in place, on the network's device.

    Matrices and kernels are normal with a variance of one over what they sum up, embeddings with a
    standard deviation of 0.02, biases zero; lengths of normalised weights are what their directions
    measure. Single factors, such as norms' and slopes', keep what the network built them with.

    Args:
        network: Built on a real device.
        seed: Not negative.
    """
    tables = {
        f"{name}.weight" for name, module in network.named_modules() if isinstance(module, _TABLES)
    }
    parameters = dict(network.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters.items():
            if name.endswith(".bias") or name.endswith("_bias"):
                parameter.zero_()
            elif parameter.dim() > 1 and not name.endswith(_LENGTH):
                scale = 0.02 if name in tables else 1 / math.sqrt(parameter[0].numel())
                parameter.copy_(scale * _normal(name, parameter.shape, seed))
        for name, parameter in parameters.items():
            if name.endswith(_LENGTH):
                direction = parameters[name.removesuffix(_LENGTH) + _DIRECTION]
                parameter.copy_(torch.norm_except_dim(direction, 2, 0))


def _normal(name: str, shape: torch.Size, seed: int) -> Tensor:
    rng = torch.Generator()
    rng.manual_seed(seed_of(seed, zlib.crc32(name.encode())) % 2**63)
    return torch.randn(shape, generator=rng)

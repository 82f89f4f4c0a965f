"""Tensor records of a weight file into tensors, each storage's bytes copied once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.pickle_values import StoredTensor, printable
from voicepipe.model.checkpoints.weight_containers import VALUE_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from voicepipe.model.checkpoints.weight_containers import WeightContainer

_TYPES: Final = {
    "Float": torch.float32,
    "Half": torch.float16,
    "BFloat16": torch.bfloat16,
    "Double": torch.float64,
    "Long": torch.int64,
    "Int": torch.int32,
    "Short": torch.int16,
    "Char": torch.int8,
    "Byte": torch.uint8,
    "Bool": torch.uint8,  # a truth value whose byte is neither 0 nor 1 is none to torch
}


def read_tensors(
    weights: Mapping[Any, Any], container: WeightContainer, *, path: Path
) -> dict[Any, Any]:
    """Read the bytes of every tensor record; other values stay as they are.

    Args:
        weights: By whatever keys the file has.
        container: The file.
        path: For messages.

    Returns:
        The same keys; tensors of one storage share their memory, as they do in the file.

    Raises:
        CheckpointError: A tensor reaches out of its storage, or the file does not hold its bytes.
    """
    for key, value in weights.items():
        if isinstance(value, StoredTensor):
            _check_reach(str(key), value, path=path)
    memories: dict[str, Tensor] = {}
    read: dict[Any, Any] = {}
    for key, value in weights.items():
        read[key] = value
        if isinstance(value, StoredTensor):
            storage = value.storage
            if storage.key not in memories:
                memories[storage.key] = _memory(container.bytes_of(storage), storage.kind)
            read[key] = memories[storage.key].as_strided(value.shape, value.strides, value.offset)
    return read


def _check_reach(key: str, tensor: StoredTensor, *, path: Path) -> None:
    storage = tensor.storage
    # Repeated values count: a mask of one value may not grow into gigabytes when it is copied.
    if tensor.end > storage.n_values or tensor.n_values > storage.n_values:
        size = VALUE_BYTES[storage.kind]
        msg = (
            f"{path}: {printable(key)} claims shape {tensor.shape}, {tensor.n_values * size} bytes "
            f"from value {tensor.offset} on, and brings {storage.n_values * size}"
        )
        raise CheckpointError(msg)


def _memory(content: bytearray, kind: str) -> Tensor:
    if not content:
        return torch.empty(0, dtype=torch.bool if kind == "Bool" else _TYPES[kind])
    memory = torch.frombuffer(content, dtype=_TYPES[kind])
    return memory != 0 if kind == "Bool" else memory

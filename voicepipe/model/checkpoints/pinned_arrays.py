"""Weights of other people's packages, known by their hash, as NumPy arrays (torch-free)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.mapped_files import mapped_file
from voicepipe.model.checkpoints.pickle_values import StoredTensor
from voicepipe.model.checkpoints.weight_containers import Archive, LegacyFile, is_legacy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.model.checkpoints.weight_containers import WeightContainer

_INSTALL_AGAIN: Final = "install its package again"
_FLOATS: Final = "Float"
"""The only kind of storage that these networks compute with."""


def load_arrays_under(path: Path, key: str, *, sha256: str) -> Mapping[str, NDArray[np.float32]]:
    """Read the weights that somebody else's file of a training keeps under one key.

    Args:
        path: A `.pt` file.
        key: Beside what else the file holds, which is not looked at.
        sha256: What the file must hash to.

    Returns:
        By name; counters, which are whole numbers, are left out.

    Raises:
        CheckpointError: The file cannot be read, is another one, or holds no weights there.
    """
    with mapped_file(path) as buffer:
        if hashlib.sha256(buffer).hexdigest() != sha256:
            msg = f"{path}: its bytes are not those that were expected"
            raise CheckpointError(msg, remedy=_INSTALL_AGAIN)
        legacy = is_legacy(bytes(buffer[:2]))
        container: WeightContainer = LegacyFile(buffer, path) if legacy else Archive(buffer, path)
        root = container.root
        weights = root.get(key) if isinstance(root, dict) else None
        if not isinstance(weights, dict):
            msg = f"{path}: holds nothing under {key}"
            raise CheckpointError(msg, remedy=_INSTALL_AGAIN)
        return {
            str(name): _array(stored, container)
            for name, stored in weights.items()
            if isinstance(stored, StoredTensor) and stored.storage.kind == _FLOATS
        }


def _array(stored: StoredTensor, container: WeightContainer) -> NDArray[np.float32]:
    memory = np.frombuffer(container.bytes_of(stored.storage), np.dtype("<f4"))[stored.offset :]
    strides = tuple(4 * stride for stride in stored.strides)
    view = np.lib.stride_tricks.as_strided(memory, stored.shape, strides, writeable=False)
    return np.array(view, np.float32)

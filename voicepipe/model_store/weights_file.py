"""Write weights as safetensors: whole or not at all, and readable by whom the user lets read."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.torch import save_file

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor


def write_weights(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a file of weights.

    Args:
        path: Replaced if it is there.
        tensors: Contiguous, each with memory of its own.

    Raises:
        EnvironmentFault: The disk is full or the folder cannot be written; nothing is left.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.touch()
        mode = aside.stat().st_mode  # as the user's umask has it; the library would take 600
        # The transformers library reads no file without this note.
        save_file(dict(tensors), aside, metadata={"format": "pt"})
        aside.chmod(mode)
        aside.replace(path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise EnvironmentFault(
            f"{path}: {reason}", remedy="check the folder's permissions and space"
        ) from error

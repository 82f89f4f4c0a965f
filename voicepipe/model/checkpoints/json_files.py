"""JSON files beside weights: configurations and descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES: Final = 16 << 20


def read_json(path: Path, *, remedy: str = "", max_bytes: int = _MAX_BYTES) -> object:
    """Read a file whole.

    Args:
        path: The file.
        remedy: What to do when it cannot be read.
        max_bytes: A larger file is refused.

    Raises:
        CheckpointError: It is missing, too large or not JSON; says where.
    """
    try:
        if path.stat().st_size > max_bytes:
            raise CheckpointError(f"{path}: larger than {max_bytes} bytes", remedy=remedy)
        document: object = orjson.loads(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}", remedy=remedy) from error
    except orjson.JSONDecodeError as error:
        message = f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg})"
        raise CheckpointError(message, remedy=remedy) from error
    return document

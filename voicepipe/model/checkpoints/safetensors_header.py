"""The head of a safetensors file: names, shapes and types, before any value is read. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.pickle_values import MAX_DIMENSIONS, printable

if TYPE_CHECKING:
    from pathlib import Path

MAX_TENSORS: Final = 20_000
"""Of one file; the largest published model has about 1,300."""

_MAX_HEADER_BYTES: Final = 8 << 20
_LENGTH_BYTES: Final = 8
_REMEDY: Final = "import the original again: voicepipe models import FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFacts:
    """One weight, without its values."""

    key: str
    shape: tuple[int, ...]
    dtype: str
    """As safetensors names it: F16, F32, I64."""


def read_header(path: Path) -> tuple[TensorFacts, ...]:
    """List a file's weights by name.

    Args:
        path: A safetensors file: eight bytes of length, that much JSON, then the values.

    Raises:
        CheckpointError: It cannot be read, is no such file, or has more weights or dimensions than
            a model needs.
    """
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
            if length > min(_MAX_HEADER_BYTES, path.stat().st_size):
                msg = f"{path}: its header claims {length} bytes; the limit is {_MAX_HEADER_BYTES}"
                raise CheckpointError(msg, remedy=_REMEDY)
            header = orjson.loads(stream.read(length))
        facts = tuple(
            TensorFacts(key=key, shape=_shape(fields["shape"]), dtype=str(fields["dtype"]))
            for key, fields in sorted(header.items())
            if key != "__metadata__"
        )
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise CheckpointError(msg, remedy="check the path and its permissions") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        msg = f"{path}: not a whole safetensors file ({printable(str(error))})"
        raise CheckpointError(msg, remedy=_REMEDY) from error
    if len(facts) > MAX_TENSORS:
        msg = f"{path}: {len(facts)} weights; the limit is {MAX_TENSORS}"
        raise CheckpointError(msg, remedy=_REMEDY)
    for fact in facts:
        if len(fact.shape) > MAX_DIMENSIONS:
            msg = (
                f"{path}: {printable(fact.key)} has {len(fact.shape)} dimensions; "
                f"the limit is {MAX_DIMENSIONS}"
            )
            raise CheckpointError(msg, remedy=_REMEDY)
    return facts


def _shape(sizes: list[int]) -> tuple[int, ...]:
    if not all(isinstance(size, int) and not isinstance(size, bool) for size in sizes):
        raise ValueError("a shape that is not of whole numbers")
    return tuple(sizes)

"""What a weight file's pickle may name, and the inert values that stand for it.

Knows names and records; neither opcodes nor tensors nor torch. What a file names is never called.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STORAGE_TYPES: Final = {
    f"torch.{kind}Storage": kind
    for kind in (
        *("Float", "Half", "BFloat16", "Double"),
        *("Long", "Int", "Short", "Char", "Byte", "Bool"),
    )
}
"""By the name in a file."""
MAX_DIMENSIONS: Final = 8
"""Of a tensor; weights of speech networks have at most five."""
HPARAMS: Final = frozenset({"utils.HParams", "GPT_SoVITS.utils.HParams"})
"""The configuration class of upstream's training code; read as an inert bag of values."""

_MAX_PATH: Final = 4096
_MAX_ENCODED: Final = 64
_SCALAR_FORMATS: Final = {
    **{"f2": "e", "f4": "f", "f8": "d", "b1": "?", "i1": "b", "u1": "B"},
    **{"i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q"},
}


class Refused(ValueError):
    """A value that no weight file needs; says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A class or function that a pickle names; never looked up."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Bytes of a file that tensors are views of."""

    kind: str
    """Float, Half and so on."""
    key: str
    n_values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTensor:
    """A tensor before its bytes are read."""

    storage: Storage
    offset: int
    """In values of the storage."""
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def n_values(self) -> int:
        """Values of the tensor, which may repeat values of its storage."""
        return math.prod(self.shape)

    @property
    def end(self) -> int:
        """How many values of the storage it reaches over."""
        if not self.n_values:
            return self.offset
        steps = (stride * (size - 1) for size, stride in zip(self.shape, self.strides, strict=True))
        return self.offset + sum(steps) + 1


@dataclass(slots=True, kw_only=True)
class InertHParams:
    """Stands in for upstream's `utils.HParams`: named values with no behaviour."""

    values: dict[Any, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class NumberType:
    """A NumPy type of one number."""

    code: str
    is_big_endian: bool = False


def storage_of(reference: object) -> Storage:
    """Read a persistent id: where a tensor's bytes lie.

    Raises:
        Refused: It is none.
    """
    match reference:
        case ("storage", Named(name=name), str(key), str(), int(n_values), *view) if (
            name in STORAGE_TYPES and n_values >= 0 and view in ([], [None])
        ):
            return Storage(kind=STORAGE_TYPES[name], key=key, n_values=n_values)
    raise Refused("a reference to bytes that is malformed")


def call(name: str, arguments: tuple[Any, ...]) -> object:
    """Give the inert value that stands for a call.

    Raises:
        Refused: The arguments do not belong to it, or nothing may call this name.
    """
    kind = _CALLS.get(name)
    if kind is None:
        raise Refused(f"a call of {printable(name)}")
    try:
        return kind(*arguments)
    except Refused:
        raise
    except (TypeError, ValueError, struct.error) as error:
        raise Refused(f"a malformed call of {name}") from error


def printable(text: str) -> str:
    """Give a stranger's text for a message: short, on one line, without control characters."""
    short = text[:120]
    return short if short.isprintable() else ascii(short)


def _mapping(pairs: object = ()) -> dict[Any, Any]:
    if pairs != ():
        raise Refused("an ordered mapping with contents of its own")
    return {}


def _tensor(
    storage: object, offset: object, shape: object, strides: object, *_rest: object
) -> StoredTensor:
    if not isinstance(storage, Storage) or not _is_count(offset):
        raise Refused("a tensor without bytes")
    if not _are_counts(shape) or not _are_counts(strides) or len(shape) != len(strides):
        raise Refused("a tensor without a shape")
    if len(shape) > MAX_DIMENSIONS:
        raise Refused(f"a tensor of {len(shape)} dimensions, and the limit is {MAX_DIMENSIONS}")
    return StoredTensor(storage=storage, offset=offset, shape=shape, strides=strides)


def _parameter(tensor: object, *_rest: object) -> StoredTensor:
    if not isinstance(tensor, StoredTensor):
        raise Refused("a parameter that is no tensor")
    return tensor


def _path(*parts: str) -> str:
    if sum(len(part) for part in parts) > _MAX_PATH:
        raise Refused(f"a path of over {_MAX_PATH} characters")
    return "/".join(part.rstrip("/") for part in parts) or "."


def _encoded(text: str, encoding: str) -> bytes:
    if encoding != "latin1" or len(text) > _MAX_ENCODED:
        raise Refused("bytes that are no number")
    return text.encode("latin1")


def _number_type(code: str, *_options: bool) -> NumberType:
    if code not in _SCALAR_FORMATS:
        raise Refused(f"a NumPy value of type {printable(str(code))}")
    return NumberType(code=code)


def _number(kind: NumberType, content: bytes) -> float | int | bool:
    if not isinstance(kind, NumberType) or not isinstance(content, bytes):
        raise Refused("a number without a type")
    order = ">" if kind.is_big_endian else "<"
    value: float | int | bool = struct.unpack(order + _SCALAR_FORMATS[kind.code], content)[0]
    return value


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_counts(values: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(values, tuple) and all(map(_is_count, values))


_CALLS: Final[Mapping[str, Callable[..., object]]] = {
    "collections.OrderedDict": _mapping,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "_codecs.encode": _encoded,
    "numpy.dtype": _number_type,
    **dict.fromkeys(("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"), _number),
    **{
        f"{module}.{kind}": _path
        for module in ("pathlib", "pathlib._local")
        for kind in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    },
    **dict.fromkeys(HPARAMS, InertHParams),
}
"""What a pickle may call, and what is made instead; community files hold paths, NumPy numbers."""

KNOWN_NAMES: Final = frozenset(_CALLS) | frozenset(STORAGE_TYPES)
"""Every name that a weight file may hold."""

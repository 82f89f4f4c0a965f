"""Read a pickle without running it: opcodes in, plain values and tensor records out.

A weight file is somebody else's pickle, which is a program. This reader knows the opcodes and names
that weight files need, gives inert values for them and refuses all else, within limits on steps,
copies, nesting and text. It knows no tensors and imports no torch.
"""

from __future__ import annotations

import io
import pickletools
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.pickle_values import (
    KNOWN_NAMES,
    InertHParams,
    Named,
    NumberType,
    Refused,
    call,
    printable,
    storage_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from voicepipe.model.checkpoints.pickle_values import Storage

MAX_PICKLE_BYTES: Final = 8 << 20
MAX_STEPS: Final = 300_000
"""Opcodes and copied values: a tensor takes about 45, a model has a thousand."""
MAX_DEPTH: Final = 32
"""Of values in values; a configuration is nested four deep."""

_EXPORT: Final = "export the model's weights alone, with torch.save"
_LITERALS: Final = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
    | {"SHORT_BINUNICODE", "BINUNICODE", "BINSTRING", "SHORT_BINSTRING"}
    | {"BINBYTES", "SHORT_BINBYTES"}
)
_CONSTANTS: Final = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_PUTS, _GETS = frozenset({"BINPUT", "LONG_BINPUT"}), frozenset({"BINGET", "LONG_BINGET"})
_SHORT_TUPLES: Final = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_BAD_BYTES = (ValueError, EOFError, IndexError, KeyError, OverflowError, MemoryError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPickle:
    """What one pickle holds."""

    root: object
    """Plain values, `InertHParams` and `StoredTensor` records."""
    storages: Mapping[str, Storage]
    """Every storage it refers to, by key."""
    n_bytes: int
    """How long the pickle is."""


def read_pickle(content: bytes, *, path: Path) -> ReadPickle:
    """Read one pickle at the beginning of some bytes.

    Args:
        content: At most `MAX_PICKLE_BYTES` of them are looked at.
        path: For messages.

    Raises:
        CheckpointError: It is damaged, beyond a limit, or asks for what weights do not need.
    """
    stream = io.BytesIO(content[:MAX_PICKLE_BYTES])
    reader = _Reader(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python says of a stranger's escapes
            root = reader.read(stream)
    except Refused as error:
        msg = f"{path}: the pickle holds {error}"
        raise CheckpointError(msg, remedy=_EXPORT) from error
    except _BAD_BYTES as error:
        reason = printable(str(error) or type(error).__name__)
        msg = f"{path}: the pickle is damaged or cut short ({reason})"
        raise CheckpointError(msg, remedy="fetch the file again and compare its size") from error
    _check_depth(root, path=path)
    return ReadPickle(root=root, storages=reader.storages, n_bytes=stream.tell())


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._steps = 0
        self.storages: dict[str, Storage] = {}
        self._actions: dict[str, Callable[[], None]] = {
            "MARK": self._mark,
            "EMPTY_DICT": lambda: self._stack.append({}),
            "EMPTY_LIST": lambda: self._stack.append([]),
            "TUPLE": lambda: self._push_items(tuple),
            "MEMOIZE": lambda: self._remember(len(self._memo)),
            "STACK_GLOBAL": self._name_from_stack,
            "BINPERSID": self._refer,
            "REDUCE": self._reduce,
            "NEWOBJ": self._reduce,
            "BUILD": self._build,
            "APPEND": lambda: self._extend([self._stack.pop()]),
            "APPENDS": lambda: self._extend(self._since_mark()),
            "SETITEM": self._set_item,
            "SETITEMS": lambda: self._set_items(self._since_mark()),
        }

    def read(self, stream: io.BytesIO) -> object:
        for opcode, argument, _ in pickletools.genops(stream):
            self._spend(1)
            if opcode.name == "STOP":
                break
            self._step(opcode.name, argument)
        if len(self._stack) != 1 or self._below:
            raise ValueError("it leaves more or less than one value")
        return self._stack.pop()

    def _step(self, name: str, argument: Any) -> None:  # noqa: ANN401 - an opcode's own
        if name in self._actions:
            self._actions[name]()
        elif name in _LITERALS:
            self._stack.append(argument)
        elif name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name])
        elif name in _PUTS:
            self._remember(argument)
        elif name in _GETS:
            self._stack.append(self._memo[argument])
        else:
            self._rarer_step(name, argument)

    def _rarer_step(self, name: str, argument: Any) -> None:  # noqa: ANN401 - as above
        if name in _SHORT_TUPLES:
            items = [self._stack.pop() for _ in range(_SHORT_TUPLES[name])]
            self._stack.append(tuple(reversed(items)))
        elif name == "GLOBAL":
            self._push_name(str(argument).replace(" ", "."))
        elif name not in {"PROTO", "FRAME"}:
            msg = f"{self._path}: the pickle uses {name}, which no weight file needs"
            raise CheckpointError(msg, remedy=_EXPORT)

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            msg = f"{self._path}: the pickle has over {MAX_STEPS} steps; no weight file needs them"
            raise CheckpointError(msg)

    def _mark(self) -> None:
        if len(self._below) >= MAX_DEPTH:
            raise _too_deep(self._path)
        self._below.append(self._stack)
        self._stack = []

    def _since_mark(self) -> list[Any]:
        items, self._stack = self._stack, self._below.pop()
        return items

    def _push_items(self, kind: Callable[[list[Any]], object]) -> None:
        items = self._since_mark()
        self._stack.append(kind(items))

    def _remember(self, index: int) -> None:
        self._memo[index] = self._stack[-1]

    def _name_from_stack(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise Refused("a name that is no text")
        self._push_name(f"{module}.{name}")

    def _push_name(self, name: str) -> None:
        if name not in KNOWN_NAMES:
            msg = (
                f"{self._path}: the pickle asks for {printable(name)}; a weight file has no need "
                "of it, so nothing was run"
            )
            raise CheckpointError(
                msg,
                remedy="export the model as a weight file, or do not trust where this came from",
            )
        self._stack.append(Named(name=name))

    def _refer(self) -> None:
        storage = storage_of(self._stack.pop())
        if self.storages.setdefault(storage.key, storage) != storage:
            raise Refused("two descriptions of the same bytes")
        self._stack.append(storage)

    def _reduce(self) -> None:
        arguments, named = self._stack.pop(), self._stack.pop()
        if not isinstance(named, Named) or not isinstance(arguments, tuple):
            raise Refused("a call of something that is no function")
        self._spend(len(arguments))
        self._stack.append(call(named.name, arguments))

    def _build(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if isinstance(target, InertHParams) and isinstance(state, dict):
            self._spend(len(state))
            target.values.update(state)
        elif isinstance(target, NumberType) and isinstance(state, tuple):
            target.is_big_endian = ">" in state[:2]
        elif not isinstance(target, dict):  # attributes of a mapping, such as its format's version
            raise Refused("state for something that has none")

    def _extend(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise Refused("items for something that is no list")
        target.extend(items)

    def _set_item(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set_items([key, value])

    def _set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise Refused("entries for something that is no mapping")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # The hash of anything else would follow its contents, however deep.
            if not isinstance(key, str | int | float | None):
                raise Refused(f"a key that is a {type(key).__name__}")
            target[key] = value


def _check_depth(root: object, *, path: Path) -> None:
    """Refuse values nested too deep, or in themselves; without recursion, each as often as needed.

    A value that many hold is visited again only where it lies deeper than before.
    """
    seen: dict[int, int] = {}
    waiting = [(root, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _too_deep(path)
        if seen.get(id(value), 0) >= depth:
            continue
        seen[id(value)] = depth
        waiting += [(item, depth + 1) for item in _items(value)]


def _items(value: object) -> Iterator[object]:
    if isinstance(value, InertHParams):
        value = value.values
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, dict | list | tuple | InertHParams))


def _too_deep(path: Path) -> CheckpointError:
    msg = f"{path}: the pickle's values are nested over {MAX_DEPTH} deep, or hold themselves"
    return CheckpointError(msg, remedy=_EXPORT)

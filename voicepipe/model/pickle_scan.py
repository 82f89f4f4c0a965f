"""Look through a checkpoint's container before anything reads it for real.

A weight file is somebody else's pickle. This room reads its opcodes as text,
without running one, and refuses whatever a plain set of weights does not need:
foreign names, unknown opcodes, compressed or oversized archive entries, entry
names that are paths. It knows nothing of tensors, models or torch; the reader
behind it has its own restrictions, so a file must deceive both.
"""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
from typing import TYPE_CHECKING, BinaryIO, Final

from voicepipe.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

HPARAMS_NAMES: Final = ("utils.HParams", "GPT_SoVITS.utils.HParams")
"""The configuration class of upstream's training code; read as an inert bag of values."""

_STORAGES = ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
_ALLOWED_NAMES: Final = frozenset(
    {
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        *HPARAMS_NAMES,
        *(f"torch.{kind}Storage" for kind in _STORAGES),
    }
)
_ALLOWED_OPCODES: Final = frozenset(
    {
        "PROTO",
        "STOP",
        "MARK",
        "NONE",
        "NEWTRUE",
        "NEWFALSE",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG1",
        "BINFLOAT",
        "BINUNICODE",
        "BINSTRING",
        "SHORT_BINSTRING",
        "EMPTY_DICT",
        "EMPTY_LIST",
        "EMPTY_TUPLE",
        "TUPLE",
        "TUPLE1",
        "TUPLE2",
        "TUPLE3",
        "BINPUT",
        "LONG_BINPUT",
        "BINGET",
        "LONG_BINGET",
        "BINPERSID",
        "GLOBAL",
        "REDUCE",
        "BUILD",
        "NEWOBJ",
        "APPEND",
        "APPENDS",
        "SETITEM",
        "SETITEMS",
    }
)
_ENTRY: Final = re.compile(
    r"[^/\\:]{1,200}/(data\.pkl|data/[0-9]{1,20}|version|byteorder|\.[A-Za-z_]{1,40}"
    r"|\.data/serialization_id)"
)
_MAX_PICKLE_BYTES: Final = 8 << 20
_MAX_OPCODES: Final = 300_000  # a tensor takes about 45, a model has a thousand
_MAX_ENTRIES: Final = 100_000
_LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C
_LEGACY_PICKLES: Final = 5
"""Magic number, protocol, machine, weights, list of storages; raw bytes follow."""


def is_legacy(head: bytes) -> bool:
    """Whether a file begins like the container that torch wrote before version 1.6."""
    return head[:1] == b"\x80"


def scan_archive(stream: BinaryIO, *, path: Path, n_bytes: int) -> None:
    """Refuse a zip container that holds more than weights.

    Args:
        stream: Seekable, with the zip magic in place.
        path: For messages.
        n_bytes: Size of the file.

    Raises:
        CheckpointError: The archive is damaged, compressed, larger inside than outside, has an
            entry that does not belong, or its pickle asks for something weights do not need.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            pickle_name = _check_entries(entries, path=path, n_bytes=n_bytes)
            content = archive.read(pickle_name)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        msg = f"{path}: the archive is damaged or cut short ({error})"
        raise CheckpointError(msg, remedy="fetch the file again and compare its size") from error
    scan_pickle(io.BytesIO(content), path=path)


def scan_legacy(stream: BinaryIO, *, path: Path, n_bytes: int) -> None:
    """Refuse a pre-1.6 container that holds more than weights.

    Raises:
        CheckpointError: As `scan_archive`; also for a number larger than the file, since no
            tensor of that size can be in it.
    """
    magic = scan_pickle(stream, path=path)
    if magic != _LEGACY_MAGIC:
        msg = f"{path}: a bare pickle, not a weight file"
        raise CheckpointError(msg, remedy="give a checkpoint saved by torch.save")
    for _ in range(_LEGACY_PICKLES - 1):
        scan_pickle(stream, path=path, largest_number=n_bytes)


def scan_pickle(stream: BinaryIO, *, path: Path, largest_number: int | None = None) -> int | None:
    """Read one pickle's opcodes, running none of them, up to and with its STOP.

    Args:
        stream: Positioned at the pickle; left behind it.
        path: For messages.
        largest_number: Limit for whole numbers, if there is one.

    Returns:
        The last whole number it holds, or None.

    Raises:
        CheckpointError: The pickle is damaged, or asks for something weights do not need.
    """
    last: int | None = None
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if count > _MAX_OPCODES:
                msg = f"{path}: the pickle has over {_MAX_OPCODES} steps; no weight file needs them"
                raise CheckpointError(msg)
            if opcode.name == "GLOBAL":
                _check_name(str(argument).replace(" ", "."), path=path)
            elif opcode.name not in _ALLOWED_OPCODES:
                msg = f"{path}: the pickle uses {opcode.name}, which no weight file needs"
                raise CheckpointError(msg, remedy="do not load this file anywhere")
            if isinstance(argument, int) and opcode.name.startswith(("BININT", "LONG1")):
                last = argument
                if largest_number is not None and abs(argument) > largest_number:
                    msg = f"{path}: names {argument} values in a file of {largest_number} bytes"
                    raise CheckpointError(msg)
    except (ValueError, EOFError, IndexError, OverflowError, MemoryError) as error:
        msg = f"{path}: the pickle is damaged or cut short ({error})"
        raise CheckpointError(msg, remedy="fetch the file again and compare its size") from error
    return last


def _check_name(name: str, *, path: Path) -> None:
    if name in _ALLOWED_NAMES:
        return
    msg = f"{path}: the pickle asks for {name}; a weight file has no need of it, so nothing was run"
    raise CheckpointError(
        msg, remedy="export the model as a weight file, or do not trust where this came from"
    )


def _check_entries(entries: list[zipfile.ZipInfo], *, path: Path, n_bytes: int) -> str:
    if len(entries) > _MAX_ENTRIES:
        msg = f"{path}: {len(entries)} entries; the limit is {_MAX_ENTRIES}"
        raise CheckpointError(msg)
    for entry in entries:
        _check_entry(entry, path=path)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        msg = f"{path}: two entries of the archive share a name"
        raise CheckpointError(msg)
    total = sum(entry.file_size for entry in entries)
    if total > n_bytes:
        msg = f"{path}: its entries add up to {total} bytes, the file has {n_bytes}"
        raise CheckpointError(msg)
    pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or len({name.split("/", 1)[0] for name in names}) != 1:
        msg = f"{path}: an archive, but not one of weights"
        raise CheckpointError(msg, remedy="give the checkpoint itself, not an archive around it")
    if pickles[0].file_size > _MAX_PICKLE_BYTES:
        msg = f"{path}: a pickle of {pickles[0].file_size} bytes; the limit is {_MAX_PICKLE_BYTES}"
        raise CheckpointError(msg)
    return pickles[0].filename


def _check_entry(entry: zipfile.ZipInfo, *, path: Path) -> None:
    name = entry.filename
    if "/code/" in name or name.endswith("/constants.pkl"):
        msg = f"{path}: a TorchScript program (entry {name!r}), not a weight file"
        raise CheckpointError(msg, remedy="export the weights alone with torch.save")
    if ".." in name.split("/") or not _ENTRY.fullmatch(name):
        msg = f"{path}: entry {name[:120]!r} does not belong in a weight file"
        raise CheckpointError(msg)
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        msg = f"{path}: entry {name!r} is compressed; weight files never are"
        raise CheckpointError(msg)
    if entry.flag_bits & 0x1:
        msg = f"{path}: entry {name!r} is encrypted"
        raise CheckpointError(msg)

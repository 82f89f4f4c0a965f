"""The two containers of `torch.save`: which bytes belong to which tensor, and nothing decompressed.

A zip archive since torch 1.6, a row of pickles with raw bytes behind them before. Sizes are checked
against the file before anything is allocated. Knows no tensors and imports no torch.
"""

from __future__ import annotations

import re
import struct
import zipfile
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, cast

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.pickle_reading import MAX_PICKLE_BYTES, read_pickle
from voicepipe.model.checkpoints.pickle_values import printable

if TYPE_CHECKING:
    import mmap
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.model.checkpoints.pickle_reading import ReadPickle
    from voicepipe.model.checkpoints.pickle_values import Storage

VALUE_BYTES: Final = {
    **{"Double": 8, "Long": 8, "Float": 4, "Int": 4, "Half": 2, "BFloat16": 2, "Short": 2},
    **{"Char": 1, "Byte": 1, "Bool": 1},
}
"""Size of one value, by kind of storage."""

_ENTRY: Final = re.compile(
    r"[^/\\:]{1,200}/(data\.pkl|data/[0-9]{1,20}|version|byteorder|\.[A-Za-z_]{1,40}"
    r"|\.data/serialization_id)"
)
_MAX_ENTRIES: Final = 100_000
_MAX_DIRECTORY_BYTES: Final = 16 << 20
"""Of the archive's list of entries: 100,000 of them take about ten."""
_END, _END_SIZE = b"PK\x05\x06", 22
_MAX_COMMENT = 1 << 16
_IN_ZIP64 = 0xFFFF_FFFF
_LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C
_DAMAGE = (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, struct.error)
_FETCH_AGAIN = "fetch the file again and compare its size"


class WeightContainer(Protocol):
    """A file's pickled values, and the bytes of its storages."""

    root: object
    """As `read_pickle` gives it."""

    def bytes_of(self, storage: Storage) -> bytearray:
        """Copy a storage's bytes out of the file.

        Raises:
            CheckpointError: They are not there, or of another size.
        """
        ...


def is_legacy(head: bytes) -> bool:
    """Whether a file begins like the container that torch wrote before version 1.6."""
    return head[:1] == b"\x80"


class Archive:
    """A zip archive of weights.

    Args:
        buffer: The file, with the zip magic in place.
        path: For messages.

    Raises:
        CheckpointError: The archive is damaged, compressed, larger inside than outside, has an
            entry that does not belong, or its pickle asks for something weights do not need.
    """

    def __init__(self, buffer: mmap.mmap, path: Path) -> None:
        self._path = path
        try:
            _check_directory(buffer, path=path)
            self._zip = zipfile.ZipFile(cast("BinaryIO", buffer))
            entries = self._zip.infolist()
            pickled = _check_entries(entries, path=path, n_bytes=len(buffer))
            self._folder = pickled.split("/", 1)[0]
            self._sizes = {entry.filename: entry.file_size for entry in entries}
            self._check_byte_order()
            content = self._zip.read(pickled)
        except _DAMAGE as error:
            raise _damaged(path, error) from error
        self.root = read_pickle(content, path=path).root

    def bytes_of(self, storage: Storage) -> bytearray:
        """As the protocol says."""
        name = f"{self._folder}/data/{storage.key}"
        size, wanted = self._sizes.get(name, -1), storage.n_values * VALUE_BYTES[storage.kind]
        if size != wanted:
            found = "is not there" if size < 0 else f"has {size}"
            msg = f"{self._path}: entry {printable(name)!r} {found}, and must have {wanted} bytes"
            raise CheckpointError(msg, remedy=_FETCH_AGAIN)
        try:
            return bytearray(self._zip.read(name))
        except _DAMAGE as error:
            raise _damaged(self._path, error) from error

    def _check_byte_order(self) -> None:
        name = f"{self._folder}/byteorder"
        if name in self._sizes and self._zip.read(name) != b"little":
            raise _foreign_order(self._path)


class LegacyFile:
    """A file that torch wrote before version 1.6.

    Magic number, protocol, machine, weights, list of storages; the storages' raw bytes follow, each
    behind its number of values.

    Args:
        buffer: The file.
        path: For messages.

    Raises:
        CheckpointError: As for `Archive`.
    """

    def __init__(self, buffer: mmap.mmap, path: Path) -> None:
        self._buffer, self._path = buffer, path
        self._at = 0
        if self._next_pickle().root != _LEGACY_MAGIC:
            msg = f"{path}: a bare pickle, not a weight file"
            raise CheckpointError(msg, remedy="give a checkpoint saved by torch.save")
        self._next_pickle()
        machine = self._next_pickle().root
        if isinstance(machine, dict) and machine.get("little_endian") is False:
            raise _foreign_order(path)
        weights = self._next_pickle()
        self.root = weights.root
        self._places = self._find_places(self._next_pickle().root, weights.storages)

    def bytes_of(self, storage: Storage) -> bytearray:
        """As the protocol says."""
        start, end = self._places[storage.key]
        return bytearray(memoryview(self._buffer)[start:end])

    def _next_pickle(self) -> ReadPickle:
        content = self._buffer[self._at : self._at + MAX_PICKLE_BYTES]
        read = read_pickle(content, path=self._path)
        self._at += read.n_bytes
        return read

    def _find_places(
        self, order: object, storages: Mapping[str, Storage]
    ) -> dict[str, tuple[int, int]]:
        if not isinstance(order, list) or set(order) != set(storages):
            msg = f"{self._path}: its list of storages is not that of its weights"
            raise CheckpointError(msg, remedy=_FETCH_AGAIN)
        places: dict[str, tuple[int, int]] = {}
        start = self._at
        for key in order:
            storage = storages[key]
            held = int.from_bytes(self._buffer[start : start + 8], "little", signed=True)
            end = start + 8 + storage.n_values * VALUE_BYTES[storage.kind]
            if held != storage.n_values or end > len(self._buffer):
                msg = (
                    f"{self._path}: storage {printable(key)} names {storage.n_values} values in a "
                    f"file of {len(self._buffer)} bytes, cut short or damaged"
                )
                raise CheckpointError(msg, remedy=_FETCH_AGAIN)
            places[key] = (start + 8, end)
            start = end
        return places


def _check_directory(buffer: mmap.mmap, *, path: Path) -> None:
    """Bound the archive's list of entries, which the zip reader takes into memory whole."""
    tail = buffer[max(0, len(buffer) - _END_SIZE - _MAX_COMMENT) :]
    at = len(tail) - _END_SIZE
    if tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        raise zipfile.BadZipFile("no list of entries at its end")
    n_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    if n_bytes == _IN_ZIP64:
        start = int.from_bytes(tail[at - 12 : at - 4], "little")
        n_bytes = int.from_bytes(buffer[start + 40 : start + 48], "little")
    if n_bytes > _MAX_DIRECTORY_BYTES:
        msg = f"{path}: a list of entries of {n_bytes} bytes; the limit is {_MAX_DIRECTORY_BYTES}"
        raise CheckpointError(msg)


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
    if pickles[0].file_size > MAX_PICKLE_BYTES:
        msg = f"{path}: a pickle of {pickles[0].file_size} bytes; the limit is {MAX_PICKLE_BYTES}"
        raise CheckpointError(msg)
    return pickles[0].filename


def _check_entry(entry: zipfile.ZipInfo, *, path: Path) -> None:
    name = entry.filename
    if "/code/" in name or name.endswith("/constants.pkl"):
        msg = f"{path}: a TorchScript program (entry {printable(name)!r}), not a weight file"
        raise CheckpointError(msg, remedy="export the weights alone with torch.save")
    if ".." in name.split("/") or not _ENTRY.fullmatch(name):
        msg = f"{path}: entry {printable(name)!r} does not belong in a weight file"
        raise CheckpointError(msg)
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        msg = f"{path}: entry {printable(name)!r} is compressed; weight files never are"
        raise CheckpointError(msg)
    if entry.flag_bits & 0x1:
        msg = f"{path}: entry {printable(name)!r} is encrypted"
        raise CheckpointError(msg)


def _foreign_order(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path}: written on a machine of another byte order",
        remedy="save it again on a usual machine",
    )


def _damaged(path: Path, error: Exception) -> CheckpointError:
    reason = printable(str(error) or type(error).__name__)
    return CheckpointError(
        f"{path}: the archive is damaged or cut short ({reason})", remedy=_FETCH_AGAIN
    )

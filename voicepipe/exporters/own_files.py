"""Which files of a folder are ours: a list of our own in the folder, and how they were written.

The list is written before the first file, with what is about to be written or removed, and again
after the last: whenever a process dies, every file there is known to be ours or not.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.schemas import Schema
from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import replace_file
from voicepipe.errors import CorruptObject
from voicepipe.exporters.names import path_fault
from voicepipe.hashing import sha256_of_file
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

_SCHEMA: Final = Schema(what="the list of exported files")
_LARGEST: Final = 1 << 28
"""256 MiB: a million files."""
_HASH_DIGITS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFile:
    """A file as it was exported."""

    sha256: str
    size_bytes: int
    made_from: str
    """Hash of the clip and its encoding, or of the content itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFiles:
    """The list of one export."""

    files: Mapping[str, OwnFile] = field(default_factory=dict)
    """Path → file, as the last export that came to its end left them."""
    pending: frozenset[str] = frozenset()
    """Paths that an export was about to write or remove when it ended too early."""
    written_ns: int = -1
    """When the list was written; -1: there is none."""

    @property
    def is_there(self) -> bool:
        """Whether anything was ever exported here."""
        return self.written_ns >= 0

    def owns(self, path: str) -> bool:
        """Tell whether a file there was put there by us."""
        return path in self.files or path in self.pending


def list_name(export: str) -> str:
    """Name the list of an export, in its folder."""
    return f".voicepipe-{export}.json"


def load_own_files(folder: Path, export: str) -> OwnFiles:
    """Read the list of an export; an empty one where there is none.

    Raises:
        CorruptObject: It is no such list.
        MadeByNewer: A newer release wrote it.
        EnvironmentFault: It cannot be read, or is reached through a link.
    """
    path = folder / list_name(export)
    refuse_links(folder, path)
    with explained(path):
        try:
            status = path.lstat()
            content = read_regular(path, limit=_LARGEST)
        except FileNotFoundError:
            return OwnFiles()
    try:
        facts, fault = _SCHEMA.bring_up(orjson.loads(content), str(path))
        if fault:
            raise _corrupt(path, fault)
        files = {name: _own_file(row) for name, row in facts["files"].items()}
        pending = frozenset(map(str, facts["pending"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _corrupt(path, f"{type(error).__name__}: {error}") from error
    unfit = next((name for name in (*files, *pending) if path_fault(name)), None)
    if unfit is not None:
        raise _corrupt(path, f'"{unfit[:120]}": {path_fault(unfit)}')
    return OwnFiles(files=files, pending=pending, written_ns=status.st_mtime_ns)


def save_own_files(folder: Path, export: str, target: str, own: OwnFiles) -> None:
    """Write the list in one step: sorted, a file a line.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    path = folder / list_name(export)
    refuse_links(folder, path)
    rows = [
        b"%b: %b" % (orjson.dumps(name), orjson.dumps(_row(own.files[name])))
        for name in sorted(own.files)
    ]
    head = {"schema": _SCHEMA.number, "export": export, "target": target}
    fields = [b"%b: %b,\n" % (orjson.dumps(key), orjson.dumps(head[key])) for key in head]
    pending = orjson.dumps(sorted(own.pending))
    content = b"".join(
        [
            b"{\n",
            *fields,
            b'"pending": ',
            pending,
            b',\n"files": {\n',
            b",\n".join(rows),
            b"\n}\n}\n",
        ]
    )
    with explained(path, need=len(content)):
        replace_file(path, content)


def is_intact(path: Path, status: os.stat_result, own: OwnFile, written_ns: int) -> bool:
    """Tell whether a file is as it was exported, reading it only where its date gives reason to.

    Raises:
        OSError: It cannot be read.
    """
    if not stat.S_ISREG(status.st_mode) or status.st_size != own.size_bytes:
        return False
    return status.st_mtime_ns <= written_ns or sha256_of_file(path) == own.sha256


def _row(own: OwnFile) -> list[Any]:
    row: list[Any] = [own.sha256, own.size_bytes]
    return row if own.made_from == own.sha256 else [*row, own.made_from]


def _own_file(row: Any) -> OwnFile:  # noqa: ANN401 - whatever JSON holds
    sha256, size, *rest = row
    made_from = rest[0] if rest else sha256
    if not (isinstance(sha256, str) and isinstance(made_from, str) and type(size) is int):
        raise TypeError(f"{str(row)[:80]} is no file")
    return OwnFile(sha256=sha256, size_bytes=size, made_from=made_from)


def _corrupt(path: Path, fault: str) -> CorruptObject:
    return CorruptObject(
        f"{path}: not a list of exported files: {fault[:200]}",
        remedy="restore it from a backup; or remove it with the files that were exported",
    )

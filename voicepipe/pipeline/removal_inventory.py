"""What is about to be removed with a voice, file by file: on disk before the first of them goes.

So a removal that is cut short, or has to wait for another command, loses nothing: what it began is
in the certificate of the run that ends it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import remove_file, write_atomic
from voicepipe.bank.schemas import Schema
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes, sha256_of_file
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicepipe.remote.store import SharedStore

FOLDER: Final = "removing"
_LIST: Final = Schema(what="the list of what is being removed")
_LARGEST: Final = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedFile:
    """One file that goes, or is gone."""

    kind: str
    """`object`, `take`, `clip`, `annotation`, `prompt`, `model`, `training` …"""
    where: str
    """From the project's folder, or the address of a shared store and the name in it."""
    sha256: str
    size_bytes: int
    store: str = ""
    """Address of the shared store it lay in; empty: in the project."""


class RemovalInventory:
    """The list of one voice's removal.

    Args:
        root: The project root.
        out: The output folder, where the list lies meanwhile.
        voice: Whose.

    Raises:
        EnvironmentFault: The list of an earlier run is damaged.
    """

    def __init__(self, root: Path, out: Path, voice: str) -> None:
        self._root, self._out = root, out
        self._path = out / FOLDER / f"{sha256_of_bytes(voice.encode())}.json"
        self._files = {one.where: one for one in self._earlier()}

    def add_files(self, files: Iterable[tuple[str, Path]]) -> None:
        """Hash files of the project that are about to go; what is not there is left out.

        Raises:
            EnvironmentFault: One cannot be read.
        """
        for kind, path in files:
            with explained(path):
                try:
                    digest, size = sha256_of_file(path), path.stat().st_size
                except FileNotFoundError:
                    continue
            where = path.relative_to(self._root).as_posix()
            self._add(RemovedFile(kind=kind, where=where, sha256=digest, size_bytes=size))
        self._save()

    def add_shared(self, store: SharedStore, names: Iterable[tuple[str, str]]) -> None:
        """List what is about to go from a shared store; an object's name is its hash.

        Raises:
            EnvironmentFault: The store cannot be reached.
        """
        kinds = {name: kind for kind, name in names}
        found = store.at_once(store.mark, kinds)
        for (name, kind), mark in zip(kinds.items(), found, strict=True):
            if mark is None:
                continue
            digest, size = mark
            address = str(store.address)
            self._add(
                RemovedFile(
                    kind=kind,
                    where=f"{address}/{name}",
                    sha256=digest,
                    size_bytes=size,
                    store=address,
                )
            )
        self._save()

    def gone(self, stores_done: Iterable[str]) -> tuple[RemovedFile, ...]:
        """Say what is there no more.

        Args:
            stores_done: Addresses of the shared stores that everything was removed from.
        """
        done = set(stores_done)
        return tuple(
            one
            for _, one in sorted(self._files.items())
            if (one.store in done if one.store else not (self._root / one.where).exists())
        )

    def settle(self, gone: Iterable[RemovedFile]) -> None:
        """Take off the list what a certificate names by now.

        Raises:
            EnvironmentFault: The list cannot be written or removed.
        """
        for one in gone:
            self._files.pop(one.where, None)
        if self._files:
            self._save()
            return
        with explained(self._path):
            remove_file(self._path, within=self._out)
            if self._path.parent.is_dir() and not any(self._path.parent.iterdir()):
                self._path.parent.rmdir()

    def _add(self, file: RemovedFile) -> None:
        self._files[file.where] = file

    def _save(self) -> None:
        if not self._files:
            return
        rows = [asdict(self._files[where]) for where in sorted(self._files)]
        content = orjson.dumps({"schema": _LIST.number, "files": rows})
        write_atomic(self._out, self._path, content)

    def _earlier(self) -> list[RemovedFile]:
        with explained(self._path):
            try:
                content = read_regular(self._path, limit=_LARGEST)
            except (FileNotFoundError, NotADirectoryError):
                return []
        try:
            facts, fault = _LIST.bring_up(orjson.loads(content), str(self._path))
            if not fault:
                return msgspec.convert(facts.get("files"), list[RemovedFile])
        except (orjson.JSONDecodeError, msgspec.ValidationError) as error:
            fault = str(error)
        raise EnvironmentFault(
            f"{self._path}: what an earlier removal took is not known any more: {fault}",
            remedy="set the file aside and run this again; keep it with the certificate",
        )

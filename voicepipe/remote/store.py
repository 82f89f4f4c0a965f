"""One shared store: named bytes, read and written whole.

Buckets show an upload only when it is complete; in a folder it is written aside and renamed. What
is read is verified by whoever knows its hash. Knows nothing of takes.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.bank.faults import in_units
from voicepipe.bank.files import remove_file, replace, write_file
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.hashing import sha256_of_bytes
from voicepipe.regular_files import read_regular
from voicepipe.remote.faults import explained, not_installed, not_there

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fsspec import AbstractFileSystem

    from voicepipe.remote.address import StoreAddress

MARKER: Final = "voicepipe-store.json"
"""Says that this is a store, which one, and of which layout."""
STORE_SCHEMA: Final = 1
LARGEST_FILE: Final = 1 << 24
"""Bytes of what is no object: markers, notes, records."""
AT_ONCE: Final = 24
"""Transfers under way at one time: one take is small, the way there is long."""
_FIRST_BYTES: Final = 1 << 24
"""Of an object, before anybody asks how large it is: few takes have more."""
_OBJECTS: Final = "objects/"
_INCOMING = "incoming"
_LEFTOVER_S = 86_400.0
_S3_OPTIONS: Final = {
    "config_kwargs": {
        "connect_timeout": 10,
        "read_timeout": 60,
        "retries": {"total_max_attempts": 3, "mode": "standard"},
        "max_pool_connections": AT_ONCE,
    }
}


class SharedStore:
    """Named bytes at one address. Safe to use from several threads."""

    def __init__(self, address: StoreAddress, files: AbstractFileSystem) -> None:
        """Use a file system that is open already; see `open_store`.

        Args:
            address: Where the store lies.
            files: One that remembers no listings.
        """
        self.address = address
        self.id = ""
        """Differs from one store to the next, even at the same address; empty while not known."""
        self._files = files

    def read(self, name: str, *, limit: int = LARGEST_FILE) -> bytes | None:
        """Get bytes, unverified.

        Args:
            name: Relative to the store, with slashes.
            limit: Of more bytes than this, only `limit + 1` are read.

        Returns:
            None when there are none of this name.

        Raises:
            EnvironmentFault: The store cannot be reached, or refuses.
        """
        with explained(self.address, f"reading {name}"):
            return self._head(name, limit + 1)

    def read_object(self, name: str, *, limit: int) -> bytes | None:
        """Get the bytes of an object, unverified; one that is too large is not read.

        Returns:
            None when there are none of this name.

        Raises:
            CorruptObject: It has more than `limit` bytes.
            EnvironmentFault: The store cannot be reached, or refuses.
        """
        with explained(self.address, f"reading {name}"):
            head = self._head(name, _FIRST_BYTES)
            if head is None or len(head) < _FIRST_BYTES:
                return head
            n_bytes = int(self._files.size(self._path(name)) or 0)
            if n_bytes <= limit:
                return self._head(name, limit + 1)
        raise CorruptObject(
            f"{self.address}/{name}: {in_units(n_bytes)} are too many for one object"
            f" ({in_units(limit)} at most)"
        )

    def _head(self, name: str, n_bytes: int) -> bytes | None:
        """Get the first bytes of a name, or all there are."""
        try:
            if self.address.scheme == "file":
                return read_regular(Path(self._path(name)), limit=n_bytes - 1)
            content = self._files.cat_file(self._path(name), start=0, end=n_bytes)
        except FileNotFoundError:
            return None
        except Exception as error:
            if _is_empty_file(error):
                return b""
            raise
        assert isinstance(content, bytes)
        return content

    def mark(self, name: str) -> tuple[str, int] | None:
        """Give hash and size of some bytes; an object's name says its hash, and it is not read.

        Returns:
            None when there are none of this name.

        Raises:
            EnvironmentFault: The store cannot be reached, or refuses.
        """
        if not name.startswith(_OBJECTS):
            content = self.read(name)
            return None if content is None else (sha256_of_bytes(content), len(content))
        with explained(self.address, f"looking at {name}"):
            try:
                n_bytes = int(self._files.size(self._path(name)) or 0)
            except FileNotFoundError:
                return None
        return name.rsplit("/", 1)[-1].partition(".")[0], n_bytes

    def write(self, name: str, content: bytes) -> None:
        """Put bytes in place whole, replacing what was there.

        Raises:
            EnvironmentFault: The store cannot be reached, is full, or refuses.
        """
        with explained(self.address, f"writing {name}"):
            if self.address.scheme == "file":
                self._write_into_folder(name, content)
            else:
                self._files.pipe_file(self._path(name), content)

    def remove(self, name: str) -> bool:
        """Remove bytes for good.

        Returns:
            False when there were none.

        Raises:
            EnvironmentFault: The store cannot be reached, or refuses.
        """
        with explained(self.address, f"removing {name}"):
            if self.address.scheme == "file":
                path = Path(self._path(name))
                return remove_file(path, within=path.parent)
            try:
                self._files.rm_file(self._path(name))
            except FileNotFoundError:
                return False
        return True

    def names(self, folder: str, suffix: str) -> set[str]:
        """List the stems of all files under a folder, in one go.

        Raises:
            EnvironmentFault: The store cannot be reached, or refuses.
        """
        with explained(self.address, f"listing {folder}"):
            try:
                paths = self._files.find(self._path(folder))
            except FileNotFoundError:
                return set()
        cut = -len(suffix)
        return {path.rsplit("/", 1)[-1][:cut] for path in paths if path.endswith(suffix)}

    def read_all(
        self, names: Iterable[str], *, limit: int = LARGEST_FILE
    ) -> Iterator[tuple[str, bytes | None]]:
        """Read many at once; otherwise as `read`. What they yield is in the order of `names`."""
        wanted = list(names)
        yield from zip(
            wanted, self.at_once(lambda name: self.read(name, limit=limit), wanted), strict=True
        )

    def at_once(self, action: Callable[[str], Any], names: Iterable[str]) -> list[Any]:
        """Do something for many names in several threads; the first error ends it."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
            try:
                return list(threads.map(action, names))
            except BaseException:
                threads.shutdown(wait=True, cancel_futures=True)
                raise

    def found(self) -> bool:
        """Read the marker, which says that this is a store we understand.

        Returns:
            False when nothing was ever shared here.

        Raises:
            EnvironmentFault: No bucket or folder, no credentials, no network, another layout.
        """
        marker = self.read(MARKER, limit=1 << 16)
        if marker is None:
            self._require_place()
            return False
        self.id = self._id_in(marker)
        return True

    def establish(self) -> None:
        """Make it a store when it is none yet. Two writers at once are welcome.

        Raises:
            EnvironmentFault: As `found`; or it may not be written to.
        """
        if not self.found():
            self.write(MARKER, _marker(secrets.token_hex(16)))
            self.found()  # of two writers, the later one's id stands for both
        if self.address.scheme == "file":
            self._sweep()

    def _id_in(self, marker: bytes) -> str:
        try:
            facts = orjson.loads(marker)
        except orjson.JSONDecodeError:
            facts = None
        if not isinstance(facts, dict) or not isinstance(facts.get("id"), str):
            raise EnvironmentFault(
                f"{self.address}: {MARKER} is damaged", remedy="remove it; the takes stay"
            )
        layout = facts.get("schema")
        if layout != STORE_SCHEMA:
            raise EnvironmentFault(
                f"{self.address}: the store's layout is {layout!r}, not {STORE_SCHEMA}",
                remedy="install the voicepipe that made it, or share somewhere else",
            )
        return str(facts["id"])

    def _require_place(self) -> None:
        if self.address.scheme == "memory":
            return
        with explained(self.address, "looking for the store"):
            if self.address.scheme == "file":
                is_there = Path(self.address.root).is_dir()
            else:
                self._files.ls(self.address.bucket, refresh=True)
                is_there = True
        if not is_there:
            raise not_there(self.address)

    def _path(self, name: str) -> str:
        return f"{self.address.root}/{name}"

    def _write_into_folder(self, name: str, content: bytes) -> None:
        root = Path(self.address.root)
        if not root.is_dir():
            raise not_there(self.address)
        target = root / name
        part = root / _INCOMING / f"{secrets.token_hex(12)}.part"
        target.parent.mkdir(parents=True, exist_ok=True)
        part.parent.mkdir(exist_ok=True)
        try:
            write_file(part, content)
            replace(part, target)
        finally:
            remove_file(part, within=part.parent)

    def _sweep(self) -> None:
        """Remove what killed writers left, long after."""
        oldest = time.time() - _LEFTOVER_S
        with explained(self.address, "sweeping"):
            for part in (Path(self.address.root) / _INCOMING).glob("*.part"):
                # Another writer may sweep as well, or have just renamed it.
                with contextlib.suppress(FileNotFoundError):
                    if part.stat().st_mtime < oldest:
                        remove_file(part, within=part.parent)


def open_store(address: StoreAddress) -> SharedStore:
    """Open the file system of an address; nothing is asked of it yet.

    Raises:
        EnvironmentFault: The package it needs is not installed, or finds no credentials.
    """
    # Half a second of imports: only for those who share.
    import fsspec  # noqa: PLC0415

    protocol = {"gs": "gcs"}.get(address.scheme, address.scheme)
    options = dict(_S3_OPTIONS) if protocol == "s3" else {}
    with explained(address, "opening the store"):
        try:
            files = fsspec.filesystem(
                protocol, use_listings_cache=False, skip_instance_cache=True, **options
            )
        except ImportError as error:
            raise not_installed(address, error) from error
    return SharedStore(address, files)


def _marker(store_id: str) -> bytes:
    facts = {"schema": STORE_SCHEMA, "id": store_id}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _is_empty_file(error: Exception) -> bool:
    """Tell that a range of an empty file was refused, as S3 does."""
    return "InvalidRange" in str(error) or "not satisfiable" in str(error).lower()

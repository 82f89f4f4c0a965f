"""Documents that save work, kept between runs in the user's cache folder.

One SQLite file a kind that any number of projects and processes share. It can be deleted at any
time, and grows to a size at most: then what was not used for longest goes. What cannot be read, is
not as this code wrote it, or is being written by someone else counts as not there: the work is then
done again. What the documents say is not known here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

KeptT = TypeVar("KeptT", bound=msgspec.Struct)

_KEY_BYTES: Final = 16
DocumentKey = Annotated[bytes, msgspec.Meta(min_length=_KEY_BYTES, max_length=_KEY_BYTES)]
"""As a field of a form."""

_SEAL_BYTES: Final = 16
_AT_ONCE: Final = 500
_TOUCHED_AFTER_DAYS: Final = 7
_DAY_S: Final = 86_400
_PAGE_BYTES: Final = 4096
_WAIT_S: Final = 2.0
_KEPT_AT_ONCE: Final = 8 << 20
"""Bytes of new forms."""


def document_key(facts: bytes) -> bytes:
    """Name a document by all that it follows from."""
    return hashlib.sha256(facts).digest()[:_KEY_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfDocument:
    """What one file keeps."""

    name: str
    """What a document is called: a word, and with an `s` the table's name."""
    revision: int
    """Of the file's own form; documents name what they follow from in their keys."""
    most_bytes: int
    """The file's size at most."""
    largest_bytes: int = 1 << 20
    """Of one document; a larger one is not kept."""

    @property
    def file_name(self) -> str:
        """In the cache folder."""
        return f"{self.name}s-{self.revision}.sqlite3"

    @property
    def table(self) -> str:
        """The one statement that makes the file's table."""
        return (
            f"CREATE TABLE {self.name}s (key BLOB PRIMARY KEY, used INTEGER NOT NULL, "
            f"{self.name} BLOB NOT NULL) WITHOUT ROWID"
        )


def _schema(store: sqlite3.Connection) -> list[object]:
    return [row[0] for row in store.execute("SELECT sql FROM sqlite_schema")]


def sealed(key: bytes, content: bytes) -> bytes:
    """Give a document with a hash of its key and content before it: damage is told by it."""
    return hashlib.blake2b(content, key=key, digest_size=_SEAL_BYTES).digest() + content


def unsealed(key: bytes, document: bytes) -> bytes | None:
    """Give the content of a sealed document; None where it is not as it was sealed.

    Args:
        key: What it was looked up by, 64 bytes at most.
        document: As it was found.
    """
    content = document[_SEAL_BYTES:]
    return content if sealed(key, content) == document else None


class DocumentStore:
    """The kept documents of one kind.

    Args:
        folder: The user's cache folder; made when something is kept.
        kind: What is kept.
    """

    def __init__(self, folder: Path, kind: KindOfDocument) -> None:
        self._path = folder / kind.file_name
        self._kind = kind
        self._most_pages = kind.most_bytes // _PAGE_BYTES
        self._today = int(time.time() // _DAY_S)

    def find(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Look documents up.

        Returns:
            Those that are kept; never raises.
        """
        wanted = sorted(set(keys))  # in the file's own order, so that each page is read once
        found: dict[bytes, bytes] = {}
        name = self._kind.name
        if not wanted or not self._path.is_file():
            return found
        aged: list[bytes] = []
        with self._open() as store:
            for start in range(0, len(wanted) if store else 0, _AT_ONCE):
                asked = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(asked))
                rows = store.execute(  # type: ignore[union-attr]
                    f"SELECT key, used, {name} FROM {name}s WHERE key IN ({marks})"  # noqa: S608
                    f" AND length({name}) <= {self._kind.largest_bytes}",
                    asked,
                )
                for key, used, document in rows:
                    if isinstance(document, bytes) and isinstance(key, bytes):
                        found[key] = document
                        if self._is_aged(used):
                            aged.append(key)
        if aged:
            with self._open() as store:
                if store is not None:
                    rows_used = [(self._today, key) for key in aged]
                    store.executemany(f"UPDATE {name}s SET used = ? WHERE key = ?", rows_used)  # noqa: S608
        return found

    def keep(self, documents: Mapping[bytes, bytes]) -> None:
        """Keep documents; never raises: what cannot be kept costs time, nothing else."""
        name = self._kind.name
        rows = [
            (key, self._today, document)
            for key, document in sorted(documents.items())
            if len(document) <= self._kind.largest_bytes
        ]
        for is_last_try in (False, True):
            is_full = False
            with self._open(makes=True) as store:
                if store is None:
                    return
                try:
                    store.executemany(f"INSERT OR REPLACE INTO {name}s VALUES (?, ?, ?)", rows)  # noqa: S608
                except sqlite3.OperationalError as error:
                    if "full" not in str(error):
                        raise
                    is_full = True
                    store.rollback()
            if not is_full or is_last_try:
                return
            self._make_room()

    def _is_aged(self, used: object) -> bool:
        return not isinstance(used, int) or abs(self._today - used) >= _TOUCHED_AFTER_DAYS

    def _make_room(self) -> None:
        """Let the half go that was not used for longest."""
        table = f"{self._kind.name}s"
        with self._open() as store:
            if store is not None:
                store.execute(
                    f"DELETE FROM {table} WHERE key IN (SELECT key FROM {table} ORDER BY used, key"  # noqa: S608
                    f" LIMIT (SELECT count(*) / 2 FROM {table}))"
                )

    @contextlib.contextmanager
    def _open(self, *, makes: bool = False) -> Iterator[sqlite3.Connection | None]:
        """Give the file's one table within a transaction; None where there is none to be had."""
        try:
            store = self._connected(makes=makes)
        except (sqlite3.Error, OSError):
            yield None
            return
        try:
            with contextlib.closing(store), store:
                yield store
        except sqlite3.OperationalError:
            return  # locked, read-only, full
        except sqlite3.DatabaseError:
            self._discard()

    def _connected(self, *, makes: bool) -> sqlite3.Connection:
        if makes:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Scripts are nobody else's business.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        store = sqlite3.connect(self._path, timeout=_WAIT_S)
        try:
            store.execute("PRAGMA trusted_schema = OFF")
            store.execute(f"PRAGMA max_page_count = {self._most_pages}")
            store.execute("PRAGMA mmap_size = 1073741824")
            self._require_own_table(store, makes=makes)
        except sqlite3.OperationalError:
            store.close()
            raise
        except sqlite3.DatabaseError:
            store.close()
            self._discard()
            raise
        return store

    def _discard(self) -> None:
        """Remove a damaged file, or one that is none of ours; the next run begins a new one."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _require_own_table(self, store: sqlite3.Connection, *, makes: bool) -> None:
        """Make sure that there is one table and nothing else, such as a view or a trigger.

        Raises:
            sqlite3.DatabaseError: Someone else made the file, or it is damaged.
        """
        table = self._kind.table
        schema = _schema(store)
        if not schema and makes:
            # Another process may make it in the same moment.
            store.execute(table.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))
            schema = _schema(store)
        if schema != [table]:
            raise sqlite3.DatabaseError(f"not a store of {self._kind.name}s")


class KeptForms(Generic[KeptT]):
    """Sealed documents of one form, and those that are to be kept.

    Args:
        store: Where they are.
        form: What they hold.
    """

    def __init__(self, store: DocumentStore, form: type[KeptT]) -> None:
        self._store = store
        self._decoder = msgspec.msgpack.Decoder(form)
        self._new: dict[bytes, bytes] = {}
        self._n_new = 0

    def find(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Look documents up, for `read`: a form takes more room."""
        return self._store.find(keys)

    def read(self, key: bytes, document: bytes) -> KeptT | None:
        """Read what was found under a key; None: it is none of ours."""
        content = unsealed(key, document)
        if content is None:
            return None
        try:
            return self._decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def get(self, key: bytes) -> KeptT | None:
        """Look one document up and read it; None: there is none of ours."""
        document = self.find([key]).get(key)
        return None if document is None else self.read(key, document)

    def note(self, key: bytes, form: KeptT) -> None:
        """Take up what later runs shall find."""
        self._new[key] = sealed(key, msgspec.msgpack.encode(form))
        self._n_new += len(self._new[key])
        if self._n_new > _KEPT_AT_ONCE:
            self.keep()

    def keep(self) -> None:
        """Keep what was noted."""
        if self._new:
            self._store.keep(self._new)
            self._new, self._n_new = {}, 0

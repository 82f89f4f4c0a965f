"""Readings of texts, kept between runs in the user's cache folder.

One SQLite file that any number of projects and processes share. It can be deleted at any time, and
grows to `MOST_BYTES` at most: then what was not used for longest goes. What cannot be read, is not
as this code wrote it, or is being written by someone else counts as not there: texts are then read
aloud again.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

STORE_NAME: Final = "readings-1.sqlite3"
MOST_BYTES: Final = 512 << 20
"""About a million lines."""
_LARGEST: Final = 1 << 20
"""Bytes of one reading; a longer one is not kept."""
_AT_ONCE: Final = 500
_TOUCHED_AFTER_DAYS: Final = 7
_DAY_S: Final = 86_400
_PAGE_BYTES: Final = 4096
_WAIT_S: Final = 2.0
_TABLE: Final = (
    "CREATE TABLE readings (key BLOB PRIMARY KEY, used INTEGER NOT NULL, reading BLOB NOT NULL) "
    "WITHOUT ROWID"
)


class ReadingStore:
    """The kept readings.

    Args:
        folder: The user's cache folder; made when something is kept.
        most_bytes: The file's size at most.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._path = folder / STORE_NAME
        self._most_pages = most_bytes // _PAGE_BYTES
        self._today = int(time.time() // _DAY_S)

    def find(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Look readings up.

        Returns:
            Those that are kept; never raises.
        """
        wanted = sorted(set(keys))  # in the file's own order, so that each page is read once
        found: dict[bytes, bytes] = {}
        if not wanted or not self._path.is_file():
            return found
        aged: list[bytes] = []
        with self._open() as store:
            for start in range(0, len(wanted) if store else 0, _AT_ONCE):
                asked = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(asked))
                rows = store.execute(  # type: ignore[union-attr]
                    f"SELECT key, used, reading FROM readings WHERE key IN ({marks})"  # noqa: S608
                    f" AND length(reading) <= {_LARGEST}",
                    asked,
                )
                for key, used, reading in rows:
                    if isinstance(reading, bytes) and isinstance(key, bytes):
                        found[key] = reading
                        if self._is_aged(used):
                            aged.append(key)
        if aged:
            with self._open() as store:
                if store is not None:
                    rows_used = [(self._today, key) for key in aged]
                    store.executemany("UPDATE readings SET used = ? WHERE key = ?", rows_used)
        return found

    def keep(self, readings: Mapping[bytes, bytes]) -> None:
        """Keep readings; never raises: what cannot be kept costs time, nothing else."""
        rows = [
            (key, self._today, reading)
            for key, reading in sorted(readings.items())
            if len(reading) <= _LARGEST
        ]
        for is_last_try in (False, True):
            is_full = False
            with self._open(makes=True) as store:
                if store is None:
                    return
                try:
                    store.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", rows)
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
        with self._open() as store:
            if store is not None:
                store.execute(
                    "DELETE FROM readings WHERE key IN (SELECT key FROM readings ORDER BY used, key"
                    " LIMIT (SELECT count(*) / 2 FROM readings))"
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
            _require_own_table(store, makes=makes)
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


def _require_own_table(store: sqlite3.Connection, *, makes: bool) -> None:
    """Make sure that there is one table and nothing else, such as a view or a trigger.

    Raises:
        sqlite3.DatabaseError: Someone else made the file, or it is damaged.
    """
    schema = [row[0] for row in store.execute("SELECT sql FROM sqlite_schema")]
    if not schema and makes:
        store.execute(_TABLE)
    elif schema != [_TABLE]:
        raise sqlite3.DatabaseError("not a store of readings")

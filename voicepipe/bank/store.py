"""Content-addressed objects: bytes stored under their own sha256.

Any number of processes may put at once. An object is never rewritten; one
that no longer matches its name is moved to `out/quarantine/` and counts as
missing, so that the next render makes it again. Knows nothing of takes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from voicepipe.bank.faults import explained, in_units
from voicepipe.bank.files import SYNCS_LATER, make_folder, names_under, replace, write_atomic
from voicepipe.bank.layout import (
    KINDS_OF_OBJECT,
    OBJECT_SUFFIX,
    are_hashes,
    checked_hash,
    fan_out,
    hashes_among,
    is_hash,
    objects_folder,
    quarantine_folder,
)
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes, sha256_of_file
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ObjectId = NewType("ObjectId", str)
"""sha256 of the bytes, 64 hex digits."""

LARGEST_OBJECT = 1 << 28
"""Bytes: 23 minutes of a take at 48 kHz. More is never held in memory."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Something of the store that was found damaged and set aside."""

    key: str
    """Object id, take key or clip key."""
    reason: str
    path: Path
    """Where it lies now."""

    def __str__(self) -> str:
        return f"{self.reason}; set aside as {self.path}"


Report = Callable[[Quarantined], None]
"""Who is told of what was set aside."""


def log_quarantined(what: Quarantined) -> None:
    """Report to the log, as a warning: the default when nobody else listens."""
    _LOG.warning("%s", what)


def quarantine(out: Path, path: Path, key: str, reason: str, report: Report) -> Quarantined | None:
    """Move a damaged file aside and tell.

    Returns:
        None when it had vanished meanwhile (another process was faster).

    Raises:
        EnvironmentFault: It cannot be moved.
    """
    aside = quarantine_folder(out) / f"{path.parent.parent.name}-{path.name}"
    refuse_links(out, path.parent)
    make_folder(aside.parent, within=out)
    with explained(path):
        try:
            replace(path, aside)
        except FileNotFoundError:
            return None
    what = Quarantined(key=key, reason=reason, path=aside)
    report(what)
    return what


class ObjectStore:
    """The objects of one output folder. Holds no open files: cheap to make, safe to pickle."""

    def __init__(self, out: Path, *, report: Report = log_quarantined) -> None:
        """Look at an output folder, which need not exist yet.

        Args:
            out: The output folder.
            report: Told of every object set aside.
        """
        self._out = out
        self._folder = objects_folder(out)
        self._root = str(self._folder)
        self._report = report

    def path(self, object_id: str, suffix: str = OBJECT_SUFFIX) -> Path:
        """Say where an object lies or would lie.

        Args:
            object_id: Of its bytes.
            suffix: One of `KINDS_OF_OBJECT`.

        Raises:
            CorruptObject: The id is not a hash, or there is no such kind of object.
        """
        if suffix not in KINDS_OF_OBJECT:
            raise CorruptObject(f'"{suffix[:40]}" is not a kind of object that the store keeps')
        return fan_out(self._folder, object_id, suffix)

    def file_names(self, object_ids: Sequence[str]) -> Iterator[str]:
        """As `path` of many clips' bytes, one after the other.

        Raises:
            CorruptObject: An id is not a hash.
        """
        if not are_hashes(object_ids):
            object_ids = [checked_hash(one) for one in object_ids]
        return (f"{self._root}/{one[:2]}/{one}{OBJECT_SUFFIX}" for one in object_ids)

    def has(self, object_id: str, suffix: str = OBJECT_SUFFIX) -> bool:
        """Tell whether the object is there, without reading it."""
        return self.path(object_id, suffix).is_file()

    def put(self, content: bytes, suffix: str = OBJECT_SUFFIX) -> ObjectId:
        """Store bytes once; putting them again changes nothing.

        A damaged object already under this name is set aside first.

        Args:
            content: All of it.
            suffix: What kind of object it is, one of `KINDS_OF_OBJECT`.

        Returns:
            The id. The bytes survive the death of this process at once, and a power cut from
            publication on: a torn object is found by its hash and made again.

        Raises:
            CorruptObject: It is larger than `LARGEST_OBJECT`, or of no kind that is kept.
            EnvironmentFault: Disk full or folder not writable; nothing half is left.
        """
        object_id = ObjectId(sha256_of_bytes(content))
        path = self.path(object_id, suffix)
        if len(content) > LARGEST_OBJECT:
            size, most = in_units(len(content)), in_units(LARGEST_OBJECT)
            raise CorruptObject(f"{size} cannot be stored as one object: {most} at most")
        with explained(path):
            present = sha256_of_file(path) if path.is_file() else ""
        if present == object_id:
            return object_id
        if present:
            self._set_aside(object_id, suffix)
        write_atomic(self._out, path, content, read_only=True, is_synced=not SYNCS_LATER)
        return object_id

    def read(self, object_id: str, suffix: str = OBJECT_SUFFIX) -> bytes:
        """Get the bytes, verified.

        Raises:
            CorruptObject: Missing, too large, or not what the id says; then it is set aside.
            EnvironmentFault: The disk will not read it.
        """
        path = self.path(object_id, suffix)
        with explained(path):
            try:
                content = read_regular(path, limit=LARGEST_OBJECT)
            except FileNotFoundError as error:
                raise self._missing(object_id, suffix) from error
        if len(content) > LARGEST_OBJECT or sha256_of_bytes(content) != object_id:
            raise self._corrupt(object_id, suffix)
        return content

    def check(self, object_id: str, suffix: str = OBJECT_SUFFIX) -> None:
        """Verify an object without holding it in memory.

        Raises:
            CorruptObject: Missing, or not what the id says; then it is set aside.
            EnvironmentFault: The disk will not read it.
        """
        if not self.is_whole(object_id, suffix):
            raise self._corrupt(object_id, suffix)

    def is_whole(self, object_id: str, suffix: str = OBJECT_SUFFIX) -> bool:
        """Compare the bytes with the id, changing nothing.

        Raises:
            CorruptObject: There is no such object.
            EnvironmentFault: The disk will not read it.
        """
        path = self.path(object_id, suffix)
        with explained(path):
            try:
                return sha256_of_file(path) == object_id
            except FileNotFoundError as error:
                raise self._missing(object_id, suffix) from error

    def ids(self, suffix: str = OBJECT_SUFFIX) -> set[str]:
        """List every object of a kind from directory names alone.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        return hashes_among(names_under(self._folder, suffix))

    def all_ids(self) -> set[tuple[str, str]]:
        """List every object of every kind, as id and suffix, from directory names alone.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        names = (name.partition(".") for name in names_under(self._folder, ""))
        return {
            (stem, f".{ending}")
            for stem, _, ending in names
            if is_hash(stem) and f".{ending}" in KINDS_OF_OBJECT
        }

    def _missing(self, object_id: str, suffix: str) -> CorruptObject:
        return CorruptObject(
            f"{self.path(object_id, suffix)}: the object is missing from the store",
            remedy="run `voicepipe render`: it makes missing clips again",
        )

    def _corrupt(self, object_id: str, suffix: str) -> CorruptObject:
        path = self.path(object_id, suffix)
        self._set_aside(object_id, suffix)
        return CorruptObject(
            f"{path}: the bytes do not match their name; the file was altered or cut short"
            f" and is now in {quarantine_folder(self._out)}",
            remedy="run `voicepipe render`: it makes the clip again",
        )

    def _set_aside(self, object_id: str, suffix: str) -> None:
        path = self.path(object_id, suffix)
        quarantine(self._out, path, object_id, f"{path}: bytes do not match", self._report)

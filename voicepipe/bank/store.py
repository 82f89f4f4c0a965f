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

from voicepipe.bank.faults import explained
from voicepipe.bank.files import SYNCS_LATER, make_folder, names_under, replace, write_atomic
from voicepipe.bank.layout import (
    OBJECT_SUFFIX,
    fan_out,
    is_hash,
    objects_folder,
    quarantine_folder,
)
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes, sha256_of_file

if TYPE_CHECKING:
    from pathlib import Path

ObjectId = NewType("ObjectId", str)
"""sha256 of the bytes, 64 hex digits."""

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
        self._report = report

    def path(self, object_id: str) -> Path:
        """Say where an object lies or would lie.

        Raises:
            CorruptObject: The id is not a hash.
        """
        return fan_out(self._folder, object_id, OBJECT_SUFFIX)

    def has(self, object_id: str) -> bool:
        """Tell whether the object is there, without reading it."""
        return self.path(object_id).is_file()

    def put(self, content: bytes) -> ObjectId:
        """Store bytes once; putting them again changes nothing.

        A damaged object already under this name is set aside first.

        Returns:
            The id. The bytes survive the death of this process at once, and a power cut from
            publication on: a torn object is found by its hash and made again.

        Raises:
            EnvironmentFault: Disk full or folder not writable; nothing half is left.
        """
        object_id = ObjectId(sha256_of_bytes(content))
        path = self.path(object_id)
        with explained(path):
            present = path.read_bytes() if path.is_file() else None
        if present == content:
            return object_id
        if present is not None:
            self._set_aside(object_id)
        write_atomic(self._out, path, content, read_only=True, is_synced=not SYNCS_LATER)
        return object_id

    def read(self, object_id: str) -> bytes:
        """Get the bytes, verified.

        Raises:
            CorruptObject: Missing, or not what the id says; then it is set aside.
            EnvironmentFault: The disk will not read it.
        """
        path = self.path(object_id)
        with explained(path):
            try:
                content = path.read_bytes()
            except FileNotFoundError as error:
                raise self._missing(object_id) from error
        if sha256_of_bytes(content) != object_id:
            raise self._corrupt(object_id)
        return content

    def check(self, object_id: str) -> None:
        """Verify an object without holding it in memory.

        Raises:
            CorruptObject: Missing, or not what the id says; then it is set aside.
            EnvironmentFault: The disk will not read it.
        """
        if not self.is_whole(object_id):
            raise self._corrupt(object_id)

    def is_whole(self, object_id: str) -> bool:
        """Compare the bytes with the id, changing nothing.

        Raises:
            CorruptObject: There is no such object.
            EnvironmentFault: The disk will not read it.
        """
        path = self.path(object_id)
        with explained(path):
            try:
                return sha256_of_file(path) == object_id
            except FileNotFoundError as error:
                raise self._missing(object_id) from error

    def ids(self) -> set[str]:
        """List every object from directory names alone.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        return {name for name in names_under(self._folder, OBJECT_SUFFIX) if is_hash(name)}

    def _missing(self, object_id: str) -> CorruptObject:
        return CorruptObject(
            f"{self.path(object_id)}: the object is missing from the store",
            remedy="run `voicepipe render`: it makes missing clips again",
        )

    def _corrupt(self, object_id: str) -> CorruptObject:
        path = self.path(object_id)
        self._set_aside(object_id)
        return CorruptObject(
            f"{path}: the bytes do not match their name; the file was altered or cut short"
            f" and is now in {quarantine_folder(self._out)}",
            remedy="run `voicepipe render`: it makes the clip again",
        )

    def _set_aside(self, object_id: str) -> None:
        path = self.path(object_id)
        quarantine(self._out, path, object_id, f"{path}: bytes do not match", self._report)

"""Records of takes, clips and annotations: one small JSON file a key.

A record that cannot be read as what it should be is set aside, reported and counts as missing. One
that a newer release wrote is refused by name and left alone. Knows nothing of what the keys stand
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from voicepipe.bank.faults import explained
from voicepipe.bank.files import SYNCS_LATER, names_under, remove_file, write_atomic
from voicepipe.bank.layout import RECORD_SUFFIX, hashes_among, is_hash
from voicepipe.bank.records import ANNOTATIONS, CLIPS, LARGEST_RECORD, TAKES, RecordT
from voicepipe.bank.store import log_quarantined, quarantine
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.bank.records import (
        AnnotationRecord,
        ClipRecord,
        RecordKind,
        TakeRecord,
    )
    from voicepipe.bank.store import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Generic[RecordT]):
    """A record and the bytes of its file, which may hold more than this release knows."""

    record: RecordT
    content: bytes


class RecordStore(Generic[RecordT]):
    """All records of one kind under one folder. Holds no open files; safe to pickle."""

    def __init__(
        self, out: Path, kind: RecordKind[RecordT], *, report: Report = log_quarantined
    ) -> None:
        """Look at an output folder, which need not exist yet.

        Args:
            out: The output folder.
            kind: Of the records.
            report: Told of every record set aside.
        """
        self._out = out
        self._folder = out / kind.folder
        self._kind: RecordKind[RecordT] = kind
        self._report = report

    def path(self, key: str) -> Path:
        """Say where a record lies or would lie.

        Raises:
            CorruptObject: It is not a key of this kind.
        """
        return self._out / self._kind.name(key)

    def put(self, record: RecordT) -> None:
        """Write a record whole, replacing an older one under the same key if its kind is replaced.

        Raises:
            EnvironmentFault: Disk full or folder not writable; the older one is untouched.
        """
        self.put_content(record.key, self._kind.content(record))

    def put_content(self, key: str, content: bytes) -> None:
        """Write a record as another store has it, with all that a newer release put into it.

        Args:
            key: Its key.
            content: Bytes that can be read as a record of this key.

        Raises:
            EnvironmentFault: Disk full or folder not writable; the older one is untouched.
        """
        if self._kind.is_replaced or self.read(key) is None:
            write_atomic(self._out, self.path(key), content, is_synced=not SYNCS_LATER)

    def get(self, key: str) -> RecordT | None:
        """Read a record.

        Returns:
            None when there is none, or when it was damaged and has been set aside.

        Raises:
            MadeByNewer: A newer release wrote it; it stays where it is.
            EnvironmentFault: The disk will not read it.
        """
        stored = self.read(key)
        return None if stored is None else stored.record

    def read(self, key: str) -> Stored[RecordT] | None:
        """Read a record with the bytes of its file; otherwise as `get`."""
        path = self.path(key)
        with explained(path):
            try:
                content = read_regular(path, limit=LARGEST_RECORD)
            except FileNotFoundError:
                return None
        record, fault = self._kind.parse(key, content, str(path))
        if record is None:
            quarantine(self._out, path, key, f"{path}: {fault}", self._report)
            return None
        return Stored(record=record, content=content)

    def keys(self) -> set[str]:
        """List every key from directory names alone.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        names = names_under(self._folder, RECORD_SUFFIX)
        if self._kind.is_key is is_hash:
            return hashes_among(names)
        return {name for name in names if self._kind.is_key(name)}

    def records(self) -> Iterator[RecordT]:
        """Read every valid record, in the order of their keys.

        Raises:
            MadeByNewer: A newer release wrote one: nobody here knows what it needs.
        """
        for key in sorted(self.keys()):
            record = self.get(key)
            if record is not None:
                yield record

    def remove(self, key: str) -> bool:
        """Forget a record.

        Returns:
            False when there was none.

        Raises:
            EnvironmentFault: The folder refuses.
        """
        path = self.path(key)
        with explained(path):
            return remove_file(path, within=self._out)


def take_records(out: Path, *, report: Report = log_quarantined) -> RecordStore[TakeRecord]:
    """Open the records of takes of an output folder."""
    return RecordStore(out, TAKES, report=report)


def clip_records(out: Path, *, report: Report = log_quarantined) -> RecordStore[ClipRecord]:
    """Open the records of finished clips of an output folder."""
    return RecordStore(out, CLIPS, report=report)


def annotation_records(
    out: Path, *, report: Report = log_quarantined
) -> RecordStore[AnnotationRecord]:
    """Open the records of what was found out about takes and clips."""
    return RecordStore(out, ANNOTATIONS, report=report)

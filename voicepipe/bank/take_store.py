"""Objects and their records together: what is there, and can be used."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from voicepipe.bank.annotations import annotation_key
from voicepipe.bank.record_store import annotation_records, clip_records, take_records
from voicepipe.bank.store import ObjectStore, log_quarantined
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.record_store import Stored
    from voicepipe.bank.records import AnnotationRecord, ClipRecord, RecordT, TakeRecord
    from voicepipe.bank.store import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What an analyser found out, and its bytes, which match their hash."""

    record: AnnotationRecord
    content: bytes


class TakeStore:
    """The store of one output folder, as workers and the pipeline use it.

    Holds no open files: cheap to make in every process, safe to pickle
    as long as its `report` is.
    """

    def __init__(self, out: Path, *, report: Report = log_quarantined) -> None:
        """Look at an output folder, which need not exist yet.

        Args:
            out: The output folder.
            report: Told of everything that is found damaged and set aside.
        """
        self.out = out
        self.objects = ObjectStore(out, report=report)
        self.takes = take_records(out, report=report)
        self.clips = clip_records(out, report=report)
        self.annotations = annotation_records(out, report=report)

    def find_take(self, key: str) -> TakeRecord | None:
        """Get a take's record, only when its sound is there too.

        Raises:
            MadeByNewer: A newer release wrote it.
            EnvironmentFault: The disk will not read it.
        """
        stored = self.find_stored_take(key)
        return None if stored is None else stored.record

    def find_clip(self, key: str) -> ClipRecord | None:
        """Get a clip's record, only when its sound is there too.

        Raises:
            MadeByNewer: A newer release wrote it.
            EnvironmentFault: The disk will not read it.
        """
        stored = self.find_stored_clip(key)
        return None if stored is None else stored.record

    def find_stored_take(self, key: str) -> Stored[TakeRecord] | None:
        """Get a take's record and its bytes; otherwise as `find_take`."""
        return self._with_object(self.takes.read(key))

    def find_stored_clip(self, key: str) -> Stored[ClipRecord] | None:
        """Get a clip's record and its bytes; otherwise as `find_clip`."""
        return self._with_object(self.clips.read(key))

    def annotate(self, record: AnnotationRecord, content: bytes) -> AnnotationRecord:
        """Store what an analyser found out about a take or a clip.

        What is stored under the same key already stays: the same revision of an analyser finds the
        same.

        Args:
            record: Names its object by the hash of `content`.
            content: The findings.

        Returns:
            The annotation that is stored now.

        Raises:
            CorruptObject: The record does not name this content, or its key is none.
            EnvironmentFault: Disk full or folder not writable.
        """
        known = self._with_object(self.annotations.read(record.key))
        if known is not None:
            return known.record
        fault = record.identity_fault()
        if fault or sha256_of_bytes(content) != record.object_id:
            raise CorruptObject(
                f"annotation {record.key[:160]}: {fault or 'it names another object'}"
            )
        self.objects.put(content, record.object_suffix)
        self.annotations.put(record)
        return record

    def find_annotation(self, subject: str, analyser: str, revision: str) -> Annotation | None:
        """Get what an analyser found out about a take or a clip, verified.

        Args:
            subject: A take key or a clip key.
            analyser: Its name.
            revision: Of the analyser.

        Returns:
            None when it has not looked at it yet, or when what it found is damaged.

        Raises:
            MadeByNewer: A newer release wrote it.
            EnvironmentFault: The disk will not read it.
        """
        record = self.annotations.get(annotation_key(subject, analyser, revision))
        if record is None or not self.objects.has(record.object_id, record.object_suffix):
            return None
        try:
            content = self.objects.read(record.object_id, record.object_suffix)
        except CorruptObject:  # reported and set aside: to be found out again
            return None
        return Annotation(record=record, content=content)

    def _with_object(self, stored: Stored[RecordT] | None) -> Stored[RecordT] | None:
        if stored is None:
            return None
        record = stored.record
        is_there = self.objects.has(record.object_id, record.object_suffix)
        return stored if is_there else None

    def known_clips(
        self, previous: BankManifest | None = None, among: Iterable[str] | None = None
    ) -> frozenset[str]:
        """List the clips whose sound is there, without opening a file for each.

        Args:
            previous: A manifest that knows which object most clips are.
            among: Only these keys; None: all.

        Returns:
            Clip keys. Records the manifest does not know are opened, the others are not.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        entries = previous.entries if previous is not None else ()
        index = dict(map(attrgetter("clip_key", "sha256"), entries))
        objects = self.objects.ids()
        keys = self.clips.keys()
        if among is not None:
            keys.intersection_update(among)
        known = {key for key in keys if index.get(key) in objects}
        for key in keys - known:
            record = self.clips.get(key)
            if record is not None and record.object_id in objects:
                known.add(key)
        return frozenset(known)

    def known_takes(self, among: Iterable[str] | None = None) -> frozenset[str]:
        """List the takes whose sound is there.

        Args:
            among: Only these keys, whose records are opened; None: all.

        Returns:
            Take keys.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        keys = self.takes.keys()
        if among is not None:
            keys.intersection_update(among)
        objects = self.objects.ids()
        found = ((key, self.takes.get(key)) for key in keys)
        return frozenset(key for key, record in found if record and record.object_id in objects)

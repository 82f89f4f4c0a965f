"""Records of takes and clips: one small JSON file a key.

A record that cannot be read as what it should be is set aside, reported and
counts as missing. Knows nothing of what the keys stand for.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import SYNCS_LATER, names_under, remove_file, write_atomic
from voicepipe.bank.layout import RECORD_SUFFIX, clips_folder, fan_out, is_hash, takes_folder
from voicepipe.bank.records import ClipRecord, TakeRecord
from voicepipe.bank.shapes import fault_in
from voicepipe.bank.store import log_quarantined, quarantine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.bank.store import Report

RECORD_SCHEMA = 1
LARGEST_RECORD = 1 << 20
"""Bytes."""

RecordT = TypeVar("RecordT", TakeRecord, ClipRecord)


class Ledger(Generic[RecordT]):
    """All records of one kind under one folder. Holds no open files; safe to pickle."""

    def __init__(
        self, out: Path, folder: Path, kind: type[RecordT], *, report: Report = log_quarantined
    ) -> None:
        """Look at a folder, which need not exist yet.

        Args:
            out: The output folder.
            folder: Where this kind lies.
            kind: The record's class.
            report: Told of every record set aside.
        """
        self._out = out
        self._folder = folder
        self._kind: type[RecordT] = kind
        self._report = report

    def path(self, key: str) -> Path:
        """Say where a record lies or would lie.

        Raises:
            CorruptObject: The key is not a hash.
        """
        return fan_out(self._folder, key, RECORD_SUFFIX)

    def put(self, record: RecordT) -> None:
        """Write a record whole, replacing an older one under the same key.

        Raises:
            EnvironmentFault: Disk full or folder not writable; the older one is untouched.
        """
        content = record_content(record)
        write_atomic(self._out, self.path(record.key), content, is_synced=not SYNCS_LATER)

    def get(self, key: str) -> RecordT | None:
        """Read a record.

        Returns:
            None when there is none, or when it was damaged and has been set aside.

        Raises:
            EnvironmentFault: The disk will not read it.
        """
        path = self.path(key)
        with explained(path):
            try:
                with path.open("rb") as stream:
                    content = stream.read(LARGEST_RECORD + 1)
            except FileNotFoundError:
                return None
        record, fault = parse_record(self._kind, key, content)
        if record is None:
            quarantine(self._out, path, key, f"{path}: {fault}", self._report)
        return record

    def keys(self) -> set[str]:
        """List every key from directory names alone.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        return {name for name in names_under(self._folder, RECORD_SUFFIX) if is_hash(name)}

    def records(self) -> Iterator[RecordT]:
        """Read every sound record, in the order of their keys."""
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


def record_content(record: TakeRecord | ClipRecord) -> bytes:
    """Write a record as the bytes of its file."""
    facts = {"schema": RECORD_SCHEMA, **dataclasses.asdict(record)}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def parse_record(kind: type[RecordT], key: str, content: bytes) -> tuple[RecordT | None, str]:
    """Read a record from the bytes of its file, which anybody may have written.

    Args:
        kind: The record's class.
        key: Whose record it should be.
        content: Of at most `LARGEST_RECORD` bytes, or it is refused.

    Returns:
        The record and nothing, or None and what is wrong with it.
    """
    if len(content) > LARGEST_RECORD:
        return None, f"the record is larger than {LARGEST_RECORD} bytes"
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return None, f"the record is not JSON: {error}"
    if not isinstance(facts, dict) or facts.pop("schema", None) != RECORD_SCHEMA:
        return None, f"the record is not of schema {RECORD_SCHEMA}"
    fault = fault_in([facts], kind) or _identity_fault(key, facts)
    if fault:
        return None, f"the record is damaged: {fault}"
    return kind(**facts), ""


def _identity_fault(key: str, facts: dict[str, Any]) -> str:
    if facts["key"] != key:
        return "it is the record of another key"
    if not is_hash(facts["object_id"]):
        return '"object_id" is not a hash'
    return ""


def take_ledger(out: Path, *, report: Report = log_quarantined) -> Ledger[TakeRecord]:
    """Open the records of takes of an output folder."""
    return Ledger(out, takes_folder(out), TakeRecord, report=report)


def clip_ledger(out: Path, *, report: Report = log_quarantined) -> Ledger[ClipRecord]:
    """Open the records of finished clips of an output folder."""
    return Ledger(out, clips_folder(out), ClipRecord, report=report)

"""Who changed a voice's consent, and when: `<voice>.consent.jsonl` beside the voice's file.

One line a change: the record as it was then, the hash of the line before, and a hash of the line
itself, so that nothing is edited or taken out without a trace. Lines are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.documents.replacing import replace_file
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import canonical_json, sha256_of_json
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.consent.record import ConsentRecord
    from voicepipe.hashing import Json

SUFFIX: Final = ".consent.jsonl"
SCHEMA: Final = 1
_FIRST: Final = "0" * 64
"""Stands for the line before the first."""
_LARGEST: Final = 1 << 22
_NOT_OF_THE_RECORD: Final = frozenset({"span", "is_noted", "is_suspension_noted"})


class Change(Enum):
    """What was done to a consent."""

    RECORDED = "recorded"
    """Written down as it is, after an edit by hand or for the first time."""
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKED = "revoked"
    CERTIFIED = "certified"
    """A certificate of what was removed was written; the note names its file and its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One change of a consent."""

    at: str
    """UTC, ISO 8601."""
    by: str
    """Who says so."""
    change: Change
    note: str
    record: Mapping[str, Json]
    """Everything the consent record said after the change."""
    hash: str
    """Of the line, and through it of every line above."""

    @property
    def is_suspended(self) -> bool:
        """Whether the record was suspended after this change."""
        return bool(self.record.get("suspended"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLog:
    """The changes in order, as far as they hold together."""

    entries: tuple[LogEntry, ...] = ()
    broken_line: int = 0
    """Number of the first line that does not follow from those above it; 0: all do."""
    fault: str = ""
    """What is wrong with it."""

    @property
    def last(self) -> LogEntry | None:
        """The latest change."""
        return self.entries[-1] if self.entries else None


def record_facts(record: ConsentRecord) -> dict[str, Json]:
    """Give what a record says, as JSON; where it is written and what notes say is left out."""
    facts: dict[str, Json] = {}
    for field in fields(record):
        if field.name not in _NOT_OF_THE_RECORD:
            facts[field.name] = _as_json(getattr(record, field.name))
    return facts


def _as_json(value: Any) -> Json:  # noqa: ANN401 - whatever a record holds
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, Enum):
        return str(value.value)
    return None if value is None else str(value)


def read_log(path: Path) -> ConsentLog:
    """Read a log and check that each line follows from the one above it.

    Args:
        path: May be absent: nothing is known then.

    Raises:
        OSError: It cannot be read, or is too large to be one.
    """
    if not path.exists():
        return ConsentLog()
    content = read_regular(path, limit=_LARGEST)
    if len(content) > _LARGEST:
        return ConsentLog(broken_line=1, fault=f"the file is larger than {_LARGEST} bytes")
    entries: list[LogEntry] = []
    previous = _FIRST
    for number, line in enumerate(content.splitlines(), start=1):
        entry, fault = _entry(line, previous)
        if entry is None:
            return ConsentLog(entries=tuple(entries), broken_line=number, fault=fault)
        entries.append(entry)
        previous = entry.hash
    return ConsentLog(entries=tuple(entries))


def _entry(line: bytes, previous: str) -> tuple[LogEntry | None, str]:
    """Read a line; gives the change and nothing, or None and what is wrong."""
    try:
        facts = orjson.loads(line)
    except orjson.JSONDecodeError:
        facts = None
    if not isinstance(facts, dict):
        return None, "it is no JSON object"
    fault = _fault(facts, previous)
    if fault:
        return None, fault
    entry = LogEntry(
        at=facts["at"],
        by=facts["by"],
        change=Change(facts["change"]),
        note=facts["note"],
        record=facts["record"],
        hash=facts["hash"],
    )
    return entry, ""


def _fault(facts: dict[str, Any], previous: str) -> str:
    schema = facts.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        return "it was made by a newer voicepipe"
    if facts.get("previous") != previous:
        return "it does not follow from the line above it: one was taken out or put in"
    rest = {name: value for name, value in facts.items() if name != "hash"}
    if facts.get("hash") != sha256_of_json(rest):
        return "it was edited"
    texts = all(isinstance(facts.get(name), str) for name in ("at", "by", "note"))
    is_change = facts.get("change") in {one.value for one in Change}
    if not (texts and is_change and isinstance(facts.get("record"), dict)):
        return "it lacks what every change says"
    return ""


def append_to_log(
    path: Path, record: ConsentRecord, change: Change, *, at: str, by: str, note: str = ""
) -> None:
    """Add a line, in one step.

    Args:
        path: The log; begun when it is not there.
        record: As it is after the change.
        change: What was done.
        at: UTC, ISO 8601.
        by: Who says so.
        note: Why, in a person's words.

    Raises:
        EnvironmentFault: The log does not hold together, or cannot be read or written.
    """
    try:
        log = read_log(path)
        if log.broken_line:
            raise EnvironmentFault(
                f"{path.name}, line {log.broken_line}: {log.fault}",
                remedy="restore the file from version control; nothing was added",
            )
        before = read_regular(path, limit=_LARGEST) if path.exists() else b""
        facts: dict[str, Json] = {
            "schema": SCHEMA,
            "at": at,
            "by": by,
            "change": change.value,
            "note": note,
            "record": record_facts(record),
            "previous": log.last.hash if log.last is not None else _FIRST,
        }
        line = canonical_json({**facts, "hash": sha256_of_json(facts)})
        if before and not before.endswith(b"\n"):
            before += b"\n"
        replace_file(path, before + line + b"\n")
    except OSError as error:
        raise EnvironmentFault(
            f"{path.name} cannot be written: {error.strerror or error}",
            remedy="check the folder's permissions and the disk",
        ) from error

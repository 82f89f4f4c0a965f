"""What the store remembers of takes, of finished clips, and of what was found out about either."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import orjson

from voicepipe.bank.annotations import is_annotation_key
from voicepipe.bank.clip_facts import ClipMaking, ClipMeasurements, ClipRetakes
from voicepipe.bank.layout import KINDS_OF_OBJECT, OBJECT_SUFFIX, RECORD_SUFFIX, is_hash
from voicepipe.bank.record_fields import SampleRate, Seconds, read_fields
from voicepipe.bank.schemas import Schema
from voicepipe.errors import CorruptObject

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_RECORD = 1 << 20
"""Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRecord(ClipMaking, ClipRetakes):
    """One rendering, exactly as the engine gave it."""

    key: str
    """The take key: 64 hex digits."""
    object_id: str
    """sha256 of the stored WAV (32-bit float, the engine's own rate)."""
    language: str
    line: str
    """The line it was first rendered for; for people, not for look-up."""
    sample_rate: SampleRate
    duration_s: Seconds
    consent: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    created: str
    """UTC, ISO 8601."""

    @property
    def object_suffix(self) -> str:
        """What kind of object it names."""
        return OBJECT_SUFFIX

    def identity_fault(self) -> str:
        """Say which of its hashes is none; empty when all is well."""
        return "" if is_hash(self.object_id) else '"object_id" is not a hash'


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord(ClipMeasurements, ClipRetakes):
    """One finished clip, as shipped."""

    key: str
    """The clip key: 64 hex digits."""
    object_id: str
    """sha256 of the stored WAV."""
    take_key: str
    """The take it was made from; for a recording, the sha256 of its bytes."""
    voice: str
    source: str
    created: str

    @property
    def object_suffix(self) -> str:
        """What kind of object it names."""
        return OBJECT_SUFFIX

    def identity_fault(self) -> str:
        """Say which of its hashes is none; empty when all is well."""
        if not is_hash(self.take_key):
            return '"take_key" is not a hash'
        return "" if is_hash(self.object_id) else '"object_id" is not a hash'


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationRecord:
    """What one analyser, in one revision, found out about a take or a clip. Never replaced."""

    key: str
    """`<subject>.<analyser>.<revision>`."""
    subject: str
    """The take key or clip key it is about; it leaves the store with it."""
    analyser: str
    """Lower-case letters, digits and dashes."""
    revision: str
    """Of the analyser: another one may find something else, under a key of its own."""
    voice: str
    """Who speaks; when the voice is revoked, what was found out about it goes too."""
    object_id: str
    """sha256 of the stored bytes that hold the findings."""
    object_suffix: str
    """What kind of object that is: `.json`, `.png` …"""
    created: str
    """UTC, ISO 8601."""

    def identity_fault(self) -> str:
        """Say what of its key or its object is not as it should be; empty when all is well."""
        if self.key != f"{self.subject}.{self.analyser}.{self.revision}":
            return "its key is not that of its subject, analyser and revision"
        if self.object_suffix not in KINDS_OF_OBJECT:
            return f'"object_suffix" is not one of {", ".join(KINDS_OF_OBJECT)}'
        return "" if is_hash(self.object_id) else '"object_id" is not a hash'


RecordT = TypeVar("RecordT", TakeRecord, ClipRecord, AnnotationRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind(Generic[RecordT]):
    """One kind of record: where it lies, in which forms, under which keys."""

    folder: str
    """Below the output folder, and below a shared store."""
    record: type[RecordT]
    schema: Schema
    is_key: Callable[[str], bool]
    is_replaced: bool = True
    """Whether a later record of the same key takes an earlier one's place."""

    def name(self, key: str) -> str:
        """Say where a record lies below an output folder or a shared store.

        Raises:
            CorruptObject: It is not a key of this kind.
        """
        if not self.is_key(key):
            raise CorruptObject(f'"{key[:160]}" is not a key of {self.schema.what}')
        return f"{self.folder}/{key[:2]}/{key}{RECORD_SUFFIX}"

    def content(self, record: RecordT) -> bytes:
        """Write a record as the bytes of its file."""
        facts = {"schema": self.schema.number, **asdict(record)}
        return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)

    def parse(self, key: str, content: bytes, where: str) -> tuple[RecordT | None, str]:
        """Read a record from the bytes of its file, which anybody may have written.

        Args:
            key: Whose record it should be.
            content: Of at most `LARGEST_RECORD` bytes, or it is refused.
            where: The file, for messages.

        Returns:
            The record and nothing, or None and what is wrong with it.

        Raises:
            MadeByNewer: A newer release wrote it: it is not damaged, but we cannot read it.
        """
        if len(content) > LARGEST_RECORD:
            return None, f"the record is larger than {LARGEST_RECORD} bytes"
        try:
            facts: Any = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            return None, f"the record is not JSON: {error}"
        fields, fault = self.schema.bring_up(facts, where)
        if fault:
            return None, fault
        record, fault = read_fields(fields, self.record)
        if record is not None:
            fault = "it is the record of another key" if record.key != key else ""
            fault = fault or record.identity_fault()
        return (None, f"the record is damaged: {fault}") if fault else (record, "")


TAKES: Final = RecordKind(
    folder="takes", record=TakeRecord, schema=Schema(what="the record of a take"), is_key=is_hash
)
CLIPS: Final = RecordKind(
    folder="clips", record=ClipRecord, schema=Schema(what="the record of a clip"), is_key=is_hash
)
ANNOTATIONS: Final = RecordKind(
    folder="annotations",
    record=AnnotationRecord,
    schema=Schema(what="the record of an annotation"),
    is_key=is_annotation_key,
    is_replaced=False,
)

"""Findings in the store: an annotation of the clip for every analyser and revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.bank.annotations import analyser_of, annotation_key, subject_of
from voicepipe.bank.records import AnnotationRecord
from voicepipe.clock import utc_now
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes
from voicepipe.qc.findings import findings_json, read_findings
from voicepipe.qc.verdicts import Examined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from voicepipe.bank.take_store import TakeStore
    from voicepipe.qc.findings import Findings


ENGINE_SCORES: Final = "engine"
"""The analyser under which a take keeps what its engine measured on the way."""


class StoredFindings:
    """What is stored about one clip or take.

    Args:
        take_store: Of the output folder.
        subject: A clip key or a take key.
    """

    def __init__(self, take_store: TakeStore, subject: str) -> None:
        self._take_store = take_store
        self._subject = subject

    def find(self, analyser: str, revision: str) -> Findings | None:
        """Give what an analyser found out in this revision.

        Returns:
            None when it has not listened yet, or when what is stored are no findings.

        Raises:
            MadeByNewer: A newer release wrote it.
            EnvironmentFault: The disk will not read it.
        """
        found = self._take_store.find_annotation(self._subject, analyser, revision)
        try:
            return None if found is None else read_findings(found.content, found.record.key)
        except CorruptObject:
            return None

    def keep(self, examined: Sequence[Examined], *, voice: str) -> None:
        """Store what was found out; what is stored under the same revision stays.

        Args:
            examined: Of analysers that have listened.
            voice: Who speaks.
        """
        for one in examined:
            content = findings_json(one.findings)
            record = AnnotationRecord(
                key=annotation_key(self._subject, one.analyser, one.revision),
                subject=self._subject,
                analyser=one.analyser,
                revision=one.revision,
                voice=voice,
                object_id=sha256_of_bytes(content),
                object_suffix=".json",
                created=utc_now(),
            )
            self._take_store.annotate(record, content)

    def newest(self, keys: Iterable[str], analysers: Collection[str]) -> tuple[Examined, ...]:
        """Give what each analyser found out last, in whichever revision.

        Args:
            keys: Of the subject's annotations.
            analysers: Whose findings are wanted.
        """
        newest: dict[str, AnnotationRecord] = {}
        for key in sorted(keys):
            if analyser_of(key) not in analysers:
                continue
            record = self._take_store.annotations.get(key)
            if record is None:
                continue
            other = newest.get(record.analyser)
            if other is None or record.created >= other.created:
                newest[record.analyser] = record
        found = []
        for record in newest.values():
            findings = self.find(record.analyser, record.revision)
            if findings is not None:
                found.append(
                    Examined(analyser=record.analyser, revision=record.revision, findings=findings)
                )
        return tuple(found)


def keys_by_subject(take_store: TakeStore) -> dict[str, list[str]]:
    """List all annotations by what they are about, from directory names alone."""
    found: dict[str, list[str]] = {}
    for key in sorted(take_store.annotations.keys()):
        found.setdefault(subject_of(key), []).append(key)
    return found

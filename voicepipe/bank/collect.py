"""Collecting what nothing needs any more: not a version, not a pin, and not new.

The caller holds the lock. Records go first and objects last, so that a
collection cut short leaves nothing that points at nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.faults import explained
from voicepipe.bank.files import remove_file
from voicepipe.bank.layout import OBJECT_SUFFIX, quarantine_folder
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import banks, load_version, versions

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from voicepipe.bank.record_store import RecordStore
    from voicepipe.bank.records import AnnotationRecord, ClipRecord, TakeRecord

_DAY_S = 86_400.0
DEFAULT_DAYS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """One file nothing needs."""

    kind: str
    """`take`, `clip`, `annotation`, `object` or `quarantine`."""
    key: str
    path: Path
    size_bytes: int
    what: str = ""
    """For people: line, language and voice of a take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What can be, or was, removed."""

    unused: tuple[Unused, ...]
    """Takes, clips, annotations, objects, then quarantined files; each sorted by key."""
    kept_pins: int
    """Pinned takes, which are never removed."""

    @property
    def size_bytes(self) -> int:
        """Bytes all of it takes on the disk."""
        return sum(item.size_bytes for item in self.unused)


@dataclass(frozen=True, slots=True)
class _Needed:
    takes: set[str]
    clips: set[str]
    objects: set[tuple[str, str]]
    """As id and suffix."""
    kept: set[str]
    """Takes and clips whose records stay."""


def find_unused(
    out: Path, root: Path, *, days: float = DEFAULT_DAYS, now: float | None = None
) -> Collection:
    """List what no version of any bank uses, no pin keeps and nobody wrote lately.

    Args:
        out: The output folder.
        root: The project root, where pins are kept.
        days: Younger files stay, whatever uses them.
        now: Seconds since the epoch; None: the clock's.

    Raises:
        MadeByNewer: A newer release wrote a record or a manifest.
        InputError: `decisions.csv` is not what we write.
        EnvironmentFault: A manifest is damaged: without it nobody can know
            what is needed, so nothing is listed.
    """
    take_store = TakeStore(out)
    oldest = (time.time() if now is None else now) - days * _DAY_S
    pins = load_decisions(root, out).pins()
    needed = _needed(out)
    needed.takes.update(pins)
    takes = _unused_records("take", take_store.takes, needed.takes, needed, oldest)
    clips = _unused_records("clip", take_store.clips, needed.clips, needed, oldest)
    annotations = _unused_annotations(take_store, needed)
    objects = [
        Unused(kind="object", key=key, path=path, size_bytes=size)
        for key, suffix in sorted(take_store.objects.all_ids() - needed.objects)
        for path in (take_store.objects.path(key, suffix),)
        for size, written in (_status(path),)
        if written < oldest
    ]
    return Collection(
        unused=(*takes, *clips, *annotations, *objects, *_old_quarantine(out, oldest)),
        kept_pins=len(pins),
    )


def _needed(out: Path) -> _Needed:
    needed = _Needed(set(), set(), set(), set())
    for bank in banks(out):
        for version in versions(out, bank):
            for entry in load_version(version).entries:
                needed.takes.add(entry.take_key)
                needed.clips.add(entry.clip_key)
                needed.objects.add((entry.sha256, OBJECT_SUFFIX))
    return needed


def _status(path: Path) -> tuple[int, float]:
    with explained(path):
        status = path.stat()
    return status.st_size, status.st_mtime


def _unused_records(
    kind: str,
    records: RecordStore[TakeRecord] | RecordStore[ClipRecord],
    keys: Container[str],
    needed: _Needed,
    oldest: float,
) -> list[Unused]:
    """List records that no one names and that are old enough; the others keep their objects."""
    unused = []
    for record in records.records():
        path = records.path(record.key)
        size, written = _status(path)
        if record.key in keys or written >= oldest:
            needed.kept.add(record.key)
            needed.objects.add((record.object_id, record.object_suffix))
        else:
            unused.append(_unused(kind, record, path, size))
    return unused


def _unused_annotations(take_store: TakeStore, needed: _Needed) -> list[Unused]:
    """List what was found out about takes and clips that go, or are gone."""
    about = needed.kept | needed.takes | needed.clips
    unused = []
    for record in take_store.annotations.records():
        path = take_store.annotations.path(record.key)
        if record.subject in about:
            needed.objects.add((record.object_id, record.object_suffix))
        else:
            unused.append(_unused("annotation", record, path, _status(path)[0]))
    return unused


def _unused(
    kind: str, record: TakeRecord | ClipRecord | AnnotationRecord, path: Path, size: int
) -> Unused:
    line = getattr(record, "line", "")
    language = getattr(record, "language", "")
    what = " ".join(word for word in (line, language, record.voice) if word)
    return Unused(kind=kind, key=record.key, path=path, size_bytes=size, what=what)


def _old_quarantine(out: Path, oldest: float) -> list[Unused]:
    folder = quarantine_folder(out)
    with explained(folder):
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        Unused(kind="quarantine", key=path.name, path=path, size_bytes=size)
        for path in paths
        for size, written in (_status(path),)
        if path.is_file() and written < oldest
    ]


def remove_unused(out: Path, collection: Collection) -> int:
    """Remove what was found in an output folder, records first.

    Returns:
        How many files went.

    Raises:
        EnvironmentFault: A file cannot be removed; what is gone is gone, the rest is intact.
    """
    order = {"annotation": 0, "take": 1, "clip": 1, "object": 2, "quarantine": 3}
    removed = 0
    for item in sorted(collection.unused, key=lambda item: order[item.kind]):
        with explained(item.path):
            removed += remove_file(item.path, within=out)
    return removed

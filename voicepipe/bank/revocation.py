"""Revoking a voice: where it was published, and out of the store with it.

The store forgets the voice at once. Published versions are never rewritten:
they are listed, and a person removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.faults import explained
from voicepipe.bank.files import remove_file
from voicepipe.bank.layout import OBJECT_SUFFIX, quarantine_folder
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import banks, load_version, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.records import RecordT
    from voicepipe.bank.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A file of a published version that carries a voice."""

    bank: str
    version: str
    path: Path
    file: str
    """Relative to the version's folder."""
    sha256: str
    line: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What the store forgot."""

    takes: int
    clips: int
    objects: int
    size_bytes: int
    """Of the objects; those still linked by a version free no space yet."""
    pins: tuple[tuple[str, str], ...]
    """(line, language) of pins on takes of this voice, which are let go; sorted."""
    annotations: int = 0
    """What was found out about the takes and clips."""
    still_published: tuple[PublishedFile, ...]
    """What a person has to remove: these files stay."""


def carried_by(out: Path, voice: str) -> tuple[PublishedFile, ...]:
    """List every published file that carries a voice, in all banks and versions.

    Raises:
        EnvironmentFault: A manifest is damaged: the list would have a hole.
    """
    return tuple(
        PublishedFile(
            bank=version.bank,
            version=version.name,
            path=version.path / entry.file,
            file=entry.file,
            sha256=entry.sha256,
            line=entry.line,
            language=entry.language,
        )
        for version, entry in _published(out)
        if entry.voice == voice
    )


def published_as(out: Path, voice: str) -> tuple[ManifestEntry, ...]:
    """Give every entry that carries a voice, of all banks and versions; otherwise as `carried_by`.

    The same clip in several versions is given as often.
    """
    return tuple(entry for _, entry in _published(out) if entry.voice == voice)


def _published(out: Path) -> Iterator[tuple[Version, ManifestEntry]]:
    for bank in banks(out):
        for version in versions(out, bank):
            for entry in load_version(version).entries:
                yield version, entry


class RevokedRecords:
    """Records of a voice that goes, apart from those that stay, and the objects only it needs."""

    def __init__(self, theirs: Iterable[tuple[str, str]] = ()) -> None:
        """Begin.

        Args:
            theirs: Objects of the voice that may have no record, as id and suffix.
        """
        self._theirs = set(theirs)
        self._others: set[tuple[str, str]] = set()

    def of(self, records: Iterable[RecordT], is_theirs: Callable[[RecordT], bool]) -> set[str]:
        """Sort records of one kind; the keys of those that go."""
        keys = set()
        for record in records:
            is_one = is_theirs(record)
            named = self._theirs if is_one else self._others
            named.add((record.object_id, record.object_suffix))
            if is_one:
                keys.add(record.key)
        return keys

    def doomed(self) -> list[tuple[str, str]]:
        """List the objects that no other voice's record names, as id and suffix, sorted."""
        return sorted(self._theirs - self._others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What a store has of a voice that goes."""

    takes: frozenset[str]
    clips: frozenset[str]
    annotations: frozenset[str]
    objects: tuple[tuple[str, str], ...]
    """As id and suffix, sorted; bytes that another voice's record also names are not among them."""
    published: tuple[PublishedFile, ...]
    """Files of versions, which stay."""


def find_doomed(out: Path, voice: str) -> Doomed:
    """Find a voice's takes and clips, what was found out about them, and their bytes.

    Raises:
        MadeByNewer: A newer release wrote a record: only that one knows whose it is.
        EnvironmentFault: A manifest is damaged.
    """
    take_store = TakeStore(out)
    carried = carried_by(out, voice)
    sorting = RevokedRecords({(file.sha256, OBJECT_SUFFIX) for file in carried})
    takes = sorting.of(take_store.takes.records(), lambda take: take.voice == voice)
    clips = sorting.of(
        take_store.clips.records(), lambda clip: clip.voice == voice or clip.take_key in takes
    )
    annotations = sorting.of(
        take_store.annotations.records(),
        lambda one: one.voice == voice or one.subject in takes | clips,
    )
    return Doomed(
        takes=frozenset(takes),
        clips=frozenset(clips),
        annotations=frozenset(annotations),
        objects=tuple(sorting.doomed()),
        published=carried,
    )


def doomed_paths(out: Path, doomed: Doomed) -> list[tuple[str, Path]]:
    """Name the files of all that goes, each with its kind; bytes first, some may be gone."""
    store = TakeStore(out)
    sounds = [store.objects.path(*names) for names in doomed.objects]
    aside = [quarantine_folder(out) / f"objects-{path.name}" for path in sounds]
    return [
        *(("object", path) for path in sounds),
        *(("quarantined object", path) for path in aside),
        *(("annotation", store.annotations.path(key)) for key in sorted(doomed.annotations)),
        *(("take", store.takes.path(key)) for key in sorted(doomed.takes)),
        *(("clip", store.clips.path(key)) for key in sorted(doomed.clips)),
    ]


def remove_revoked_takes(
    out: Path,
    root: Path,
    voice: str,
    *,
    before: Callable[[Sequence[tuple[str, Path]]], None] = lambda _: None,
) -> Removed:
    """Remove a voice's takes and clips, and their bytes, from the store; its pins are let go.

    The caller holds the lock. Bytes that another voice's record also names stay.

    Args:
        out: The output folder.
        root: The project root, where pins are kept.
        voice: Whose.
        before: Given the kind and the path of every file that goes, before the first does.

    Raises:
        MadeByNewer: A newer release wrote a record: only that one knows whose it is.
        EnvironmentFault: A manifest is damaged, or a file cannot be removed. Running it again
            goes on where it stopped.
    """
    doomed, take_store = find_doomed(out, voice), TakeStore(out)
    before(doomed_paths(out, doomed))
    pins = _let_go(out, root, doomed.takes)
    # Bytes first: a removal cut short must leave records that name what is still to be removed.
    sizes = [_remove_object(out, take_store, *names) for names in doomed.objects]
    for key in doomed.annotations:
        take_store.annotations.remove(key)
    for key in doomed.takes:
        take_store.takes.remove(key)
    for key in doomed.clips:
        take_store.clips.remove(key)
    there = [size for size in sizes if size is not None]
    return Removed(
        takes=len(doomed.takes),
        clips=len(doomed.clips),
        annotations=len(doomed.annotations),
        objects=len(there),
        size_bytes=sum(there),
        pins=pins,
        still_published=doomed.published,
    )


def _let_go(out: Path, root: Path, takes: frozenset[str]) -> tuple[tuple[str, str], ...]:
    decisions = load_decisions(root, out)
    pins = sorted(key for key, decision in decisions.lines.items() if decision.pin in takes)
    for line, language in pins:
        decisions = decisions.with_pin(line, language, "")
    if pins:
        save_decisions(root, decisions)
    return tuple(pins)


def _remove_object(out: Path, take_store: TakeStore, object_id: str, suffix: str) -> int | None:
    path = take_store.objects.path(object_id, suffix)
    with explained(path):
        size = path.stat().st_size if path.is_file() else None
        remove_file(path, within=out)
        remove_file(quarantine_folder(out) / f"objects-{path.name}", within=out)
    return size

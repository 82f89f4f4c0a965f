"""Withdrawing a voice: where it was published, and out of the store with it.

The store forgets the voice at once. Published versions are never rewritten:
they are listed, and a person removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.decisions import load_decisions, save_decisions
from voicepipe.bank.faults import explained
from voicepipe.bank.files import remove_file
from voicepipe.bank.layout import quarantine_folder
from voicepipe.bank.vault import Vault
from voicepipe.bank.versions import banks, load_version, versions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
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
class Purged:
    """What the store forgot."""

    takes: int
    clips: int
    objects: int
    size_bytes: int
    """Of the objects; those still linked by a version free no space yet."""
    pins: tuple[tuple[str, str], ...]
    """(line, language) of pins on takes of this voice, which are let go; sorted."""
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


def _published(out: Path) -> Iterator[tuple[Version, ManifestEntry]]:
    for bank in banks(out):
        for version in versions(out, bank):
            for entry in load_version(version).entries:
                yield version, entry


def purge_voice(out: Path, voice: str) -> Purged:
    """Remove a voice's takes and clips, and their bytes, from the store; its pins are let go.

    The caller holds the lock. Bytes that another voice's record also names stay.

    Raises:
        EnvironmentFault: A manifest is damaged, or a file cannot be removed. Running it again
            goes on where it stopped.
    """
    vault = Vault(out)
    carried = carried_by(out, voice)
    theirs = {file.sha256 for file in carried}
    others: set[str] = set()
    takes, clips = set(), set()
    for take in vault.takes.records():
        (theirs if take.voice == voice else others).add(take.object_id)
        if take.voice == voice:
            takes.add(take.key)
    for clip in vault.clips.records():
        is_theirs = clip.voice == voice or clip.take_key in takes
        (theirs if is_theirs else others).add(clip.object_id)
        if is_theirs:
            clips.add(clip.key)
    pins = _let_go(out, takes)
    doomed = sorted(theirs - others)
    # Bytes first: a purge cut short must leave records that name what is still to be removed.
    sizes = [_remove_object(out, vault, object_id) for object_id in doomed]
    for key in takes:
        vault.takes.remove(key)
    for key in clips:
        vault.clips.remove(key)
    there = [size for size in sizes if size is not None]
    return Purged(
        takes=len(takes),
        clips=len(clips),
        objects=len(there),
        size_bytes=sum(there),
        pins=pins,
        still_published=carried,
    )


def _let_go(out: Path, takes: set[str]) -> tuple[tuple[str, str], ...]:
    decisions = load_decisions(out)
    pins = sorted(key for key, decision in decisions.lines.items() if decision.pin in takes)
    for line, language in pins:
        decisions = decisions.with_pin(line, language, "")
    if pins:
        save_decisions(out, decisions)
    return tuple(pins)


def _remove_object(out: Path, vault: Vault, object_id: str) -> int | None:
    path = vault.objects.path(object_id)
    with explained(path):
        size = path.stat().st_size if path.is_file() else None
        remove_file(path, within=out)
        remove_file(quarantine_folder(out) / f"objects-{path.name}", within=out)
    return size

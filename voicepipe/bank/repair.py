"""Putting a damaged version back as it was published, from what the store still has.

A version's manifest says which bytes each file holds, and the store keeps them apart from the
files. It works the other way round too: a stored object that is damaged is made again from a
published file that is not. The caller holds the lock.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.bank.faults import explained
from voicepipe.bank.files import (
    make_folder,
    part_path,
    remove_file,
    replace,
    with_retries,
    write_file,
)
from voicepipe.bank.integrity import published_at
from voicepipe.bank.manifest_io import CSV_NAME, manifest_csv
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.versions import load_version
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.versions import Version

_GONE: Final = "its bytes are nowhere: neither the store nor the version has them"
_WITHDRAWN: Final = "its voice was revoked: it is not brought back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What became of a version."""

    version: Version
    n_files: int
    """Files of the manifest, all of which were read."""
    files: tuple[str, ...]
    """Published files that were written again; sorted."""
    objects: tuple[str, ...]
    """Stored objects that were written again from published files; sorted."""
    left: tuple[tuple[str, str], ...]
    """Files that stay as they are, and why; sorted."""


def repair_version(
    out: Path, version: Version, *, is_revoked: Callable[[str, str], bool]
) -> Repaired:
    """Make every file of a version what its manifest says, as far as its bytes can be had.

    Args:
        out: The output folder.
        version: To be looked at, every byte of it.
        is_revoked: Tells whether a voice's consent, given by its id, has ended: nothing of it is
            written again.

    Raises:
        EnvironmentFault: The manifest itself is damaged, or a file cannot be written.
    """
    manifest = load_version(version)
    store = ObjectStore(out)
    states = _states(version, manifest)
    files, objects, left = [], set(), []
    for entry in manifest.entries:
        is_intact, has_object = states[entry.file], _is_whole(store, entry.sha256)
        if is_intact and has_object:
            continue
        if is_revoked(entry.voice, entry.consent):
            if not is_intact:
                left.append((entry.file, _WITHDRAWN))
        elif is_intact:
            with explained(version.path / entry.file):
                store.put((version.path / entry.file).read_bytes())
            objects.add(entry.sha256)
        elif has_object:
            _write(out, version.path / entry.file, store.read(entry.sha256), manifest)
            files.append(entry.file)
        else:
            left.append((entry.file, _GONE))
    files += _repaired_table(out, version, manifest)
    return Repaired(
        version=version,
        n_files=len(manifest.entries),
        files=tuple(sorted(files)),
        objects=tuple(sorted(objects)),
        left=tuple(sorted(left)),
    )


def _states(version: Version, manifest: BankManifest) -> dict[str, bool]:
    def is_intact(entry: ManifestEntry) -> bool:
        path = version.path / entry.file
        try:
            return not path.is_symlink() and sha256_of_file(path) == entry.sha256
        except OSError:
            return False

    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        states = threads.map(is_intact, manifest.entries)
        return {entry.file: s for entry, s in zip(manifest.entries, states, strict=True)}


def _is_whole(store: ObjectStore, object_id: str) -> bool:
    try:
        store.check(object_id)
    except CorruptObject:
        return False
    return True


def _repaired_table(out: Path, version: Version, manifest: BankManifest) -> list[str]:
    path, content = version.path / CSV_NAME, manifest_csv(manifest).encode()
    with explained(path):
        if not path.is_symlink() and path.is_file() and path.read_bytes() == content:
            return []
    _write(out, path, content, manifest)
    return [CSV_NAME]


def _write(out: Path, path: Path, content: bytes, manifest: BankManifest) -> None:
    """Put a published file in place, dated like the others of its version."""
    refuse_links(out, path.parent)
    part = part_path(out, "repaired")
    moment = published_at(manifest)
    with explained(path, need=len(content)):
        make_folder(path.parent, within=out)
        try:
            write_file(part, content, read_only=True)
            os.utime(part, (moment, moment))
            with_retries(lambda: replace(part, path))
        finally:
            remove_file(part, within=out)

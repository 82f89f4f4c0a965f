"""Publishing: a version is built aside, whole, and then renamed into place.

The caller holds the lock. What is published is never rewritten.
"""

from __future__ import annotations

import contextlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe import __version__
from voicepipe.bank.duplicates import Duplicates
from voicepipe.bank.earlier_rows import EarlierRows, noting_table
from voicepipe.bank.faults import explained, fault_of
from voicepipe.bank.file_stretches import chunks_of
from voicepipe.bank.files import (
    make_folder,
    part_path,
    remove_tree,
    sync_folder,
    sync_folders,
    with_retries,
    write_atomic,
    write_file,
)
from voicepipe.bank.integrity import look_at_files, published_at, settle
from voicepipe.bank.kept_entries import KeptEntries
from voicepipe.bank.latest_version import LatestVersion
from voicepipe.bank.layout import bank_folder
from voicepipe.bank.manifest import BankManifest, ManifestEntry, ShownText
from voicepipe.bank.manifest_io import (
    CSV_NAME,
    MANIFEST_NAME,
    entries_fault,
    entry_order,
    manifest_parts,
)
from voicepipe.bank.published_objects import with_sizes
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.stored_files import StoredFiles
from voicepipe.bank.versions import (
    LATEST_NAME,
    latest,
    load_version,
    next_number,
    version_name,
    versions,
)
from voicepipe.clock import utc_now
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.file_stretches import Piece

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFacts:
    """What a manifest says of the bank as a whole."""

    bank: str
    source_language: str
    languages: tuple[str, ...]
    sample_rate: int
    bit_depth: int
    text_languages: tuple[str, ...] = ()
    texts: tuple[ShownText, ...] | None = None
    """What is shown and not spoken; None: as the latest version says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The version that now holds the bank."""

    version: str
    """`v0001`."""
    path: Path
    is_new: bool
    """False: the latest version already held exactly this."""
    manifest: BankManifest


def published_as_is(
    out: Path,
    facts: BankFacts,
    manifest: BankManifest,
    *,
    looks: bool = True,
    settles: bool = False,
) -> Published | None:
    """Find that the latest version already says all there is to say, without building another.

    Args:
        out: The output folder.
        facts: What a new version would say of the bank.
        manifest: Of the latest version; the caller knows that its entries still hold.
        looks: At every file; False: the caller has just done so.
        settles: The caller holds the lock: files that had to be read need not be next time.

    Returns:
        The latest version; None when its head differs, or a file is not as it was published.
    """
    version = latest(out, facts.bank)
    if version is None or version.name != manifest.version or manifest.failed:
        return None
    if _head(manifest) != _head(facts) or facts.texts not in (None, manifest.texts):
        return None
    if looks:
        found = look_at_files(version.path, manifest)
        if found.damaged:
            return None
        if settles:
            settle(version.path, manifest, found.doubtful)
    return Published(version=version.name, path=version.path, is_new=False, manifest=manifest)


def publish(
    out: Path,
    facts: BankFacts,
    entries: Sequence[ManifestEntry],
    failed: Sequence[Mapping[str, str]] = (),
    *,
    created: str | None = None,
    known: LatestVersion | None = None,
) -> Published:
    """Make a bank visible as a new version, or find that the latest one already is it.

    Args:
        out: The output folder, locked by the caller.
        facts: Of the bank as a whole.
        entries: In any order; sizes are filled in here.
        failed: Lines whose clip was not made: `line`, `language`, `reason`, `script`.
        created: UTC, ISO 8601; None: now.
        known: The newest version, where the caller has read it since it holds the lock; closed
            here. Entries that are the very records of it are not checked once more, and what is
            known of its files holds as long as they were looked at a short while ago.

    Raises:
        CorruptObject: An entry's object is missing or damaged; nothing is published.
        EnvironmentFault: Disk full or folder not writable, or entries no reader would accept;
            nothing is published.
    """
    store = ObjectStore(out)
    with contextlib.ExitStack() as closed:
        newest = _newest(out, facts.bank, known)
        for opened in filter(None, (known, newest)):
            closed.callback(opened.close)
        ordered = tuple(sorted(entries, key=entry_order))
        stored = StoredFiles(store, None) if newest is None else newest.stored
        sized = with_sizes(store, ordered, stored)
        _refuse_faults(out, facts, sized, newest)
        written = EarlierRows(None) if newest is None else newest.rows
        rows = written.manifest_rows(sized)
        number = next_number(out, facts.bank)
        manifest = BankManifest(
            bank=facts.bank,
            version=version_name(number),
            created=created or utc_now(),
            voicepipe=__version__,
            source_language=facts.source_language,
            languages=facts.languages,
            sample_rate=facts.sample_rate,
            bit_depth=facts.bit_depth,
            content_sha256=sha256_of_pieces(chunks_of(rows)),
            entries=sized,
            failed=tuple(sorted(failed, key=lambda row: (row["language"], row["line"]))),
            text_languages=facts.text_languages,
            texts=facts.texts or (),
        )
        if newest and not newest.integrity.damaged and _is_same(newest.manifest, manifest):
            version, path = newest.version.name, newest.version.path
            point_latest(out, path)
            return Published(version=version, path=path, is_new=False, manifest=newest.manifest)
        folder = bank_folder(out, facts.bank)
        version_path = folder / manifest.version
        earlier = {} if newest is None else newest.sound_files
        contents = _Contents(rows=rows, table=written.table(sized))
        _build_and_rename(out, manifest, contents, version_path, earlier)
        KeptEntries().keep(manifest, newest.manifest if newest else None)
        point_latest(out, version_path)
        return Published(
            version=manifest.version, path=version_path, is_new=True, manifest=manifest
        )


def _newest(out: Path, bank: str, known: LatestVersion | None) -> LatestVersion | None:
    there = versions(out, bank)
    if not there:
        return None
    if known is not None and known.version == there[-1]:
        return LatestVersion(out, there[-1], known.manifest) if known.is_stale else known
    try:
        return LatestVersion(out, there[-1], load_version(there[-1]))
    except EnvironmentFault as fault:
        # A damaged version must not keep a valid one from being published after it.
        _LOG.warning("%s; a new version is published", fault.message)
        return None


def _refuse_faults(
    out: Path,
    facts: BankFacts,
    entries: Sequence[ManifestEntry],
    newest: LatestVersion | None,
) -> None:
    read = frozenset(map(id, newest.manifest.entries)) if newest else frozenset()
    fault = entries_fault(entries, read)
    if fault:
        raise EnvironmentFault(
            f"nothing was published to {bank_folder(out, facts.bank)}: no reader would accept"
            f" the manifest: {fault}"
        )


def _is_same(old: BankManifest, new: BankManifest) -> bool:
    def compared(manifest: BankManifest) -> tuple[object, ...]:
        without = [(row["line"], row["language"]) for row in manifest.failed]
        return (manifest.content_sha256, _head(manifest), without, manifest.texts)

    return compared(old) == compared(new)


def _head(bank: BankManifest | BankFacts) -> tuple[object, ...]:
    languages = (bank.source_language, bank.languages, bank.text_languages)
    return (*languages, bank.sample_rate, bank.bit_depth)


def files_in(folder: Path) -> set[str]:
    """List the files of a version, relative, with forward slashes.

    Raises:
        EnvironmentFault: A folder cannot be read.
    """
    found: set[str] = set()
    cut = len(str(folder)) + 1
    with explained(folder):
        for parent, _, names in os.walk(folder, onerror=_raise):
            inner = parent[cut:].replace(os.sep, "/")
            found.update(f"{inner}/{name}" if inner else name for name in names)
    return found


def _raise(error: OSError) -> None:
    raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """What a version's own files hold, in pieces."""

    rows: Sequence[Piece]
    """Of the manifest."""
    table: Iterable[Piece]


def _build_and_rename(
    out: Path,
    manifest: BankManifest,
    contents: _Contents,
    version_path: Path,
    earlier: Mapping[str, str],
) -> None:
    part = part_path(out, "version")
    make_folder(part, within=out)
    make_folder(version_path.parent, within=out)
    try:
        _fill(ObjectStore(out), manifest, contents, part, earlier)
        with explained(version_path):
            if version_path.exists():
                raise EnvironmentFault(
                    f"{version_path}: another process published this version meanwhile",
                    remedy="run it again",
                )
            with_retries(lambda: part.rename(version_path))
            sync_folder(version_path.parent)
    finally:
        if part.exists():
            remove_tree(part, within=out)


def _fill(
    store: ObjectStore,
    manifest: BankManifest,
    contents: _Contents,
    part: Path,
    earlier: Mapping[str, str],
) -> None:
    # The system copies, hashes and waits for the disk, while clips are linked one by one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        writing = thread.submit(_write_own_files, manifest, contents, part)
        _fill_folders(store, manifest, part, earlier)
        writing.result()
    with explained(part):
        sync_folder(part)


def _write_own_files(manifest: BankManifest, contents: _Contents, part: Path) -> None:
    need = sum(map(len, contents.rows))
    for name, content in (
        (MANIFEST_NAME, manifest_parts(manifest, contents.rows)),
        (CSV_NAME, noting_table(manifest, contents.table)),
    ):
        with explained(part / name, need=need):
            write_file(part / name, content, read_only=True)


def _fill_folders(
    store: ObjectStore, manifest: BankManifest, part: Path, earlier: Mapping[str, str]
) -> None:
    folders = {entry.file.rpartition("/")[0] for entry in manifest.entries}
    for folder in sorted(folders):
        make_folder(part / folder, within=part)
    duplicates = Duplicates(earlier, modified_s=published_at(manifest))
    root = str(part)
    stored = store.file_names([entry.sha256 for entry in manifest.entries])
    for entry, source in zip(manifest.entries, stored, strict=True):
        target = f"{root}/{entry.file}"
        try:
            duplicates.add(entry.sha256, source, target)
        except OSError as error:
            raise fault_of(error, part / entry.file, need=entry.size_bytes) from error
    with explained(part):
        duplicates.sync()
    inner = {folder.partition("/")[0] for folder in folders}
    sync_folders(part / folder for folder in sorted(folders | inner))


def point_latest(out: Path, version_path: Path) -> None:
    """Let `latest` name a version; writes nothing where it already does. The caller holds the lock.

    Raises:
        EnvironmentFault: The pointer cannot be read or written.
    """
    pointer = version_path.parent / LATEST_NAME
    content = f"{version_path.name}\n".encode()
    with explained(pointer):
        if pointer.is_file() and pointer.read_bytes() == content:
            return
    write_atomic(out, pointer, content)

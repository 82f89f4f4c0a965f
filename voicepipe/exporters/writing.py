"""Writing an export: only what changed is written, what left is removed, the rest is not touched.

Every file appears in one step. Nothing begins before all of it is known to be allowed: a file that
somebody else put where one of ours belongs, or that somebody changed, ends the export untouched.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.bank.faults import explained
from voicepipe.bank.files import SYNCS_LATER, remove_file, sync_file, with_retries
from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import hold, part_name, sweep_parts
from voicepipe.errors import EnvironmentFault
from voicepipe.exporters.changes import find_changes
from voicepipe.exporters.own_files import OwnFile, OwnFiles, load_own_files, save_own_files
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from voicepipe.exporters.changes import Changes, FileSource
    from voicepipe.exporters.protocol import ExportFile

_THREADS: Final = 8
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an export did."""

    written: tuple[str, ...]
    """Paths, sorted."""
    removed: tuple[str, ...]
    kept: int
    n_bytes: int
    """Of what was written."""


def write_export(
    folder: Path,
    name: str,
    target: str,
    files: Mapping[str, ExportFile],
    source: FileSource,
    *,
    replaces: bool = False,
    on_file: Callable[[int, int], None] | None = None,
) -> Written:
    """Bring a folder to what the export holds now.

    Args:
        folder: Made if it is not there. It may be reached through links; nothing in it may.
        name: Of the export: two in one folder do not know each other.
        target: The exporter's name, noted in the list.
        files: See `planned_files`.
        source: Gives the bytes of files.
        replaces: Write over files of ours that were changed, and files that are not ours.
        on_file: Told after each file: how many are done, and of how many.

    Raises:
        EnvironmentFault: The disk refuses, a link stands in the way, another export writes here;
            or files are in the way that are not ours or were changed: then nothing was done.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _held(folder):
        own = load_own_files(folder, name)
        if own.pending:
            _sweep(folder, own)
        work = find_changes(folder, own, files, source, replaces=replaces)
        if work.write or work.remove or work.adopt or own.pending or not own.is_there:
            n_bytes = _carry_out(folder, (name, target), own, files, source, work, on_file)
        else:
            n_bytes = 0
    return Written(written=work.write, removed=work.remove, kept=work.kept, n_bytes=n_bytes)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep other exports out of a folder, where the system has locks for folders."""
    if os.name == "nt":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not hold(descriptor):
            raise EnvironmentFault(
                f"{folder}: another export is being written there", remedy="wait for its end"
            )
        yield
    finally:
        os.close(descriptor)


def _sweep(folder: Path, own: OwnFiles) -> None:
    """Remove what an export that was killed left half written."""
    for inner in sorted({str(PurePosixPath(path).parent) for path in own.pending}):
        refuse_links(folder, folder / inner)
        sweep_parts(folder / inner)


def _carry_out(
    folder: Path,
    title: tuple[str, str],
    own: OwnFiles,
    files: Mapping[str, ExportFile],
    source: FileSource,
    work: Changes,
    on_file: Callable[[int, int], None] | None,
) -> int:
    name, target = title
    before = {path: own.files[path] for path in own.files if path not in set(work.remove)}
    pending = frozenset((*work.write, *work.remove))
    if pending:
        save_own_files(folder, name, target, OwnFiles(files=before, pending=pending))
    now: dict[str, OwnFile] = {path: before[path] for path in files if path in before}
    n_bytes, n_done, n_all = 0, 0, len(pending)
    for path in work.write:
        content = source.read(files[path])
        _write(folder, path, content)
        now[path] = _own_file(content, files[path], source)
        n_bytes, n_done = n_bytes + len(content), n_done + 1
        if on_file is not None:
            on_file(n_done, n_all)
    for path in work.adopt:
        now[path] = _own_file(source.read(files[path]), files[path], source)
    for path in work.remove:
        _remove(folder, path)
    with explained(folder):
        _sync(folder, work.write)
    save_own_files(folder, name, target, OwnFiles(files=now))
    return n_bytes


def _own_file(content: bytes, file: ExportFile, source: FileSource) -> OwnFile:
    sha256, made_from = sha256_of_bytes(content), source.made_from(file)
    return OwnFile(sha256=sha256, size_bytes=len(content), made_from=made_from)


def _write(folder: Path, path: str, content: bytes) -> None:
    whole = folder / path
    refuse_links(folder, whole)
    with explained(whole, need=len(content)):
        try:
            put_file(str(whole), content)
        except FileNotFoundError:
            whole.parent.mkdir(parents=True, exist_ok=True)
            put_file(str(whole), content)


def put_file(whole: str, content: bytes) -> None:
    """Put a file in place in one step, without waiting for the disk.

    Raises:
        FileNotFoundError: Its folder is not there.
        OSError: The disk refuses; what was there is untouched.
    """
    inner, name = os.path.split(whole)
    beside = f"{inner}/{part_name(name)}"
    try:
        with open(beside, "xb", buffering=0) as stream:  # noqa: PTH123 - a hundred thousand times
            stream.write(content)
        with_retries(lambda: os.replace(beside, whole))  # noqa: PTH105 - likewise
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)  # noqa: PTH108
        raise


def _remove(folder: Path, path: str) -> None:
    """Remove a file of ours, and the folders that are empty without it."""
    whole = folder / path
    with explained(whole):
        remove_file(whole, within=folder)
        for parent in whole.parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                return
            parent.rmdir()


def _sync(folder: Path, paths: Sequence[str]) -> None:
    if not SYNCS_LATER:
        return
    with ThreadPoolExecutor(max_workers=_THREADS) as threads:
        for at in range(0, len(paths), _AT_ONCE):
            batch = [folder / path for path in paths[at : at + _AT_ONCE]]
            list(threads.map(sync_file, batch))

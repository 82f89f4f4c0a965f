"""What an export would change in a folder, decided before anything is touched."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from voicepipe.bank.faults import explained
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.exporters.names import path_fault
from voicepipe.exporters.own_files import is_intact, list_name
from voicepipe.hashing import sha256_of_bytes, sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from voicepipe.exporters.own_files import OwnFiles
    from voicepipe.exporters.protocol import ExportFile

_SHOWN: Final = 5
_REFUSALS: Final = {
    "foreign": "move it away, export elsewhere, or add --replace",
    "changed": "keep it under another name, or add --replace",
}


class FileSource(Protocol):
    """Where the bytes of an export's files come from."""

    def made_from(self, file: ExportFile) -> str:
        """Say what a file follows from, without making it: clip and encoding, or its content."""
        ...

    def read(self, file: ExportFile) -> bytes:
        """Give the content of a file.

        Raises:
            EnvironmentFault: A clip is damaged or missing, or cannot be encoded.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be done."""

    write: tuple[str, ...]
    adopt: tuple[str, ...]
    """There already, byte for byte."""
    remove: tuple[str, ...]
    kept: int


def planned_files(files: Iterable[ExportFile], name: str) -> dict[str, ExportFile]:
    """Collect the files of an export by path.

    Raises:
        UsageError: A path cannot be a file on every system, or two are one there.
    """
    found: dict[str, ExportFile] = {}
    folded: dict[str, str] = {}
    for file in files:
        fault = path_fault(file.path)
        other = folded.setdefault(file.path.casefold(), file.path)
        if not fault and file.path in found:
            fault = "two files of the export have this name"
        elif not fault and other != file.path:
            fault = f'it is one file with "{other}" on Windows and macOS'
        elif file.path == list_name(name):
            fault = "this name is kept for the list of files"
        if fault:
            raise UsageError(
                f'nothing was exported: "{file.path[:160]}": {fault}',
                remedy="rename the line, speaker or scene it is named after",
            )
        found[file.path] = file
    return found


def _status(folder: Path, path: str) -> os.stat_result | None:
    try:
        return os.lstat(f"{folder}/{path}")
    except (FileNotFoundError, NotADirectoryError):
        return None


def find_changes(
    folder: Path,
    own: OwnFiles,
    files: Mapping[str, ExportFile],
    source: FileSource,
    *,
    replaces: bool,
) -> Changes:
    """Compare what an export holds with what lies in its folder.

    Args:
        folder: The export's.
        own: Which files there are ours.
        files: See `planned_files`.
        source: Gives the bytes of files.
        replaces: Files that are not ours, and ours that were changed, may be written over.

    Raises:
        EnvironmentFault: There are such files and they may not; or something cannot be read.
    """
    found: dict[str, list[str]] = {}
    for path, file in files.items():
        with explained(folder / path):
            found.setdefault(_action(folder, path, file, own, source), []).append(path)
    remove: list[str] = []
    for path in sorted((own.files.keys() | own.pending) - files.keys()):
        with explained(folder / path):
            is_ours = replaces or _may_go(folder, path, own)
        (remove if is_ours else found.setdefault("changed", [])).append(path)
    write = found.get("write", [])
    for how, remedy in _REFUSALS.items():
        if replaces:
            write += found.get(how, [])
        elif how in found:
            raise _refusal(folder, sorted(found[how]), how, remedy)
    adopt = found.get("adopt", [])
    return Changes(
        write=tuple(sorted(write)),
        adopt=tuple(adopt),
        remove=tuple(remove),
        kept=len(files) - len(write) - len(adopt),
    )


def _may_go(folder: Path, path: str, own: OwnFiles) -> bool:
    """Tell whether a file that is exported no more is still as we left it, or gone already."""
    refuse_links(folder, (folder / path).parent)
    status = _status(folder, path)
    known = own.files.get(path)
    if status is None or known is None or path in own.pending:
        return True
    return is_intact(folder / path, status, known, own.written_ns)


def _action(folder: Path, path: str, file: ExportFile, own: OwnFiles, source: FileSource) -> str:
    """Decide about one file: `keep`, `write`, `adopt`, `foreign` or `changed`."""
    whole = folder / path
    refuse_links(folder, whole.parent)
    status = _status(folder, path)
    known = own.files.get(path)
    if status is None or path in own.pending:
        if status is not None and not stat.S_ISREG(status.st_mode):
            return "foreign"
        return "write"
    if not stat.S_ISREG(status.st_mode):
        return "foreign"
    if known is not None and is_intact(whole, status, known, own.written_ns):
        return "keep" if known.made_from == source.made_from(file) else "write"
    if sha256_of_file(whole) == sha256_of_bytes(source.read(file)):
        return "adopt"
    return "foreign" if known is None else "changed"


def _refusal(folder: Path, paths: list[str], how: str, remedy: str) -> EnvironmentFault:
    what = "is not ours" if how == "foreign" else "was changed since it was exported"
    rest = f" (of {len(paths)}: {', '.join(paths[:_SHOWN])} …)" if len(paths) > 1 else ""
    return EnvironmentFault(
        f"nothing was exported: {folder / paths[0]} {what}{rest}", remedy=remedy
    )

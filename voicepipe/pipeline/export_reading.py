"""Reading an export back: are its files as they were exported, and would the engine find them?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import SourceSpan
from voicepipe.documents.findings import finding
from voicepipe.exporters.codes import AMBIGUOUS, CHANGED, FALLBACK_USED, NO_CLIP, NOT_FOUND
from voicepipe.exporters.own_files import is_intact, load_own_files
from voicepipe.exporters.protocol import ExportFault, ExportFaultKind, TextFile
from voicepipe.reports import in_source_order
from voicepipe.settings import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.exporters.own_files import OwnFiles
    from voicepipe.exporters.protocol import ExportFile
    from voicepipe.pipeline.exporting import PreparedExport

_CODES: Final = {
    ExportFaultKind.NOT_FOUND: NOT_FOUND,
    ExportFaultKind.AMBIGUOUS: AMBIGUOUS,
    ExportFaultKind.CHANGED: CHANGED,
}
_REMEDIES: Final = {
    ExportFaultKind.NOT_FOUND: "export again",
    ExportFaultKind.AMBIGUOUS: "rename one of the two lines",
    ExportFaultKind.CHANGED: "export again",
}


def check_export(prepared: PreparedExport) -> tuple[Diagnostic, ...]:
    """Find every fault of an export as it lies in its folder now.

    Returns:
        One diagnostic a line and language, and one a file that belongs to no line; errors are
        faults, warnings are lines spoken in another language. In the order of the scripts.

    Raises:
        EnvironmentFault: The folder cannot be read.
    """
    own = load_own_files(prepared.folder, prepared.export.name)
    if not own.is_there:
        where = f"nothing was exported to {prepared.folder} as {prepared.export.name}"
        return (finding(NOT_FOUND, SourceSpan(path=SETTINGS_FILE), where, "export first"),)
    found: dict[tuple[str, str], Diagnostic] = {}
    for fault in (*_file_faults(prepared, own), *_engine_faults(prepared)):
        key = (
            (fault.clip.line, fault.clip.language) if fault.clip else ("", fault.path or fault.what)
        )
        found.setdefault(key, _told(fault))
    missing = [
        finding(
            NO_CLIP, _span(row.script), f"{row.line} ({row.language}): {row.reason}", "render it"
        )
        for row in prepared.export.missing
    ]
    other = [
        finding(
            FALLBACK_USED,
            _span(clip.entry.script),
            f"{clip.line} ({clip.language}): the clip in {clip.fallback} stands in",
        )
        for clip in prepared.export.clips
        if clip.fallback
    ]
    return tuple(in_source_order([*found.values(), *missing, *other]))


def _file_faults(prepared: PreparedExport, own: OwnFiles) -> Iterator[ExportFault]:
    for path, file in prepared.files.items():
        fault = _file_fault(prepared, own, path, file)
        if fault is not None:
            yield fault


def _file_fault(
    prepared: PreparedExport, own: OwnFiles, path: str, file: ExportFile
) -> ExportFault | None:
    clip = None if isinstance(file, TextFile) else file.clip
    known = own.files.get(path)
    whole = prepared.folder / path
    try:
        status = os.lstat(whole)
        is_whole = known is not None and is_intact(whole, status, known, own.written_ns)
    except OSError as error:
        what = f"there is no {path}" if isinstance(error, FileNotFoundError) else f"{path}: {error}"
        return ExportFault(what=what, clip=clip, path=path)
    if known is None:
        return ExportFault(what=f"{path} was not exported by us", clip=clip, path=path)
    if not is_whole:
        what = f"{path} was changed since it was exported"
        return ExportFault(what=what, clip=clip, path=path, kind=ExportFaultKind.CHANGED)
    if known.made_from != prepared.source.made_from(file):
        what = f"{path} is not what {prepared.export.bank} {prepared.version} holds"
        return ExportFault(what=what, clip=clip, path=path, kind=ExportFaultKind.CHANGED)
    return None


def _engine_faults(prepared: PreparedExport) -> Iterator[ExportFault]:
    try:
        yield from prepared.exporter.check(prepared.export, prepared.folder)
    except (OSError, ValueError, LookupError, TypeError) as error:
        # A table that is gone or damaged; which one, the files above have told.
        yield ExportFault(what=f"it cannot be read back: {type(error).__name__}: {error}")


def _told(fault: ExportFault) -> Diagnostic:
    who = f"{fault.clip.line} ({fault.clip.language}): " if fault.clip else ""
    span = _span(fault.clip.entry.script) if fault.clip else SourceSpan(path=SETTINGS_FILE)
    return finding(_CODES[fault.kind], span, f"{who}{fault.what}", _REMEDIES[fault.kind])


def _span(script: str) -> SourceSpan:
    """Read `file:line:column`."""
    path, line, column = ([*script.rsplit(":", 2), "", ""])[:3]
    if not (path and line.isdecimal() and column.isdecimal()):
        return SourceSpan(path=script or SETTINGS_FILE)
    return SourceSpan(path=path, line=max(1, int(line)), column=max(1, int(column)))

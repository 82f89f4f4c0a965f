"""Sheets for translators from a project's scripts, and their work back into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean, has_errors
from voicepipe.documents.replacing import write_file
from voicepipe.documents.source import read_source
from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.project import input_error
from voicepipe.screenplay.formats.loader import LOC_FOLDER, load_screenplay
from voicepipe.screenplay.formats.loc_po import print_po, read_po
from voicepipe.screenplay.formats.loc_sheets import (
    IN_SCRIPT,
    REMOVED,
    STALE,
    SheetRow,
    brought_up,
    delimiter_of,
    print_sheet,
    read_sheet,
    sheet_of,
    taken_in,
)
from voicepipe.screenplay.ids.files import bytes_of
from voicepipe.screenplay.syntax import Language
from voicepipe.settings import load_settings

if TYPE_CHECKING:
    from voicepipe.documents.source import SourceFile

PO_SUFFIX = ".po"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The translations of a language, beside the script as it is now."""

    root: Path
    language: str
    path: str
    """Of the language's file, from the project root; it may not be there yet."""
    rows: tuple[SheetRow, ...]
    """Brought up to date, rows of lines that are gone last."""
    in_script: dict[str, str]
    """Line → its text in the script itself, where the file has none."""
    source: SourceFile | None
    """The file as it is."""

    def counted(self) -> dict[str, int]:
        """Count lines by how they are translated."""
        there = [row for row in self.rows if row.status != REMOVED]
        stale = sum(row.status == STALE for row in there)
        missing = sum(not row.text and row.status != IN_SCRIPT for row in there)
        return {
            "lines": len(there),
            "translated": len(there) - stale - missing,
            "stale": stale,
            "missing": missing,
            "removed": len(self.rows) - len(there),
        }


def open_sheet(root: Path, language: str, returned: Path | None = None) -> Sheet:
    """Read a project's lines and their translations into a language.

    Args:
        root: The project root.
        language: One of its languages, and not the script's own.
        returned: A sheet that came back from translators, CSV or PO; what it says is taken in.

    Raises:
        InputError: Settings, scripts or sheets cannot be read.
        UsageError: The language is none of the project's, or is that of the script.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    tags = [tag for tag in settings.all_languages if tag != settings.source_language]
    if language not in tags:
        hint = did_you_mean(language, tags)
        raise UsageError(
            f'"{language}" is not a language to translate into{hint}',
            remedy=f"the project has {', '.join(tags) or 'no other than that of the script'}",
        )
    path = str(PurePosixPath(settings.scripts) / LOC_FOLDER / f"{language}.csv")
    source = _source(root, path) if (root / path).exists() else None
    there = [] if source is None else _read(source)
    if returned is not None:
        there = taken_in(there, _read(_source(returned.resolve().parent, returned.name)))
    loaded = load_screenplay(root, settings, with_translations=False)
    if has_errors(loaded.diagnostics):
        raise input_error(root, loaded.diagnostics)
    origin = Language(settings.source_language)
    wanted = sheet_of(loaded.screenplay, Language(language), origin)
    rows = tuple(brought_up(wanted, there))
    return Sheet(
        root=root,
        language=language,
        path=path,
        rows=rows,
        in_script={row.line: row.text for row in wanted if row.text},
        source=source,
    )


def exported(sheet: Sheet, suffix: str, *, only_open: bool) -> str:
    """Write a sheet for translators: CSV, or PO for that suffix.

    Args:
        sheet: Of a language.
        suffix: Of the file to write; anything but `.po` is CSV.
        only_open: Leave out lines whose translation is there and up to date.
    """
    rows = [
        row if row.text else _with_text(row, sheet.in_script.get(row.line, ""))
        for row in sheet.rows
        if row.status != REMOVED
    ]
    if only_open:
        rows = [row for row in rows if not row.text or row.status == STALE]
    return print_po(rows, sheet.language) if suffix == PO_SUFFIX else print_sheet(rows)


def _with_text(row: SheetRow, text: str) -> SheetRow:
    return SheetRow(
        line=row.line,
        text=text,
        source_hash=row.source_hash,
        source=row.source,
        speaker=row.speaker,
        direction=row.direction,
        context=row.context,
        place=row.place,
        more=row.more,
    )


def updated(sheet: Sheet) -> bytes:
    """Give the language's file as it should be."""
    text = print_sheet(sheet.rows, delimiter_of(sheet.source)).encode("utf-8")
    has_bom = sheet.source is not None and sheet.source.has_bom
    return (b"\xef\xbb\xbf" if has_bom else b"") + text


def save(sheet: Sheet) -> bool:
    """Write the language's file in one step; tell whether it changed.

    Raises:
        EnvironmentFault: It has changed meanwhile, or cannot be written.
    """
    content = updated(sheet)
    before = None if sheet.source is None else bytes_of(sheet.source)
    if content == before:
        return False
    path = sheet.root / sheet.path
    try:
        has_changed = before is not None and path.read_bytes() != before
    except OSError as error:
        raise EnvironmentFault(f"cannot read {sheet.path}: {error.strerror}") from error
    if has_changed:
        raise EnvironmentFault(
            f"{sheet.path} has changed meanwhile", remedy="run the command again"
        )
    write_file(path, content)
    return True


def _source(folder: Path, name: str) -> SourceFile:
    source, problems = read_source(folder, name)
    if source is None:
        raise input_error(folder, problems)
    return source


def _read(source: SourceFile) -> list[SheetRow]:
    is_po = PurePosixPath(source.path).suffix.lower() == PO_SUFFIX
    try:
        return read_po(source) if is_po else read_sheet(source)
    except ValueError as error:
        raise InputError(
            str(error), remedy="a sheet has the columns line, text and source_hash, or is a PO file"
        ) from error

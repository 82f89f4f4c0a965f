"""Putting ids into script text: insertions only, so that everything else stays as it is.

It works on text in memory; `id_files` reads and writes.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from voicepipe.documents.csv_rows import find_delimiter, iter_rows
from voicepipe.documents.findings import Findings
from voicepipe.screenplay.formats.loader import CSV_SUFFIX, parse_scripts
from voicepipe.screenplay.story.story import screenplay_lines
from voicepipe.screenplay.syntax import DialogueLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.values import ScriptLanguages
    from voicepipe.screenplay.ids.numbering import IdProposal

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_EMPTY_LINE_KEY: Final = re.compile(r"""(?:^|[\s{,])["']?line["']?[ \t]*:[ \t]*\Z""")
_SPANS: Final = frozenset({"span", "goto_span"})


class _Insertion(NamedTuple):
    at: int
    text: str


def insert_ids(source: SourceFile, proposals: Sequence[IdProposal]) -> str:
    """Write ids into a script.

    Args:
        source: A YAML or CSV script.
        proposals: For entries of this file.

    Returns:
        The text with the ids: line ends, comments, order and indentation as they were.
    """
    starts = _line_starts(source.text)
    is_csv = PurePosixPath(source.path).suffix.lower() == CSV_SUFFIX
    if is_csv:
        insertions = _csv_insertions(source, proposals, starts)
    else:
        insertions = [
            _yaml_insertion(source.text, _offset(p.span, starts), p.id) for p in proposals
        ]
    pieces: list[str] = []
    at = 0
    for insertion in sorted(insertions):
        pieces += (source.text[at : insertion.at], insertion.text)
        at = insertion.at
    return "".join((*pieces, source.text[at:]))


def only_ids_were_added(
    before: SourceFile,
    after: SourceFile,
    proposals: Sequence[IdProposal],
    languages: ScriptLanguages,
) -> bool:
    """Read a script again, and tell whether it says what it said, with just these ids more."""
    old, known_problems = parse_scripts([before], languages)
    new, problems = parse_scripts([after], languages)
    by_place = {(p.span.line, p.span.column): p.id for p in proposals}
    wanted = [
        line.id or by_place.get((line.span.line, line.span.column))
        for line in screenplay_lines(old)
    ]
    if len(problems) > len(known_problems) or [line.id for line in screenplay_lines(new)] != wanted:
        return False
    return meaning(old) == meaning(new)


def meaning(record: object) -> object:
    """Strip places and ids of lines, so that two readings can be compared."""
    if is_dataclass(record):
        is_line = isinstance(record, DialogueLine)
        return (
            type(record).__name__,
            *(
                meaning(getattr(record, field.name))
                for field in fields(record)
                if field.name not in _SPANS and not (is_line and field.name == "id")
            ),
        )
    if isinstance(record, dict):
        return {key: meaning(value) for key, value in record.items()}
    if isinstance(record, tuple):
        return tuple(meaning(item) for item in record)
    return record


def offset_of(source: SourceFile, span: SourceSpan) -> int:
    """Find where a place is in a file's text."""
    return _offset(span, _line_starts(source.text))


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


def _offset(span: SourceSpan, starts: Sequence[int]) -> int:
    return starts[span.line - 1] + span.column - 1


def _yaml_insertion(text: str, at: int, line_id: str) -> _Insertion:
    line_start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    before = text[line_start:at]
    if _EMPTY_LINE_KEY.search(before):
        return _Insertion(at, ("" if before[-1].isspace() else " ") + line_id)
    if text.startswith("{", at):
        is_spaced = text[at + 1 : at + 2].isspace()
        inserted = f" line: {line_id}," if is_spaced else f"line: {line_id}, "
        return _Insertion(at + 1, inserted)
    line_break = _LINE_BREAK.search(text, at) or _LINE_BREAK.search(text)
    newline = "\n" if line_break is None else line_break[0]
    return _Insertion(at, f"line: {line_id}{newline}{' ' * (at - line_start)}")


def _csv_insertions(
    source: SourceFile, proposals: Iterable[IdProposal], starts: Sequence[int]
) -> list[_Insertion]:
    delimiter = find_delimiter(source)
    rows = iter_rows(source, Findings())
    header = next(rows)
    names = [cell.strip().lower() for cell in header.cells]
    insertions: list[_Insertion] = []
    if "line" in names:
        column = names.index("line")
    else:
        column = len(names)
        end = _record_end(source.text, starts[header.line - 1], delimiter)
        insertions.append(_Insertion(end, f"{delimiter}line"))
    by_row = {p.span.line: p.id for p in proposals}
    for row in rows:
        line_id = by_row.pop(_line_of(row, column, has_column="line" in names), None)
        if line_id is None:
            continue
        if column < len(row.cells):
            at = _offset(row.span(column), starts)
            insertions.append(_Insertion(at, line_id))
        else:
            end = _record_end(source.text, starts[row.line - 1], delimiter)
            missing = delimiter * (column - len(row.cells) + 1)
            insertions.append(_Insertion(end, missing + line_id))
    return insertions


def _line_of(row: CsvRow, column: int, *, has_column: bool) -> int:
    return row.span(column if has_column else 0).line


def _record_end(text: str, at: int, delimiter: str) -> int:
    """Find where a record ends: the first line break outside quotation marks."""
    while True:
        if text.startswith('"', at):
            at = text.find('"', at + 1)
            while at >= 0 and text.startswith('"', at + 1):
                at = text.find('"', at + 2)
            if at < 0:
                return len(text)
        line_break = _LINE_BREAK.search(text, at)
        end = len(text) if line_break is None else line_break.start()
        cell_end = text.find(delimiter, at, end)
        if cell_end < 0:
            return end
        at = cell_end + 1

"""CSV as rows of cells, each with its own place in the file.

The standard reader knows only the line a row ends on, and lets a stray
quotation mark swallow the rest of a file without a word.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from voicepipe.documents.codes import MALFORMED_CSV, TOO_LONG
from voicepipe.documents.source import MAX_VALUE_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile

DELIMITERS: Final = (",", ";", "\t")
"""What separates cells; a semicolon is what spreadsheets write where the comma is decimal."""

MAX_CELLS: Final = 1000
"""Cells in a row; a project of fifty languages has about seventy columns."""

_TOLD: Final = re.compile(r"sep=([,;\t])(?=[\r\n]|\Z)")
"""A first line that spreadsheets write and read: what separates cells, no row of its own."""
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_Place = tuple[int, int, int]


class CsvRow:
    """One record: its cells, and where they stand."""

    __slots__ = ("_places", "_record", "_source", "cells", "line")

    def __init__(
        self,
        source: SourceFile,
        line: int,
        cells: list[str],
        *,
        record: str = "",
        places: list[_Place] | None = None,
    ) -> None:
        self._source = source
        self._record = record
        self._places = places
        self.line = line
        """The physical line the record starts on, from 1."""
        self.cells = cells
        """Quotation marks removed, spaces kept."""

    def span(self, index: int) -> SourceSpan:
        """The place of a cell's text, or of the row's end for a cell that is not there."""
        if self._places is None:
            self._places = self._find_places()
        if index < len(self._places):
            return self._source.span(*self._places[index])
        line, column, length = self._places[-1]
        return self._source.span(line, column + length)

    def _find_places(self) -> list[_Place]:
        """Work out where the cells of a record on a single line are."""
        places = []
        at = 0
        for cell in self.cells:
            if self._record.startswith('"', at):
                length = len(cell) + cell.count('"')
                places.append((self.line, at + 2, length))
                at += length + 3
            else:
                places.append((self.line, at + 1, len(cell)))
                at += len(cell) + 1
        return places


def find_delimiter(source: SourceFile) -> str:
    """Tell what separates cells: the first line's own word, or the header row; else a comma."""
    header = _LINE_END.split(source.text, maxsplit=1)[0]
    told = _TOLD.fullmatch(header)
    return told[1] if told is not None else max(DELIMITERS, key=header.count)


def iter_rows(source: SourceFile, findings: Findings) -> Iterator[CsvRow]:
    """Read the records of a CSV file, the header first.

    Args:
        source: The file.
        findings: Told of quotation marks that do not match, and of cells that are too long.

    Yields:
        Every record that is not blank, up to a quotation mark that is never closed, or a row
        too wide to be one.
    """
    reader = _Reader(source, find_delimiter(source), findings)
    if _TOLD.match(source.text):
        reader.row()
    while not reader.is_done:
        row = reader.row()
        if row is not None and any(map(str.strip, row.cells)):
            yield row


class _Reader:
    def __init__(self, source: SourceFile, delimiter: str, findings: Findings) -> None:
        self._source = source
        self._text = source.text
        self._delimiter = delimiter
        self._ends_cell = re.compile(f"[\r\n{delimiter}]")
        self._findings = findings
        self._at = 0
        self._line = 1
        self._line_start = 0
        self.is_done = not source.text

    def row(self) -> CsvRow | None:
        """Read one record; None for blank lines, and when it could not be finished."""
        blank = _LINE_ENDS.match(self._text, self._at)
        if blank is not None:
            self._skip(blank)
            return None
        end = _LINE_END.search(self._text, self._at)
        stop = len(self._text) if end is None else end.start()
        record = self._text[self._at : stop]
        line = self._line
        cells = self._split(record)
        if cells is None:
            return self._quoted_row()
        if len(cells) > MAX_CELLS:
            self._too_wide(line)
            return None
        self._next_line(end)
        row = CsvRow(self._source, line, cells, record=record)
        if len(record) > MAX_VALUE_LENGTH:
            row.cells = [self._limited(cell, row.span(i)) for i, cell in enumerate(cells)]
        return row

    def _skip(self, blank: re.Match[str]) -> None:
        """Pass over lines with nothing in them."""
        breaks = blank[0]
        self._line += breaks.count("\n") + breaks.count("\r") - breaks.count("\r\n")
        self._at = self._line_start = blank.end()
        self.is_done = self._at >= len(self._text)

    def _split(self, record: str) -> list[str] | None:
        """Split a record that is whole on its line; None when it has to be read with care."""
        if '"' not in record:
            return record.split(self._delimiter, MAX_CELLS)
        if record.count('"') % 2:
            return None
        try:
            return next(csv.reader((record,), delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None

    def _quoted_row(self) -> CsvRow | None:
        first_line = self._line
        cells: list[str] = []
        places: list[_Place] = []
        while True:
            quoted = self._text.startswith('"', self._at)
            cell = self._quoted(places) if quoted else self._bare(places)
            if cell is None:
                self.is_done = True
                return None
            cells.append(cell)
            if len(cells) > MAX_CELLS:
                self._too_wide(first_line)
                return None
            if self._text.startswith(self._delimiter, self._at):
                self._at += 1
                continue
            self._next_line(_LINE_END.match(self._text, self._at))
            return CsvRow(self._source, first_line, cells, places=places)

    def _bare(self, places: list[_Place]) -> str:
        start, stop = self._at, self._cell_end()
        cell = self._text[start:stop]
        column = start - self._line_start + 1
        places.append((self._line, column, len(cell)))
        self._at = stop
        return self._limited(cell, self._source.span(self._line, column))

    def _quoted(self, places: list[_Place]) -> str | None:
        line, column = self._line, self._at - self._line_start + 2
        start = self._at + 1
        stop = self._text.find('"', start)
        while stop >= 0 and self._text.startswith('"', stop + 1):
            stop = self._text.find('"', stop + 2)
        if stop < 0:
            span = self._source.span(line, column - 1)
            message = "this quotation mark is never closed"
            self._findings.add(MALFORMED_CSV, span, message, 'close it; write "" for one inside')
            return None
        written = self._text[start:stop]
        breaks = list(_LINE_END.finditer(written))
        if breaks:
            self._line += len(breaks)
            self._line_start = start + breaks[-1].end()
        places.append((line, column, breaks[0].start() if breaks else len(written)))
        self._at = stop + 1
        self._skip_stray()
        return self._limited(written.replace('""', '"'), self._source.span(line, column))

    def _skip_stray(self) -> None:
        """Report and pass over anything between a closing quotation mark and the cell's end."""
        start, stop = self._at, self._cell_end()
        if self._text[start:stop].strip():
            span = self._source.span(self._line, start - self._line_start + 1, stop - start)
            message = "the cell goes on after its closing quotation mark"
            remedy = 'write a quotation mark inside a quoted cell twice: ""'
            self._findings.add(MALFORMED_CSV, span, message, remedy)
        self._at = stop

    def _cell_end(self) -> int:
        end = self._ends_cell.search(self._text, self._at)
        return len(self._text) if end is None else end.start()

    def _too_wide(self, line: int) -> None:
        message = f"a row of more than {MAX_CELLS} cells"
        self._findings.add(MALFORMED_CSV, self._source.span(line), message, "remove it")
        self.is_done = True

    def _next_line(self, end: re.Match[str] | None) -> None:
        if end is None:
            self.is_done = True
            return
        self._at = self._line_start = end.end()
        self._line += 1
        self.is_done = self._at >= len(self._text)

    def _limited(self, cell: str, span: SourceSpan) -> str:
        if len(cell) <= MAX_VALUE_LENGTH:
            return cell
        message = f"a cell of {len(cell)} characters; the limit is {MAX_VALUE_LENGTH}"
        remedy = "check that every quotation mark is closed"
        self._findings.add(TOO_LONG, span, message, remedy)
        return ""

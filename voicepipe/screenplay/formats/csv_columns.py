"""Which columns a screenplay in CSV has, and which of them each kind of row fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.screenplay.codes.syntax import BAD_COLUMNS, MISPLACED_CELL

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.screenplay.formats.values import ValueReader
    from voicepipe.screenplay.syntax import Language

TEXT_PREFIX: Final = "text:"
"""`text:en` holds what English says."""
COLUMNS: Final = (
    "kind",
    "scene",
    "node",
    "line",
    "who",
    "voiced",
    "emotion",
    "speed",
    "slot",
    "note",
    "comment",
    "tags",
    "goto",
    "when",
    "set",
    "once",
    "entry",
    "value",
)
"""Every column but the texts, in the order they are printed."""

Filled = dict[str, str]
"""The cells of one row that say something, by column."""

_REPORTED: Final = "?"
"""Stands for a column nobody may fill and everybody has been told about."""
_IGNORED: Final = "_"
"""Columns whose name begins with an underscore are the writer's own."""
_WHERE: Final = ("kind", "scene", "node")
_SPOKEN: Final = (
    *_WHERE,
    "line",
    "who",
    "voiced",
    "emotion",
    "speed",
    "slot",
    "note",
    "comment",
    "tags",
    "text:",
)
ROW_COLUMNS: Final[dict[str, frozenset[str]]] = {
    "line": frozenset((*_SPOKEN, "when")),
    "bark": frozenset((*_SPOKEN, "when")),
    "option": frozenset((*_SPOKEN, "goto", "when", "set", "once")),
    "choice": frozenset(_WHERE),
    "goto": frozenset((*_WHERE, "goto", "when")),
    "detour": frozenset((*_WHERE, "goto", "when")),
    "set": frozenset((*_WHERE, "set")),
    "comment": frozenset((*_WHERE, "comment")),
    "scene": frozenset(("kind", "scene", "goto", "value", "note", "entry")),
    "node": frozenset((*_WHERE, "entry")),
    "barks": frozenset((*_WHERE, "note")),
    "speaker": frozenset(("kind", "line", "note", "value", "text:")),
    "variable": frozenset(("kind", "line", "value", "text:")),
    "spoken": frozenset(("kind", "line", "text:")),
    "start": frozenset(("kind", "goto")),
    "entry": frozenset(("kind", "goto")),
}
"""Every kind of row, and the columns it fills."""


class Header:
    """The columns of one file."""

    def __init__(self, row: CsvRow, values: ValueReader) -> None:
        self._values = values
        self._at: dict[str, int] = {}
        self._names: list[str] = []
        self.languages: list[tuple[Language, int]] = []
        """Each language of a text column, and the column."""
        for index, cell in enumerate(row.cells):
            name = cell.strip().lower()
            self._names.append(self._column(name, index, row.span(index)))
        text_columns = frozenset(self._names[index] for _, index in self.languages)
        self._allowed = {
            kind: columns | text_columns if TEXT_PREFIX in columns else columns
            for kind, columns in ROW_COLUMNS.items()
        }

    def filled(self, row: CsvRow) -> Filled:
        """The cells of a row that say something, by column, without the spaces around them.

        Cells of columns that are reported already, or the writer's own, are left out.
        """
        filled = {}
        for name, cell in zip(self._names, row.cells, strict=False):
            if cell and name not in (_REPORTED, _IGNORED) and (stripped := cell.strip()):
                filled[name] = stripped
        if any(cell.strip() for cell in row.cells[len(self._names) :]):
            filled[""] = "beyond"
        return filled

    def span(self, row: CsvRow, column: str) -> SourceSpan:
        """The place of a cell; of the row's first cell when there is no such column."""
        return row.span(self._at.get(column, 0))

    def check_cells(self, row: CsvRow, filled: Filled, kind: str) -> None:
        """Report every cell that says something this kind of row has no use for."""
        for name in filled.keys() - self._allowed[kind]:
            column = f'column "{name}"' if name else "a column without a name"
            message = f'a "{kind}" row has no use for {column}'
            remedy = f"it fills {', '.join(sorted(ROW_COLUMNS[kind]))}"
            index = self._at[name] if name else self._unnamed(row)
            self._values.findings.add(MISPLACED_CELL, row.span(index), message, remedy)

    def _unnamed(self, row: CsvRow) -> int:
        """The first cell that says something under no name."""
        names = [*self._names, *[""] * len(row.cells)]
        return next(i for i, cell in enumerate(row.cells) if cell.strip() and not names[i])

    def _column(self, name: str, index: int, span: SourceSpan) -> str:
        findings = self._values.findings
        if not name:
            return name
        if name.startswith("_"):
            return _IGNORED
        if name in self._at:
            message = f'there are two columns "{name}"'
            findings.add(BAD_COLUMNS, span, message, "remove one")
            return _REPORTED
        if name.startswith(TEXT_PREFIX):
            language = self._values.language(name.removeprefix(TEXT_PREFIX).strip(), span)
            if language is None:
                return _REPORTED
            self.languages.append((language, index))
        elif name not in COLUMNS:
            known = (*COLUMNS, *(f"{TEXT_PREFIX}{tag}" for tag in self._values.languages.known))
            message = f'there is no column "{name}"{did_you_mean(name, known)}'
            if name in self._values.languages.known:
                message = f'there is no column "{name}" — did you mean "{TEXT_PREFIX}{name}"?'
            remedy = f"columns are {', '.join(COLUMNS)} and text:<language>"
            findings.add(BAD_COLUMNS, span, message, remedy)
            return _REPORTED
        self._at[name] = index
        return name

"""Which columns a screenplay in CSV has, and which of them each kind of row fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.screenplay.syntax_codes import BAD_COLUMNS, MISPLACED_CELL

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.screenplay.syntax import Language
    from voicepipe.screenplay.values import ValueReader

TEXT_PREFIX: Final = "text:"
"""`text:en` holds what English says."""
COLUMNS: Final = (
    "kind",
    "scene",
    "node",
    "line",
    "who",
    "emotion",
    "speed",
    "note",
    "comment",
    "tags",
    "goto",
    "when",
    "set",
    "value",
)
"""Every column but the texts, in the order they are printed."""

_WHERE: Final = ("kind", "scene", "node")
_SPOKEN: Final = (*_WHERE, "line", "who", "emotion", "speed", "note", "comment", "tags", "text:")
ROW_COLUMNS: Final[dict[str, frozenset[str]]] = {
    "line": frozenset((*_SPOKEN, "when")),
    "bark": frozenset((*_SPOKEN, "when")),
    "option": frozenset((*_SPOKEN, "goto", "when", "set")),
    "choice": frozenset(_WHERE),
    "goto": frozenset((*_WHERE, "goto", "when")),
    "set": frozenset((*_WHERE, "set")),
    "comment": frozenset((*_WHERE, "comment")),
    "scene": frozenset(("kind", "scene", "goto", "value", "note")),
    "node": frozenset(_WHERE),
    "barks": frozenset((*_WHERE, "note")),
    "speaker": frozenset(("kind", "line", "note", "value", "text:")),
    "variable": frozenset(("kind", "line", "value", "text:")),
    "start": frozenset(("kind", "goto")),
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
        self._allowed = {kind: self._indices(columns) for kind, columns in ROW_COLUMNS.items()}

    def index(self, column: str) -> int | None:
        """The place of a column in every row, or None."""
        return self._at.get(column)

    def cell(self, row: CsvRow, column: str) -> str:
        """A cell without the spaces around it; empty when it or its column is missing."""
        index = self._at.get(column)
        return "" if index is None or index >= len(row.cells) else row.cells[index].strip()

    def span(self, row: CsvRow, column: str) -> SourceSpan:
        """The place of a cell; of the row's first cell when there is no such column."""
        return row.span(self._at.get(column, 0))

    def check_cells(self, row: CsvRow, kind: str) -> None:
        """Report every cell that says something this kind of row has no use for."""
        allowed = self._allowed[kind]
        for index, cell in enumerate(row.cells):
            if cell and index not in allowed and cell.strip():
                name = self._names[index] if index < len(self._names) else ""
                column = f'column "{name}"' if name else "a column without a name"
                message = f'a "{kind}" row has no use for {column}'
                remedy = f"it fills {', '.join(sorted(ROW_COLUMNS[kind]))}"
                self._values.findings.add(MISPLACED_CELL, row.span(index), message, remedy)

    def _column(self, name: str, index: int, span: SourceSpan) -> str:
        findings = self._values.findings
        if not name:
            return name
        if name in self._at:
            message = f'there are two columns "{name}"'
            findings.add(BAD_COLUMNS, span, message, "remove one")
            return ""
        if name.startswith(TEXT_PREFIX):
            language = self._values.language(name.removeprefix(TEXT_PREFIX).strip(), span)
            if language is not None:
                self.languages.append((language, index))
        elif name not in COLUMNS:
            message = f'there is no column "{name}"{did_you_mean(name, (*COLUMNS, "text:en"))}'
            remedy = f"columns are {', '.join(COLUMNS)} and text:<language>"
            findings.add(BAD_COLUMNS, span, message, remedy)
            self._at.setdefault(name, index)
            return ""
        self._at[name] = index
        return name

    def _indices(self, columns: frozenset[str]) -> frozenset[int]:
        texts = {index for _, index in self.languages} if TEXT_PREFIX in columns else set()
        # Columns that are reported already are not reported again cell by cell.
        unknown = {index for name, index in self._at.items() if name not in COLUMNS}
        unknown -= {index for _, index in self.languages}
        known = {self._at[name] for name in columns if name in self._at}
        return frozenset(texts | known | unknown)

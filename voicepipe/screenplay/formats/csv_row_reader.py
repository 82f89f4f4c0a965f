"""One row of a screenplay in CSV, read by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.codes.syntax import MISSING_KEY

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.screenplay.formats.csv_columns import Header
    from voicepipe.screenplay.formats.values import ValueReader
    from voicepipe.screenplay.syntax import Expression, Language, SourceText


FLAGS: Final = ("true", "false")


class RowReader:
    """Reads the cells of one row, each as its column asks."""

    __slots__ = ("_filled", "_header", "_row", "_values")

    def __init__(self, row: CsvRow, header: Header, values: ValueReader) -> None:
        self._row = row
        self._header = header
        self._values = values
        self._filled = header.filled(row)

    @property
    def kind(self) -> str:
        """What kind of row this is."""
        return self._filled.get("kind", "line")

    def check_cells(self) -> None:
        """Report every cell this kind of row has no use for."""
        self._header.check_cells(self._row, self._filled, self.kind)

    def cell(self, column: str) -> str:
        """A cell without the spaces around it; empty when it or its column is missing."""
        return self._filled.get(column, "")

    def span(self, column: str = "") -> SourceSpan:
        """The place of a cell; of the row's first cell when there is no such column."""
        return self._header.span(self._row, column)

    def plain(self, column: str) -> str:
        """Words shown to people only."""
        raw = self._filled.get(column)
        return "" if raw is None else self._values.plain(raw)

    def identifier(self, column: str, what: str = "") -> str:
        """An id, or empty."""
        raw = self._filled.get(column, "")
        if raw and not self._values.is_known_id(raw):
            self._values.identifier(raw, self.span(column), what or column)
        return raw

    def speed(self) -> float:
        """The pace of a line."""
        raw = self._filled.get("speed")
        return 1.0 if raw is None else self._values.speed(raw, self.span("speed"))

    def slots(self) -> dict[str, float]:
        """How long a line's speech lasts in the picture."""
        raw = self._filled.get("slot")
        return {} if raw is None else self._values.slots(raw, self.span("slot"))

    def flag(self, column: str, *, unless_given: bool) -> bool:
        """Read a cell of `true` or `false`."""
        raw = self._filled.get(column)
        if raw is None:
            return unless_given
        # Spreadsheets write TRUE and FALSE.
        return self._values.choice(raw.lower(), self.span(column), column, FLAGS) == "true"

    def target(self) -> str:
        """Where a jump leads, or empty."""
        raw = self._filled.get("goto", "")
        return self._values.target(raw, self.span("goto")) if raw else ""

    def detour(self) -> str:
        """Read what a detour plays, or empty."""
        raw = self._filled.get("goto", "")
        return self._values.detour(raw, self.span("goto")) if raw else ""

    def tags(self) -> tuple[str, ...]:
        """The tags of a line."""
        raw = self._filled.get("tags")
        return () if raw is None else self._values.tags(raw, self.span("tags"))

    def condition(self) -> Expression | None:
        """What has to hold, or None."""
        raw = self._filled.get("when")
        return None if raw is None else self._values.condition(raw, self.span("when"))

    def assignments(self) -> tuple[Expression, ...]:
        """What changes."""
        raw = self._filled.get("set")
        return () if raw is None else self._values.assignments(raw, self.span("set"))

    def texts(self) -> dict[Language, SourceText]:
        """What each language says; spoken and shown."""
        texts = {}
        cells = self._row.cells
        for language, index in self._header.languages:
            if index < len(cells) and cells[index]:
                text = self._values.text(cells[index], self._row.span(index))
                if text is not None:
                    texts[language] = text
        return texts

    def names(self) -> dict[Language, str]:
        """What each language calls something; shown, or filled into texts."""
        cells = self._row.cells
        return {
            language: self._values.plain(cells[index])
            for language, index in self._header.languages
            if index < len(cells) and cells[index].strip()
        }

    def missing(self, column: str, message: str) -> None:
        """Report a cell that has to be filled."""
        self._values.findings.add(MISSING_KEY, self.span(column), message, f"fill in {column}")

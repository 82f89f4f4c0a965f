"""Decisions as a table: one row a decision, in stable order, so that version control can merge it.

A merge that keeps the rows of both sides loses nothing: of two rows about one thing the one that
was decided more often holds, and two different ones with the same count are for a person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicepipe.bank.codes import BAD_DECISION, DECIDED_TWICE
from voicepipe.bank.decision_rows import (
    COLUMNS,
    KINDS,
    NEEDED,
    RECORDING,
    REVIEW_COLUMNS,
    fault_of,
    record_of,
    rows_of,
)
from voicepipe.bank.decisions import Decision, Decisions, SpokenText
from voicepipe.bank.reviews import Review, ReviewKind
from voicepipe.documents.csv_rows import iter_rows
from voicepipe.documents.findings import Findings
from voicepipe.hashing import SHORT_DIGITS, sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.bank.decision_rows import Record
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.documents.source import SourceFile

_QUOTED: Final = re.compile(r'[,"\r\n]')
_MARKER: Final = re.compile(r"<{7}|>{7}|={7}|\|{7}")


def text_digest(text: str) -> str:
    """Give the first digits of a text's sha256: what is noted of the text a recording speaks."""
    return sha256_of_bytes(text.encode("utf-8"))[:SHORT_DIGITS]


def decisions_csv(decisions: Decisions) -> str:
    """Write decisions the one way: rows sorted by line, language, kind and recording."""
    rows = [*rows_of(decisions), *decisions.others]
    used = {name for row in rows for name in row}
    known = (*COLUMNS, *(REVIEW_COLUMNS if used.intersection(REVIEW_COLUMNS) else ()))
    names = (*known, *sorted(used - set(known)))
    ordered = sorted(
        rows,
        key=lambda row: [row.get(name, "") for name in (*NEEDED, "recording", *names)],
    )
    table = [names, *([row.get(name, "") for name in names] for row in ordered)]
    return "".join(f"{','.join(map(_cell, row))}\n" for row in table)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def parse_decisions(source: SourceFile) -> tuple[Decisions, tuple[Diagnostic, ...]]:
    """Read decisions strictly.

    Returns:
        What could be read, and what is wrong with the rest: whoever finds an error there decides
        nothing by it, because a lost pin may cost a take that cannot be made again.
    """
    findings = Findings()
    rows = list(iter_rows(source, findings))
    named = [row for row in rows if not _MARKER.match(row.cells[0])]
    headers = _headers(named)
    if headers and not _header_fault(named[0], headers[0], findings):
        reader = _Reader(findings, headers)
        for row in rows:
            if _MARKER.match(row.cells[0]):
                message = "a merge left the rows of both sides here, with marks between them"
                remedy = "delete the lines <<<<<<<, ======= and >>>>>>>, and keep every row"
                findings.add(BAD_DECISION, row.span(0), message, remedy)
                break
            reader.read(row)
        return reader.decisions(), findings.diagnostics()
    return Decisions(), findings.diagnostics()


def _stripped(row: CsvRow) -> list[str]:
    return [cell.strip() for cell in row.cells]


def _headers(rows: Sequence[CsvRow]) -> list[list[str]]:
    """Find what the columns are called: after a merge there may be a header for each side.

    Returns:
        The first row's names, and those of later headers that only add to the end of it or leave
        columns out there: one side of the merge had reviews, and the other none.
    """
    found: list[list[str]] = []
    for row in rows:
        cells = _stripped(row)
        if not found or (_is_header(cells) and _begin_alike(cells, found[0])):
            found.append(cells)
    return found


def _is_header(cells: Sequence[str]) -> bool:
    return tuple(cells[: len(NEEDED)]) == NEEDED


def _begin_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    n = min(len(one), len(other))
    return one[:n] == other[:n]


def _header_fault(row: CsvRow, cells: Sequence[str], findings: Findings) -> bool:
    lacking = [name for name in NEEDED if name not in cells]
    if not lacking and len(set(cells)) == len(cells):
        return False
    what = f"no column {', '.join(lacking)}" if lacking else "two columns of one name"
    remedy = f"the first row is {','.join(COLUMNS)}"
    findings.add(BAD_DECISION, row.span(0), what, remedy)
    return True


class _Reader:
    """Takes in rows one by one; `headers` name the columns, for each width that rows have."""

    def __init__(self, findings: Findings, headers: Sequence[list[str]]) -> None:
        self._findings = findings
        self._headers = headers
        self._widths = {len(names): names for names in headers}
        self._kept: dict[tuple[str, ...], tuple[int, Record]] = {}
        self._others: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}

    def read(self, row: CsvRow) -> None:
        cells = _stripped(row)
        if cells in self._headers:
            return
        names = self._widths.get(len(cells))
        if names is None:
            n = len(self._headers[0])
            message = f"a row of {len(cells)} cells under {n} columns"
            self._findings.add(BAD_DECISION, row.span(0), message, f"write {n} cells")
            return
        facts = dict(zip(names, cells, strict=True))
        fault = fault_of(facts)
        if fault is None:
            self._keep(row, facts)
            return
        name, message = fault
        place = names.index(name) if name in names else 0
        remedy = "mend the cell, or restore the file from version control"
        self._findings.add(BAD_DECISION, row.span(place), message, remedy)

    def _keep(self, row: CsvRow, facts: dict[str, str]) -> None:
        kind = facts["kind"]
        if kind not in KINDS:
            filled = tuple(sorted((name, cell) for name, cell in facts.items() if cell))
            self._others[filled] = dict(filled)
            return
        one = record_of(facts)
        recording = facts["recording"] if kind == RECORDING else ""
        key = (kind, facts["line"], facts["language"], recording)
        line, known = self._kept.get(key, (0, None))
        if known is None or one.change > known.change:
            self._kept[key] = (row.line, one)
        elif one.change == known.change and one != known:
            what = "" if kind in ("take", RECORDING) else f", {kind}"
            message = (
                f"{facts['line']} ({facts['language']}{what}) is decided differently on line"
                f" {line}, as often as here"
            )
            remedy = "keep one of the two rows, and delete the other"
            self._findings.add(DECIDED_TWICE, row.span(0), message, remedy)

    def decisions(self) -> Decisions:
        lines: dict[tuple[str, str], Decision] = {}
        recordings: dict[tuple[str, str, str], SpokenText] = {}
        reviews: dict[tuple[str, str, ReviewKind], Review] = {}
        for (kind, line, language, recording), (_, one) in self._kept.items():
            if isinstance(one, Decision):
                lines[line, language] = one
            elif isinstance(one, SpokenText):
                recordings[line, language, recording] = one
            else:
                reviews[line, language, ReviewKind(kind)] = one
        return Decisions(
            lines=lines,
            recordings=recordings,
            reviews=reviews,
            others=tuple(self._others.values()),
        )

"""Decisions as a table: one row a decision, in stable order, so that version control can merge it.

A merge that keeps the rows of both sides loses nothing: of two rows about one thing the one that
was decided more often holds, and two different ones with the same count are for a person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicepipe.bank.codes import BAD_DECISION, DECIDED_TWICE
from voicepipe.bank.decisions import MOST_TAKES, SEEDS, Decision, Decisions, SpokenText
from voicepipe.bank.layout import is_hash
from voicepipe.documents.csv_rows import iter_rows
from voicepipe.documents.findings import Findings
from voicepipe.hashing import SHORT_DIGITS, sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.documents.source import SourceFile

COLUMNS: Final = (
    "line",
    "language",
    "kind",
    "take",
    "seed",
    "pin",
    "pinned_take",
    "recording",
    "text",
    "change",
)
TAKE: Final = "take"
"""The kind of row that holds a line's take, seed and pin."""
RECORDING: Final = "recording"
"""The kind of row that holds which text a recording speaks."""

_NEEDED: Final = ("line", "language", "kind")
_QUOTED: Final = re.compile(r'[,"\r\n]')
_MARKER: Final = re.compile(r"<{7}|>{7}|={7}|\|{7}")
_TEXT: Final = re.compile(rf"[0-9a-f]{{{SHORT_DIGITS}}}")
_NUMBERS: Final = {
    "take": (1, MOST_TAKES),
    "seed": (0, SEEDS - 1),
    "pinned_take": (0, MOST_TAKES),
    "change": (0, 2**31),
}


def text_mark(text: str) -> str:
    """Give the first digits of a text's sha256: what is noted of the text a recording speaks."""
    return sha256_of_bytes(text.encode("utf-8"))[:SHORT_DIGITS]


def decisions_csv(decisions: Decisions) -> str:
    """Write decisions the one way: rows sorted by line, language, kind and recording."""
    rows = [*_rows(decisions), *decisions.others]
    further = sorted({name for row in rows for name in row} - set(COLUMNS))
    names = (*COLUMNS, *further)
    ordered = sorted(
        rows,
        key=lambda row: [row.get(name, "") for name in (*_NEEDED, "recording", *names)],
    )
    table = [names, *([row.get(name, "") for name in names] for row in ordered)]
    return "".join(f"{','.join(map(_cell, row))}\n" for row in table)


def _rows(decisions: Decisions) -> Iterator[Mapping[str, str]]:
    for (line, language), one in decisions.lines.items():
        yield {
            **one.more,
            "line": line,
            "language": language,
            "kind": TAKE,
            "take": str(one.take),
            "seed": "" if one.seed is None else str(one.seed),
            "pin": one.pin,
            "pinned_take": str(one.pinned_take or ""),
            "change": str(one.change),
        }
    for (line, language, recording), spoken in decisions.recordings.items():
        yield {
            **spoken.more,
            "line": line,
            "language": language,
            "kind": RECORDING,
            "recording": recording,
            "text": spoken.text,
            "change": str(spoken.change),
        }


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def parse_decisions(source: SourceFile) -> tuple[Decisions, tuple[Diagnostic, ...]]:
    """Read decisions strictly.

    Returns:
        What could be read, and what is wrong with the rest: whoever finds an error there decides
        nothing by it, because a lost pin may cost a take that cannot be made again.
    """
    findings = Findings()
    reader = _Reader(findings)
    for row in iter_rows(source, findings):
        if _MARKER.match(row.cells[0]):
            message = "a merge left the rows of both sides here, with marks between them"
            remedy = "delete the lines <<<<<<<, ======= and >>>>>>>, and keep every row"
            findings.add(BAD_DECISION, row.span(0), message, remedy)
            break
        if not reader.read(row):
            break
    return reader.decisions(), findings.diagnostics()


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._names: list[str] = []
        self._kept: dict[tuple[str, ...], tuple[int, int, Decision | SpokenText]] = {}
        self._others: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}

    def read(self, row: CsvRow) -> bool:
        """Take in one row; False when nothing after it can be understood."""
        cells = [cell.strip() for cell in row.cells]
        if not self._names:
            return self._read_header(row, cells)
        if cells == self._names:
            return True  # both sides of a merge began the file
        if len(cells) != len(self._names):
            n = len(self._names)
            message = f"a row of {len(cells)} cells under {n} columns"
            self._findings.add(BAD_DECISION, row.span(0), message, f"write {n} cells")
        else:
            facts = dict(zip(self._names, cells, strict=True))
            fault = _fault(facts)
            if fault is None:
                self._keep(row, facts)
            else:
                name, message = fault
                place = self._names.index(name) if name in self._names else 0
                remedy = "mend the cell, or restore the file from version control"
                self._findings.add(BAD_DECISION, row.span(place), message, remedy)
        return True

    def _read_header(self, row: CsvRow, cells: list[str]) -> bool:
        self._names = cells
        lacking = [name for name in _NEEDED if name not in cells]
        if lacking or len(set(cells)) < len(cells):
            what = f"no column {', '.join(lacking)}" if lacking else "two columns of one name"
            remedy = f"the first row is {','.join(COLUMNS)}"
            self._findings.add(BAD_DECISION, row.span(0), what, remedy)
        return not lacking

    def _keep(self, row: CsvRow, facts: dict[str, str]) -> None:
        kind = facts["kind"]
        if kind not in (TAKE, RECORDING):
            self._others[tuple(sorted(facts.items()))] = facts
            return
        change = int(facts.get("change") or 0)
        one = _decision(facts, change) if kind == TAKE else _spoken(facts, change)
        recording = facts["recording"] if kind == RECORDING else ""
        key = (kind, facts["line"], facts["language"], recording)
        line, known_change, known = self._kept.get(key, (0, -1, one))
        if change == known_change and one != known:
            message = (
                f"{facts['line']} ({facts['language']}) is decided differently on line {line},"
                " as often as here"
            )
            remedy = "keep one of the two rows, and delete the other"
            self._findings.add(DECIDED_TWICE, row.span(0), message, remedy)
        elif change > known_change:
            self._kept[key] = (row.line, change, one)

    def decisions(self) -> Decisions:
        lines: dict[tuple[str, str], Decision] = {}
        recordings: dict[tuple[str, str, str], SpokenText] = {}
        for (_, line, language, recording), (_, _, one) in self._kept.items():
            if isinstance(one, Decision):
                lines[line, language] = one
            else:
                recordings[line, language, recording] = one
        return Decisions(lines=lines, recordings=recordings, others=tuple(self._others.values()))


def _decision(facts: Mapping[str, str], change: int) -> Decision:
    seed = facts.get("seed", "")
    return Decision(
        take=int(facts.get("take") or 1),
        seed=int(seed) if seed else None,
        pin=facts.get("pin", ""),
        pinned_take=int(facts.get("pinned_take") or 0),
        change=change,
        more=_more(facts),
    )


def _spoken(facts: Mapping[str, str], change: int) -> SpokenText:
    return SpokenText(text=facts["text"], change=change, more=_more(facts))


def _more(facts: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in facts.items() if name not in COLUMNS and cell}


def _fault(facts: Mapping[str, str]) -> tuple[str, str] | None:
    """Find the first cell that cannot be true: its column, and what is wrong."""
    for name in _NEEDED:
        if not facts.get(name):
            return name, f'"{name}" is empty'
    if facts["kind"] not in (TAKE, RECORDING):
        return None
    for name, (least, most) in _NUMBERS.items():
        cell = facts.get(name, "")
        if cell and not _is_number(cell, least, most):
            return name, f'"{cell}" is not a whole number from {least} to {most}'
    pin = facts.get("pin", "")
    if pin and not is_hash(pin):
        return "pin", f'"{pin}" is not a take key (64 hex digits)'
    if facts["kind"] == RECORDING:
        return _recording_fault(facts)
    return None


def _recording_fault(facts: Mapping[str, str]) -> tuple[str, str] | None:
    recording, text = facts.get("recording", ""), facts.get("text", "")
    if not is_hash(recording):
        return "recording", f'"{recording}" is not the sha256 of a recording (64 hex digits)'
    if _TEXT.fullmatch(text) is None:
        return "text", f'"{text}" is not the beginning of a sha256 ({SHORT_DIGITS} hex digits)'
    return None


def _is_number(cell: str, least: int, most: int) -> bool:
    return re.fullmatch(r"[0-9]{1,10}", cell) is not None and least <= int(cell) <= most

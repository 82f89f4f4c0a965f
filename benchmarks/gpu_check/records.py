"""What a check found: rows of figures under headings, as JSON and as Markdown."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import orjson

from voicepipe.documents.replacing import write_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMA = 1
JSON_NAME, MARKDOWN_NAME = "gpu-check.json", "gpu-check.md"


class Bar(Enum):
    """How a figure is held to its bar."""

    NONE = ""
    """It is only told."""
    AT_MOST = "<="
    AT_LEAST = ">="


class Status(Enum):
    """How a section ended."""

    PASSED = "passed"
    MISSED = "missed"
    """A figure misses its bar."""
    FAILED = "failed"
    """It raised an error."""
    NOT_RUN = "not run"
    """The time was over, or it needs what is not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure."""

    what: str
    found: float
    unit: str = ""
    bar: float = 0.0
    held: Bar = Bar.NONE
    note: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether the bar is met; what is no number meets none."""
        if self.held is Bar.AT_MOST:
            return self.found <= self.bar
        return self.held is Bar.NONE or self.found >= self.bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One check's figures."""

    name: str
    status: Status
    seconds: float
    figures: tuple[Figure, ...] = ()
    note: str = ""
    """What went wrong, or what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run."""

    device: str
    device_name: str
    made: str
    """UTC."""
    versions: dict[str, str]
    size: str
    """`full` or `tiny`."""
    sections: tuple[Section, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Whether every section ran and met its bars."""
        return all(section.status is Status.PASSED for section in self.sections)


def write_report(folder: Path, report: Report) -> None:
    """Write both forms; called after every section, so that a killed run leaves what it found."""
    content = orjson.dumps(_document(report), option=orjson.OPT_INDENT_2)
    write_file(folder / JSON_NAME, content + b"\n")
    write_file(folder / MARKDOWN_NAME, markdown(report).encode())


def markdown(report: Report) -> str:
    """Write the report for people."""
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    lines = [
        f"# {report.device_name} ({report.device}), {report.size} size",
        "",
        f"{report.made}; {versions}",
        "",
        "| check | result | seconds |",
        "|---|---|---|",
        *(f"| {s.name} | {s.status.value} | {s.seconds:.1f} |" for s in report.sections),
    ]
    for section in report.sections:
        lines += ["", f"## {section.name}: {section.status.value}", ""]
        if section.note:
            lines += ["```", section.note, "```", ""]
        if section.figures:
            lines += _table(section.figures)
    return "\n".join(lines) + "\n"


def _table(figures: Sequence[Figure]) -> list[str]:
    rows = ["| figure | found | bar | |", "|---|---|---|---|"]
    for figure in figures:
        bar = "" if figure.held is Bar.NONE else f"{figure.held.value} {figure.bar:g}"
        state = "" if figure.is_passed else "**missed**"
        note = " ".join(part for part in (state, figure.note) if part)
        rows.append(f"| {figure.what} | {figure.found:.4g} {figure.unit} | {bar} | {note} |")
    return rows


def _document(report: Report) -> dict[str, Any]:
    found = asdict(report)
    found["sections"] = [
        {
            **asdict(section),
            "status": section.status.value,
            "figures": [
                {**asdict(figure), "held": figure.held.value, "passed": figure.is_passed}
                for figure in section.figures
            ],
        }
        for section in report.sections
    ]
    return {"schema": SCHEMA, "passed": report.is_passed, **found}

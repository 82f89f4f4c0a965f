"""Accounts as files: Markdown and HTML for people, CSV for their spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.accounts.usage import UsageReport, UsedFile

_COLUMNS: Final = (
    "version", "published", "language", "line", "file", "sha256", "words", "seconds", "consent",
    "source", "watermark", "is_superseded",
)  # fmt: skip
_STYLE: Final = (
    "body{font:14px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;"
    "text-align:left;padding:.2em .6em;vertical-align:top}.hash{font:11px monospace}"
    "@media print{body{margin:0}thead{display:table-header-group}tr{break-inside:avoid}}"
)


def usage_facts(report: UsageReport) -> dict[str, Json]:
    """Give a usage report's figures; the files are `usage_rows`."""
    shipped, superseded = report.shipped, report.superseded
    return {
        "project": report.bank,
        "voice": report.voice,
        "from": None if report.period.first is None else str(report.period.first),
        "to": None if report.period.last is None else str(report.period.last),
        "versions": list(report.versions),
        "languages": sorted({file.language for file in report.files}),
        "consents": list(report.consents),
        "lines_shipped": len(shipped),
        "words_shipped": sum(file.words for file in shipped),
        "seconds_shipped": _seconds(shipped),
        "lines_superseded": len(superseded),
        "seconds_superseded": _seconds(superseded),
        "takes_rendered": report.takes_rendered,
        "seconds_rendered": report.seconds_rendered,
        "realtime_requests": report.realtime_requests,
        "watermarked": sum(_is_marked(file) for file in shipped),
    }


def _seconds(files: tuple[UsedFile, ...]) -> float:
    return round(sum(file.seconds for file in files), 2)


def _is_marked(file: UsedFile) -> bool:
    return bool(file.watermark) and file.watermark != "too short"


def usage_rows(report: UsageReport) -> list[dict[str, Json]]:
    """Give a usage report's files, a row each."""
    return [dict(asdict(file)) for file in report.files]


def usage_csv(report: UsageReport) -> str:
    """Write the files as CSV, a row each."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(usage_rows(report))
    return stream.getvalue()


def usage_markdown(report: UsageReport) -> str:
    """Write the report as Markdown."""
    facts = [f"| {name} | {_shown(value)} |" for name, value in usage_facts(report).items()]
    head = "| " + " | ".join(_COLUMNS) + " |"
    rows = [
        "| " + " | ".join(_cell(row[name]) for name in _COLUMNS) + " |"
        for row in usage_rows(report)
    ]
    title = f"# Use of the voice “{_cell(report.voice)}” in {_cell(report.bank)}"
    lines = [title, "", "| | |", "|---|---|", *facts, "", "## Files", "", head]
    return "\n".join([*lines, "|" + "---|" * len(_COLUMNS), *rows, ""])


def usage_html(report: UsageReport) -> str:
    """Write the report as one page that prints well; nothing is loaded from elsewhere."""
    facts = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{escape(_shown(value))}</td></tr>"
        for name, value in usage_facts(report).items()
    )
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in _COLUMNS)
    rows = "".join(
        "<tr>"
        + "".join(f"<td{_kind(name)}>{escape(_shown(row[name]))}</td>" for name in _COLUMNS)
        + "</tr>"
        for row in usage_rows(report)
    )
    title = escape(f"Use of the voice “{report.voice}” in {report.bank}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1><table>{facts}</table><h2>Files</h2>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></html>\n"
    )


def _kind(name: str) -> str:
    return " class=hash" if name == "sha256" else ""


def _cell(value: Json) -> str:
    return _shown(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _shown(value: Json) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value)) or "–"
    return str(value)

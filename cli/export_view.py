"""Showing exports: the report by language, and the targets there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import answer, answer_table, emit_json

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.exporting import PreparedExport

_SHOWN_LINES = 10


def report_document(prepared: PreparedExport) -> dict[str, Json]:
    """Give what an export holds and lacks as JSON."""
    return {
        "name": prepared.export.name,
        "target": prepared.target,
        "bank": prepared.export.bank,
        "version": prepared.version,
        "folder": str(prepared.folder),
        "languages": [row.as_json() for row in prepared.report],
        "refused": [
            {"line": one.entry.line, "language": one.entry.language, "reason": one.reason}
            for one in prepared.refused
        ],
    }


def answer_report(prepared: PreparedExport) -> None:
    """Print what an export holds and lacks, a row a language."""
    rows = prepared.report
    answer_table(
        (
            "language",
            "clips",
            "synthetic",
            "recorded",
            "scratch",
            "failed",
            "unjudged",
            "outdated",
            "fallback",
            "missing",
        ),
        [
            (
                row.language if not row.name else f"{row.language} ({row.name})",
                str(row.clips),
                str(row.synthetic),
                str(row.recorded),
                str(row.scratch),
                str(row.failed),
                str(row.unjudged),
                str(row.outdated + row.stale),
                str(len(row.fallback)),
                str(len(row.missing)),
            )
            for row in rows
        ],
        title=f"{prepared.export.bank} {prepared.version} for {prepared.exporter.title}",
    )
    for row in rows:
        for what, lines in (("missing", row.missing), ("fallback", row.fallback)):
            if lines:
                more = " …" if len(lines) > _SHOWN_LINES else ""
                answer(f"{row.language} {what}: {', '.join(lines[:_SHOWN_LINES])}{more}")


def list_targets(*, as_json: bool) -> None:
    """Print every target: what it is for, its encodings, mouths, subtitles and options."""
    from voicepipe.exporters.registry import exporter_named, known_exporters
    from voicepipe.exporters.timed import MOUTHS, SUBTITLES, placed

    documents: list[Json] = []
    for name in sorted(known_exporters()):
        exporter = exporter_named(name)
        schema: dict[str, Any] = exporter.options.model_json_schema()
        mouths, subtitles = placed(exporter, MOUTHS), placed(exporter, SUBTITLES)
        documents.append(
            {
                "target": name,
                "title": exporter.title,
                "encodings": list(exporter.encodings),
                "mouths": list(mouths),
                "subtitles": list(subtitles),
                "options": schema,
            }
        )
        if as_json:
            continue
        answer(f"{name}  {exporter.title}; {', '.join(exporter.encodings)}")
        for what, sets in (("mouths", mouths), ("subtitles", subtitles)):
            if sets:
                answer(f"    {what}: {', '.join(sets)}")
        for key, field in schema.get("properties", {}).items():
            told = str(field.get("description", "")).replace("\n", " ")
            answer(f"    {key}: {told} [{field.get('default', 'required')}]")
    if as_json:
        emit_json({"targets": documents})

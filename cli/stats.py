"""`voicepipe stats`: how many lines, words and minutes there are, and how far they have come."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.destination import STDOUT, require_free_stdout, require_suffix, write_to
from cli.options import AsJson, Languages, Lines, Scenes, Speakers
from cli.output import answer, answer_table, emit_json, session_of
from cli.projects import filters
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from voicepipe.pipeline.statistics import Statistics


class Format(str, Enum):
    """How the table is written."""

    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"


class By(str, Enum):
    """What its rows are about."""

    CHARACTER = "character"
    SCENE = "scene"
    LANGUAGE = "language"
    STATUS = "status"
    VERDICT = "verdict"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("stats")(stats)


def stats(
    ctx: typer.Context,
    by: Annotated[
        list[By] | None,
        typer.Option("--by", help="A row for each; may be repeated: --by scene --by language."),
    ] = None,
    written_as: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the file's name says; else a table."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; `-`: stdout.")
    ] = None,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    as_json: AsJson = False,
) -> None:
    """Count lines, words, minutes and statuses; minutes are estimated where there is no clip."""
    from voicepipe.pipeline.production import read_production
    from voicepipe.pipeline.selection import resolve
    from voicepipe.pipeline.statistics import Grouping, count_production

    format_, place = _destination(written_as, out)
    require_free_stdout(place, as_json=as_json)
    production = read_production(session_of(ctx).root)
    meant = resolve(production, filters(languages, scenes, speakers, None, lines))
    groupings = [Grouping(one.value) for one in by or [By.CHARACTER]]
    counted = count_production(production.chosen(meant), list(dict.fromkeys(groupings)))
    if place is not None:
        _write(counted, format_, place)
    if as_json:
        rows = [dict(zip(counted.columns, row, strict=True)) for row in counted.rows]
        total = dict(zip(counted.columns, counted.total, strict=True))
        emit_json({"by": list(counted.groups), "rows": rows, "total": total})
    elif place is None:
        _show(counted)
    elif place != STDOUT:
        answer(f"{place}: {len(counted.rows)} rows")


def _destination(written_as: Format | None, out: Path | None) -> tuple[Format, Path | None]:
    if written_as is None:
        suffix = "" if out is None else out.suffix.lower()
        named = {".csv": Format.CSV, ".xlsx": Format.XLSX}
        if out is not None and suffix not in named:
            raise UsageError(
                f'"{out}" does not say how to write it', remedy="add --format csv or --format xlsx"
            )
        return named.get(suffix, Format.TABLE), out
    if written_as is Format.XLSX and out is None:
        raise UsageError("a workbook needs a file", remedy="add -o statistics.xlsx")
    if written_as is Format.TABLE and out is not None:
        raise UsageError("a table is for people to look at", remedy="add --format csv, or no -o")
    if out is not None:
        require_suffix(out, (f".{written_as.value}",), written_as.value.upper())
    return written_as, STDOUT if out is None and written_as is Format.CSV else out


def _write(counted: Statistics, format_: Format, place: Path) -> None:
    from voicepipe.pipeline.statistics import statistics_csv, statistics_xlsx

    write = statistics_xlsx if format_ is Format.XLSX else statistics_csv
    write_to(place, write(counted))


def _show(counted: Statistics) -> None:
    table = [[_shown(cell) for cell in row] for row in (*counted.rows, counted.total)]
    answer_table([name.replace("_", " ") for name in counted.columns], table)


def _shown(cell: str | float) -> str:
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)

"""`voicepipe loc`: sheets for translators, and their work back into the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.destination import STDOUT, require_free_stdout, write_to
from cli.options import AsJson
from cli.output import emit_json, say, session_of
from cli.verb_groups import add_group

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.translating import Sheet

Language = Annotated[str, typer.Argument(metavar="LANG", help="Language to translate into.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    about = "Sheets for translators, and their work back into scripts_in/loc/<lang>.csv."
    add_group(app, "loc", about, {"export": export, "update": update})


def export(
    ctx: typer.Context,
    language: Language,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write: .csv, or .po; `-`: CSV on stdout."),
    ] = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only lines without a translation, or a stale one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a sheet for translators: source text, speaker, direction, context, translation.

    Without --out it is CSV on stdout. Columns that begin with _ are for reading only.
    """
    from voicepipe.pipeline.translating import exported, open_sheet

    require_free_stdout(out, as_json=as_json)
    session = session_of(ctx)
    sheet = open_sheet(session.root, language)
    if out is not None or not as_json:
        target = out or STDOUT
        write_to(target, exported(sheet, target.suffix.lower(), only_open=only_open))
    if as_json:
        emit_json({**_document(sheet), "file": None if out is None else str(out)})
    elif out is not None:
        say(session, f"{out}: {_told(sheet)}")


def update(
    ctx: typer.Context,
    language: Language,
    returned: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A sheet that came back: .csv or .po.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring scripts_in/loc/LANG.csv up to date: new lines, stale marks, what FILE has translated.

    Nothing is dropped: translations of lines that are gone stay at the end, and come back with
    their line; columns of the translators' own stay.
    """
    from voicepipe.pipeline.translating import open_sheet, save, updated
    from voicepipe.screenplay.ids.files import bytes_of

    session = session_of(ctx)
    sheet = open_sheet(session.root, language, returned)
    if dry_run:
        is_changed = sheet.source is None or bytes_of(sheet.source) != updated(sheet)
    else:
        is_changed = save(sheet)
    if as_json:
        emit_json({**_document(sheet), "file": sheet.path, "is_changed": is_changed})
        return
    done = "would change" if dry_run else "written"
    say(session, f"{sheet.path}: {done if is_changed else 'up to date'}; {_told(sheet)}")


def _document(sheet: Sheet) -> dict[str, Json]:
    return {
        "language": sheet.language,
        "counts": cast("dict[str, Json]", sheet.counted()),
        "lines": [
            {
                "line": row.line,
                "text": row.text,
                "source": row.source,
                "source_hash": row.source_hash,
                "status": row.status,
            }
            for row in sheet.rows
        ],
    }


def _told(sheet: Sheet) -> str:
    return ", ".join(f"{count} {what}" for what, count in sheet.counted().items())

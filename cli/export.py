"""`voicepipe export`: the bank in the form a game engine reads."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.bank_place import VERSION_HELP
from cli.export_view import answer_report, list_targets, report_document
from cli.options import AsJson, Store
from cli.output import answer, emit_json, session_of, warn
from cli.progress_bar import ProgressBar
from cli.projects import settings_of
from voicepipe.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from cli.output import Session
    from voicepipe.hashing import Json
    from voicepipe.pipeline.exporting import PreparedExport
    from voicepipe.settings import Settings
    from voicepipe.settings_export import ExportSettings


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export")(export)


def export(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(help="An export of voicepipe.yaml by name, or a target: renpy, godot …")
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Folder to export to, anywhere; else as the settings say."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: read the export back as the engine would."),
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every export that voicepipe.yaml declares.")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="List the targets, with what each can hold.")
    ] = False,
    version: Annotated[str, typer.Option("--version", help=VERSION_HELP)] = "latest",
    replaces: Annotated[
        bool,
        typer.Option("--replace", help="Write over files in the way that were changed or foreign."),
    ] = False,
    store: Store = "",
    as_json: AsJson = False,
) -> int:
    """Write a published version for a game engine or middleware; only what changed is written.

    Exit codes: 0 all is well; 1 faults were found with --check, or the settings are wrong; 3 clips
    were left out because their voices may not be heard; 4 files that are not ours are in the way.
    """
    if listing:
        list_targets(as_json=as_json)
        return ExitCode.DONE
    session = session_of(ctx)
    targets = _targets(session, name, to, every=every)
    documents: list[Json] = []
    code = ExitCode.DONE
    for target in targets:
        prepared = _prepared(session, target, to, version, store)
        document, ended = (
            _check(session, prepared, as_json=as_json)
            if check
            else _write(session, prepared, replaces=replaces, as_json=as_json)
        )
        documents.append(document)
        code = max(code, ended) if code is not ExitCode.INPUT else code
    if as_json:
        emit_json({"exports": documents})
    return code


def _targets(
    session: Session, name: str, to: Path | None, *, every: bool
) -> tuple[ExportSettings, ...]:
    from voicepipe.pipeline.exporting import find_export

    if every and (name or to is not None):
        raise UsageError("--all stands alone", remedy="leave the name and --to out")
    settings = settings_of(session)
    if every and not settings.export:
        raise UsageError(
            "voicepipe.yaml declares no exports", remedy="add them under export:, or name a target"
        )
    if every:
        return settings.export
    if not name:
        raise UsageError(f"which export? {_declared(settings)}", remedy="name one, or say --all")
    return (find_export(settings, name),)


def _declared(settings: Settings) -> str:
    names = ", ".join(target.title for target in settings.export)
    return f"voicepipe.yaml declares {names or 'none'}; --list lists the targets"


def _prepared(
    session: Session, target: ExportSettings, to: Path | None, version: str, store: str
) -> PreparedExport:
    from voicepipe.pipeline.exporting import ExportRequest, prepare_export

    request = ExportRequest(target=target, folder=to, version=version, store=store)
    return prepare_export(session.root, request)


def _write(
    session: Session, prepared: PreparedExport, *, replaces: bool, as_json: bool
) -> tuple[Json, ExitCode]:
    from voicepipe.pipeline.exporting import write_prepared

    with ProgressBar(quiet=session.quiet) as bar:
        written = write_prepared(
            prepared, replaces=replaces, on_file=partial(bar.follow, "exporting")
        )
    for refused in prepared.refused[:20]:
        entry = refused.entry
        warn(f"warning: {entry.script}: {entry.line} ({entry.language}) is left out: "
             f"{refused.reason}")  # fmt: skip
    if len(prepared.refused) > 20:
        warn(f"warning: … and {len(prepared.refused) - 20} more may not be exported")
    document = {
        **report_document(prepared),
        "written": list(written.written),
        "removed": list(written.removed),
        "kept": written.kept,
        "bytes": written.n_bytes,
    }
    if not as_json:
        answer_report(prepared)
        answer(
            f"{prepared.export.name}: {len(written.written)} files written, {written.kept} kept, "
            f"{len(written.removed)} removed, in {prepared.folder}"
        )
    return document, ExitCode.LINES_FAILED if prepared.refused else ExitCode.DONE


def _check(session: Session, prepared: PreparedExport, *, as_json: bool) -> tuple[Json, ExitCode]:
    from voicepipe.diagnostics import Severity, has_errors
    from voicepipe.pipeline.export_reading import check_export
    from voicepipe.reports import (
        SourceLines,
        counted,
        diagnostics_to_json,
        render_counted,
        render_text,
    )

    found = check_export(prepared)
    document = {
        **report_document(prepared),
        "diagnostics": cast("list[Json]", diagnostics_to_json(found)),
    }
    if not as_json:
        lines = SourceLines(session.root)
        if found and session.verbose:
            warn(render_text(found, lines))
        elif found:
            warn(render_counted(found, lines, rest="--verbose shows them all"))
        n_faults = sum(one.severity is Severity.ERROR for one in found)
        answer(
            f"{prepared.export.name}: {counted(len(prepared.export.clips), 'line')} looked up in "
            f"{prepared.folder}, {counted(n_faults, 'fault')}"
        )
    return document, ExitCode.INPUT if has_errors(found) else ExitCode.DONE

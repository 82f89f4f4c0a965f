"""`voicepipe ids`: ids for lines that have none, and other ids for lines that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.output import answer, emit_json, say, session_of, warn
from cli.scripts import read_scripts
from cli.verb_groups import add_group
from voicepipe.errors import EnvironmentFault, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cli.output import Session
    from voicepipe.screenplay.ids.files import WrittenFile
    from voicepipe.screenplay.ids.numbering import IdProposal
    from voicepipe.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    add_group(app, "ids", "", {"rename": rename}, alone=ids)


def ids(
    ctx: typer.Context,
    write: Annotated[bool, typer.Option("--write", help="Put the ids into the scripts.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show them, which is what happens anyway.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose an id for every line without one; existing ids never change.

    With --write each script is replaced in one step, comments, order and line ends kept, after the
    new text was read again and found to differ by the ids alone. No backup is left behind.
    """
    if ctx.invoked_subcommand is not None:
        return
    from voicepipe.screenplay.ids.numbering import propose_ids

    if write and dry_run:
        raise UsageError("--write and --dry-run exclude each other", remedy="choose one")
    session = session_of(ctx)
    settings, screenplay, _ = read_scripts(session, whole=True)
    proposals = propose_ids(screenplay)
    files = _write(session.root, proposals, settings) if write else ()
    if as_json:
        _emit(proposals, files)
    else:
        for proposal in proposals:
            answer(f"{proposal.span}  {proposal.id}")
        if not proposals:
            say(session, "every line has an id")
        elif not write:
            say(session, f"{len(proposals)} ids proposed; --write puts them into the scripts")
    _report(session, files)
    if any(file.problem for file in files):
        raise typer.Exit(ExitCode.INPUT)


def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(help="The line's id.")],
    new: Annotated[str, typer.Argument(help="The id it gets.")],
    write: Annotated[
        bool, typer.Option("--write", help="Rename; else only show what would.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rename a line; translations, decisions, recordings and takes go with it.

    Nothing is rendered again: the seeds its takes have had are written into decisions.csv. An id
    that is taken is refused. Published versions stay as they are.
    """
    from voicepipe.pipeline.leftovers import sweep_leftovers
    from voicepipe.pipeline.renaming import carry_out, plan_renaming
    from voicepipe.reports import counted

    session = session_of(ctx)
    renaming = plan_renaming(session.root, old, new)
    if write:
        sweep_leftovers(session.root, renaming.settings)
        carry_out(renaming)
    if as_json:
        emit_json(
            {
                "old": old,
                "new": new,
                "written": write,
                "clips": dict(renaming.clips),
                "files": [change.path for change in renaming.files],
                "recordings": [{"from": a, "to": b} for a, b in renaming.recordings],
                "decisions": renaming.n_decisions,
                "seeds": len(renaming.seeds),
            }
        )
        return
    for change in renaming.files:
        answer(change.path)
    for was, becomes in renaming.recordings:
        answer(f"{was} -> {becomes}")
    kept = counted(renaming.n_decisions + len(renaming.seeds), "decision")
    answer(f"decisions.csv: {kept}")
    if not write:
        say(session, "nothing is renamed yet; --write does it")


def _emit(proposals: Sequence[IdProposal], files: Sequence[WrittenFile]) -> None:
    emit_json(
        {
            "proposals": [
                {"id": p.id, "scene": p.scene, "path": p.span.path, "line": p.span.line}
                for p in proposals
            ],
            "files": [
                {"path": f.path, "ids": f.n_ids, "written": not f.problem, "problem": f.problem}
                for f in files
            ],
        }
    )


def _report(session: Session, files: Sequence[WrittenFile]) -> None:
    for file in files:
        if file.problem:
            warn(f"{file.path}: left as it is: {file.problem}")
        else:
            say(session, f"{file.path}: {file.n_ids} ids written")


def _write(
    root: Path, proposals: tuple[IdProposal, ...], settings: Settings
) -> tuple[WrittenFile, ...]:
    from voicepipe.pipeline.leftovers import sweep_leftovers
    from voicepipe.screenplay.formats.values import ScriptLanguages
    from voicepipe.screenplay.ids.files import write_ids
    from voicepipe.screenplay.syntax import Language

    languages = ScriptLanguages(
        source=Language(settings.source_language),
        known=tuple(Language(tag) for tag in settings.all_languages),
    )
    sweep_leftovers(root, settings)
    try:
        return write_ids(root, proposals, languages)
    except OSError as error:
        raise EnvironmentFault(f"a script cannot be written: {error}") from error

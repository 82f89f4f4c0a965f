"""`voicepipe check`: everything that is wrong with a project, and how much there is to say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.destination import require_free_stdout, write_to
from cli.options import AsJson, Release
from cli.output import emit_json, say, session_of, warn
from voicepipe.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.pipeline.project import Project
    from voicepipe.screenplay.script_figures import ScriptFigures


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("check")(check)


def check(
    ctx: typer.Context,
    release: Release = False,
    sarif: Annotated[
        Path | None,
        typer.Option("--sarif", help="Also write a SARIF log; `-`: stdout."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check scripts, voices and consent; exit with 1 when something would stop a render."""
    from voicepipe.diagnostics import has_errors
    from voicepipe.pipeline.project import load_project
    from voicepipe.pipeline.render.foretelling import with_foretold_misfits
    from voicepipe.reports import diagnostics_to_json
    from voicepipe.screenplay.script_figures import count_script
    from voicepipe.screenplay.syntax import Language

    require_free_stdout(sarif, as_json=as_json)
    session = session_of(ctx)
    project = load_project(session.root, release=release, reads_recordings=True)
    if not has_errors(project.diagnostics):
        project = with_foretold_misfits(project)
    figures = count_script(
        project.lines,
        [Language(tag) for tag in project.settings.languages],
        [Language(tag) for tag in project.settings.text_languages],
    )
    if sarif is not None:
        write_to(sarif, _sarif(project.diagnostics))
    if as_json:
        emit_json(
            {
                "diagnostics": cast("list[Json]", diagnostics_to_json(project.diagnostics)),
                "scenes": project.story.n_scenes,
                "languages": {
                    f.language: {
                        "lines": f.n_lines,
                        "words": f.n_words,
                        "shown": f.n_shown,
                        "speech_s": f.speech_s,
                    }
                    for f in figures
                },
            }
        )
    else:
        _show(session, project.diagnostics)
        _summarize(session, project, figures)
    if has_errors(project.diagnostics):
        raise typer.Exit(ExitCode.INPUT)


def _show(session: Session, found: Sequence[Diagnostic]) -> None:
    from voicepipe.diagnostics import Severity
    from voicepipe.reports import SourceLines, render_counted, render_text

    wanted = [d for d in found if not session.quiet or d.severity is Severity.ERROR]
    # Errors first: they stop the work.
    wanted.sort(key=lambda d: d.severity is not Severity.ERROR)
    if not wanted:
        return
    lines = SourceLines(session.root)
    if session.verbose:
        warn(render_text(wanted, lines))
    else:
        warn(render_counted(wanted, lines, rest="--verbose shows them all"))


def _summarize(session: Session, project: Project, figures: Sequence[ScriptFigures]) -> None:
    from voicepipe.reports import summary

    n_scenes = project.story.n_scenes
    say(session, f"{n_scenes} scene{'' if n_scenes == 1 else 's'}")
    for each in figures:
        spoken = f"{each.n_lines} lines, {each.n_words} words, "
        spoken += f"about {each.speech_s / 60:.1f} minutes"
        if each.language in project.settings.text_languages:
            spoken = "nothing spoken"
        shown = f"; {each.n_shown} only shown" if each.n_shown else ""
        say(session, f"  {each.language}: {spoken}{shown}")
    say(session, summary(project.diagnostics))


def _sarif(found: Sequence[Diagnostic]) -> bytes:
    import orjson

    from voicepipe import __version__
    from voicepipe.pipeline.codes import all_codes
    from voicepipe.reports import diagnostics_to_sarif

    log = diagnostics_to_sarif(found, all_codes().values(), version=__version__)
    return orjson.dumps(log, option=orjson.OPT_INDENT_2) + b"\n"

"""The `voicepipe` command: global options, the verbs, and the one error boundary."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from typer.exceptions import Abort, TyperException

from cli import (
    bank,
    bench,
    check,
    convert,
    explain,
    graph,
    ids,
    init,
    models,
    plan,
    pronounce,
    render,
    say,
    schema,
    streams,
    train,
    voices,
    walk,
)
from cli.interrupts import stopping_politely
from cli.output import Session, emit_json, warn
from cli.printable import keep_warnings_printable
from voicepipe import __version__
from voicepipe.errors import ExitCode, InputError, UsageError, VoicepipeError

if TYPE_CHECKING:
    from voicepipe.hashing import Json

_SHOWN_ERRORS = 50

app = typer.Typer(
    name="voicepipe",
    help="Branching screenplays in, versioned banks of cloned voices out.",
    epilog="Start with `voicepipe init DIR`; then `voicepipe check`, `plan`, `render`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicepipe {__version__}")
        raise typer.Exit


@app.callback()
def _globals(
    ctx: typer.Context,
    project: Annotated[
        Path, typer.Option("--project", "-C", help="Project folder (has voicepipe.yaml).")
    ] = Path(),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on stderr.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")] = False,
    version: Annotated[  # noqa: ARG001 - answered by its callback
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and exit."),
    ] = False,
) -> None:
    ctx.obj = Session(root=project.resolve(), quiet=quiet, verbose=verbose)


for _verb in (
    init,
    check,
    plan,
    pronounce,
    render,
    say,
    bank,
    voices,
    train,
    models,
    bench,
    graph,
    walk,
    ids,
    convert,
    schema,
    explain,
):
    _verb.register(app)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; the only place that turns errors into exit codes."""
    given = sys.argv[1:] if arguments is None else arguments
    streams.prepare()
    keep_warnings_printable()
    with stopping_politely():
        code = _exit_code(given)
    sys.exit(int(code))


def _exit_code(arguments: list[str]) -> int:
    try:
        code = app(args=arguments, prog_name="voicepipe", standalone_mode=False)
        streams.finish()
        if code == ExitCode.INTERRUPTED:
            code = _interrupted()
    except (Abort, KeyboardInterrupt):
        code = _interrupted()
    except TyperException as error:
        code = _misused(error, as_json="--json" in arguments)
    except VoicepipeError as error:
        code = _report(error, as_json="--json" in arguments)
    except Exception:  # noqa: BLE001 - the boundary: a bug of ours, shown whole
        warn(traceback.format_exc())
        warn("voicepipe: this is a bug in voicepipe; the trace above says where")
        code = ExitCode.BUG
    return int(code or 0)


def _misused(error: TyperException, *, as_json: bool) -> int:
    said = error.format_message()
    if said.startswith("Usage:") and not as_json:
        warn(said)  # the help of a group that was given no verb
        return ExitCode.USAGE
    mistake = UsageError(
        said, remedy="`voicepipe --help` and `voicepipe VERB --help` say what there is"
    )
    return _report(mistake, as_json=as_json)


def _interrupted() -> int:
    warn("voicepipe: interrupted; finished takes are kept, run the same command to go on")
    return ExitCode.INTERRUPTED


def _report(error: VoicepipeError, *, as_json: bool) -> int:
    if as_json:
        emit_json(
            {
                "error": {
                    "kind": type(error).__name__,
                    "message": error.message,
                    "remedy": error.remedy,
                },
                "exit_code": int(error.exit_code),
                "diagnostics": _diagnostics_of(error),
            }
        )
    elif isinstance(error, InputError):
        _show_diagnostics(error)
    warn(f"error: {error.message}")
    if error.remedy:
        warn(f"  help: {error.remedy}")
    return error.exit_code


def _show_diagnostics(error: InputError) -> None:
    from voicepipe.diagnostics import Severity
    from voicepipe.reports import SourceLines, render_text

    errors = [d for d in error.diagnostics if d.severity is Severity.ERROR]
    if errors:
        warn(render_text(errors[:_SHOWN_ERRORS], SourceLines(error.root or Path.cwd())))
    if len(errors) > _SHOWN_ERRORS:
        warn(f"… and {len(errors) - _SHOWN_ERRORS} more; `voicepipe check --verbose` shows all")


def _diagnostics_of(error: VoicepipeError) -> list[Json]:
    if not isinstance(error, InputError) or not error.diagnostics:
        return []
    from voicepipe.reports import diagnostics_to_json

    return cast("list[Json]", diagnostics_to_json(error.diagnostics))


if __name__ == "__main__":
    run()

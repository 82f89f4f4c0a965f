"""The `voicepipe` command: global options, the verbs, and the one error boundary."""

from __future__ import annotations

import re
import sys
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from cli import streams
from cli.global_options import accept_everywhere
from cli.held_answer import holding_answer
from cli.interrupts import stopping_politely
from cli.output import Session, project_above, warn, write_json
from cli.printable import keep_warnings_printable
from cli.process import CommandProcess
from voicepipe import __version__
from voicepipe.errors import EnvironmentFault, ExitCode, InputError, UsageError, VoicepipeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.hashing import Json


VERBS: Final = (
    "init",
    "check",
    "plan",
    "pronounce",
    "render",
    "qc",
    "say",
    "listen",
    "bank",
    "review",
    "play",
    "decide",
    "stats",
    "export",
    "voices",
    "labels",
    "report",
    "train",
    "models",
    "bench",
    "graph",
    "walk",
    "lipsync",
    "subtitles",
    "ids",
    "loc",
    "convert",
    "schema",
    "explain",
)
"""In the order in which help lists them; each is the module of its name that registers it."""
_WITH_VALUE: Final = re.compile("--project|-[qvh]*C")
"""Options of the whole command whose value is the next argument."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicepipe {__version__}")
        raise typer.Exit


def _globals(
    ctx: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            "-C",
            help="Project folder (has voicepipe.yaml); else the nearest one from here upwards.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on stderr.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")] = False,
    version: Annotated[  # noqa: ARG001 - answered by its callback
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and exit."),
    ] = False,
) -> None:
    folder = (project or Path()).resolve()
    root = folder if project is not None else project_above(folder)
    called_in = folder if folder != root else None
    ctx.obj = Session(root=root, called_in=called_in, quiet=quiet, verbose=verbose)


class Interrupted(VoicepipeError):
    """The command was told to stop."""

    exit_code = ExitCode.INTERRUPTED


class Bug(VoicepipeError):
    """Something that voicepipe did not foresee."""


@cache
def application(verbs: tuple[str, ...] = VERBS) -> typer.Typer:
    """Give the application with some of its verbs; the modules of the others are not loaded."""
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
    app.callback()(_globals)
    for verb in verbs:
        import_module(f"cli.{verb}").register(app)
    return app


@cache
def command(verbs: tuple[str, ...] = VERBS) -> TyperGroup:
    """Give the command with some of its verbs; global options may also stand after the verb.

    Built once a process: all of it takes longer than most verbs.
    """
    whole = typer.main.get_command(application(verbs))
    assert isinstance(whole, TyperGroup)
    accept_everywhere(whole)
    return whole


def verbs_asked(arguments: Sequence[str]) -> tuple[str, ...]:
    """Find the verb that is called; all of them where it is none, or help is asked for."""
    rest = iter(arguments)
    for argument in rest:
        if _WITH_VALUE.fullmatch(argument):
            next(rest, None)
        elif not argument.startswith("-") or argument in ("-", "--", "-h", "--help"):
            return (argument,) if argument in VERBS else VERBS
    return VERBS


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; the only place that turns errors into exit codes.

    Args:
        arguments: None: those of this process, which ends with the command.
    """
    process = CommandProcess() if arguments is None else None
    given = sys.argv[1:] if arguments is None else arguments
    streams.prepare()
    keep_warnings_printable()
    with stopping_politely(), holding_answer() as held:
        code, error = _outcome(given)
        if "--json" in given:
            code, error = _outcome_of_writing(held.document, code, error)
        if error is not None:
            _tell(error, with_diagnostics="--json" not in given)
    if process is not None:
        process.end(int(code))
    sys.exit(int(code))


def _outcome(arguments: list[str]) -> tuple[int, VoicepipeError | None]:
    """Run a verb; say how it ended, and why if it did not reach its end."""
    try:
        asked = command(verbs_asked(arguments))
        code = asked(args=arguments, prog_name="voicepipe", standalone_mode=False)
        streams.finish()
    except (Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    except TyperException as error:
        return _misused(error, as_json="--json" in arguments)
    except VoicepipeError as error:
        return error.exit_code, error
    except Exception as error:  # noqa: BLE001 - the boundary: a bug of ours, shown whole
        warn(traceback.format_exc())
        kind = type(error).__name__
        return ExitCode.BUG, Bug(f"this is a bug in voicepipe ({kind}); the trace above says where")
    if code == ExitCode.INTERRUPTED:
        return code, Interrupted(
            "interrupted; finished takes are kept", remedy="run the same command to go on"
        )
    return int(code or 0), None


def _outcome_of_writing(
    document: dict[str, Json] | None, code: int, error: VoicepipeError | None
) -> tuple[int, VoicepipeError | None]:
    """Write the one document of a run that was asked for one."""
    if document is None and error is None and not code:
        return code, error  # such as help
    whole: dict[str, Json] = {**(document or {}), "exit_code": code}
    if error is not None:
        whole.setdefault("diagnostics", _diagnostics_of(error))
        whole["error"] = {
            "kind": type(error).__name__,
            "message": error.message,
            "remedy": error.remedy,
        }
    try:
        write_json(whole)
    except EnvironmentFault as full:
        return full.exit_code, full
    return code, error


def _misused(error: TyperException, *, as_json: bool) -> tuple[int, VoicepipeError | None]:
    said = error.format_message()
    if said.startswith("Usage:") and not as_json:
        warn(said)  # the help of a group that was given no verb
        return ExitCode.USAGE, None
    return ExitCode.USAGE, UsageError(
        said, remedy="`voicepipe --help` and `voicepipe VERB --help` say what there is"
    )


def _tell(error: VoicepipeError, *, with_diagnostics: bool) -> None:
    if isinstance(error, InputError) and with_diagnostics:
        _show_diagnostics(error)
    warn(f"error: {error.message}")
    if error.remedy:
        warn(f"  help: {error.remedy}")


def _show_diagnostics(error: InputError) -> None:
    from voicepipe.diagnostics import Severity
    from voicepipe.reports import SourceLines, render_counted

    errors = [d for d in error.diagnostics if d.severity is Severity.ERROR]
    if errors:
        lines = SourceLines(error.root or Path.cwd())
        warn(render_counted(errors, lines, rest="`voicepipe check --verbose` shows all"))


def _diagnostics_of(error: VoicepipeError) -> list[Json]:
    if not isinstance(error, InputError) or not error.diagnostics:
        return []
    from voicepipe.reports import diagnostics_to_json

    return cast("list[Json]", diagnostics_to_json(error.diagnostics))


if __name__ == "__main__":
    run()

"""How the command line talks: answers on stdout, everything else on stderr.

Script text is printed as it is: nothing here goes through Rich markup, and what a terminal would
obey is shown as an escape.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import typer

from cli.held_answer import held_answer
from cli.printable import printable, printable_json
from cli.streams import writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from voicepipe.hashing import Json

JSON_SCHEMA = 1
_SAID = "voicepipe.project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the global options say."""

    root: Path
    """The project folder: where `voicepipe.yaml` is."""
    called_in: Path | None = None
    """The folder inside the project that the command was called in; None: the project itself."""
    quiet: bool = False
    verbose: bool = False

    @property
    def folder(self) -> Path:
        """Where the command was called, or the folder it was given."""
        return self.called_in or self.root


def project_above(folder: Path) -> Path:
    """Find the nearest folder that is a project, this one first; itself where there is none."""
    from voicepipe.settings import SETTINGS_FILE

    found = (place for place in (folder, *folder.parents) if (place / SETTINGS_FILE).is_file())
    return next(found, folder)


def session_of(ctx: typer.Context) -> Session:
    """Give a command the global options; say so once when the project lies above."""
    found = ctx.find_object(Session) or Session(root=Path.cwd())
    said = ctx.find_root().meta
    if found.called_in is not None and not said.setdefault(_SAID, False):
        said[_SAID] = True
        say(found, f"project: {found.root}")
    return found


def emit_json(document: Mapping[str, Json]) -> None:
    """Give the one JSON document of this run; it is written with its exit code at the end."""
    held = held_answer()
    if held is not None:
        held.hold(document)
    else:
        write_json(document)


def write_json(document: Mapping[str, Json]) -> None:
    """Write a JSON document to stdout, with its schema number."""
    whole = {"schema": JSON_SCHEMA, **document}
    option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    try:
        out = orjson.dumps(whole, option=option)
    except orjson.JSONEncodeError:
        # A path that is not text in this locale, which JSON cannot hold as it is.
        out = orjson.dumps(_readable(whole), option=option)
    write(printable_json(out) + b"\n")


def _readable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """Write names of files as their bytes read in UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    return value


def answer(text: str) -> None:
    """Write a line of the answer to stdout."""
    write(printable(text) + "\n")


def write(text: str | bytes) -> None:
    """Write a document to stdout: as it is into a file or a pipe, printable on a terminal.

    Raises:
        EnvironmentFault: The disk is full.
    """
    with writing():
        if isinstance(text, str):
            sys.stdout.write(printable(text) if sys.stdout.isatty() else text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
            sys.stdout.flush()


def say(session: Session, text: str) -> None:
    """Write a line of commentary to stderr, unless asked to be quiet."""
    if not session.quiet:
        warn(text)


def warn(text: str) -> None:
    """Write something the user must not miss to stderr."""
    with contextlib.suppress(OSError):  # there is nowhere left to say so
        sys.stderr.write(printable(text) + "\n")


def stderr_console() -> Console:
    """Give a console on stderr that prints text as it is."""
    from rich.console import Console

    return Console(
        stderr=True, markup=False, highlight=False, emoji=False, no_color="NO_COLOR" in os.environ
    )


def stdout_console() -> Console:
    """Give a console on stdout that prints text as it is."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    return Console(
        markup=False, highlight=False, emoji=False, width=width, no_color="NO_COLOR" in os.environ
    )


def answer_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print a table for people to stdout; scripts use `--json`."""
    from rich.table import Table
    from rich.text import Text

    shown_title = Text(printable(title)) if title else None
    table = Table(title=shown_title, title_justify="left", box=None)
    for column in columns:
        table.add_column(Text(printable(column), style="bold"), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    with writing():
        stdout_console().print(table)

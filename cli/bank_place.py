"""Where a bank verb works: the project's output folder, a bank and one of its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import answer, session_of
from voicepipe.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.bank.entry_filter import EntryFilter
    from voicepipe.bank.versions import Version

SHOWN = 40
"""Rows listed for a person; `--verbose` lists all."""
VERSION_HELP = "latest, v0003, 3, or the beginning of a content hash."

BankName = Annotated[
    str, typer.Option("--bank", help="Which bank; empty: the one voicepipe.yaml names.")
]
AskedVersion = Annotated[str, typer.Argument(metavar="VERSION", help=VERSION_HELP)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project's output folder and the bank that is meant."""

    root: Path
    out: Path
    bank: str

    def version(self, asked: str) -> Version:
        """Find the version a person means.

        Raises:
            UsageError: There is none, or more than one.
        """
        from voicepipe.bank.versions import resolve

        return resolve(self.out, self.bank, asked)

    def shown(self, path: Path) -> str:
        """Write a path from the project root."""
        return path.relative_to(self.root).as_posix()


def place_of(ctx: typer.Context, bank: str = "") -> Place:
    """Read the settings of the project the global options name.

    Raises:
        InputError: There are none that can be used.
    """
    from voicepipe.settings import load_settings

    root = session_of(ctx).root
    settings, problems = load_settings(root)
    if settings is None:
        what = "; ".join(f"{problem.span}: {problem.message}" for problem in problems[:3])
        raise InputError(
            f"the settings cannot be used: {what}",
            remedy="run this in a project's folder, or name one with -C",
            diagnostics=problems,
        )
    return Place(root=root, out=root / settings.out, bank=bank or settings.bank)


def answer_rest(ctx: typer.Context, n_all: int) -> None:
    """Say how many rows were left out of a listing."""
    if n_all > SHOWN and not session_of(ctx).verbose:
        answer(f"… and {n_all - SHOWN} more; --verbose lists them all")


def n_shown(ctx: typer.Context) -> int | None:
    """Say how many rows a listing has for a person; None: all."""
    return None if session_of(ctx).verbose else SHOWN


def entry_filter(
    languages: Sequence[str] | None,
    scenes: Sequence[str] | None,
    speakers: Sequence[str] | None,
    lines: Sequence[str] | None,
) -> EntryFilter:
    """Take up the filters a person gave; whether a version has such names is asked later."""
    from voicepipe.bank.entry_filter import EntryFilter

    return EntryFilter(
        languages=frozenset(languages or ()),
        scenes=frozenset(scenes or ()),
        speakers=frozenset(speakers or ()),
        lines=frozenset(lines or ()),
    )


def in_lufs(loudness_lufs: float | None) -> str:
    """Write a loudness; a clip too short or too quiet to be measured has none."""
    return "-" if loudness_lufs is None else f"{loudness_lufs:.1f} LUFS"

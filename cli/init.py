"""`voicepipe init`: a new project that renders at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from cli.output import answer, emit_json, session_of
from voicepipe.errors import EnvironmentFault, UsageError

_SCAFFOLD = Path(__file__).parent / "scaffold"
_BANK_NAME = re.compile(r"[^a-z0-9_]+")
_RENAMED = {"gitignore": ".gitignore"}
"""Build tools leave out files that start with a dot, so the scaffold's has none."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("init")(init)


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the project goes; made if missing.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Start a project: settings, one small branching scene, two placeholder voices."""
    root = session_of(ctx).root / folder
    bank = _bank_name(root.resolve().name)
    planned = [(root / name, content) for name, content in _scaffold(bank)]
    standing = [path for path, _ in planned if path.exists()]
    if standing:
        raise UsageError(
            f"{standing[0]} is already there; nothing was written",
            remedy="choose another folder: init never overwrites a file",
        )
    for path, content in planned:
        _write(path, content)
    written = sorted(path.relative_to(root).as_posix() for path, _ in planned)
    if as_json:
        emit_json({"project": str(root), "bank": bank, "files": list(written)})
        return
    answer(f"A project is in {root}:")
    for name in written:
        answer(f"  {name}")
    answer(f"Next: cd {folder} && voicepipe check && voicepipe render")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        raise EnvironmentFault(
            f"cannot write {path}: {error.strerror}", remedy="choose a folder you may write to"
        ) from error


def _bank_name(folder: str) -> str:
    name = _BANK_NAME.sub("_", folder.lower()).strip("_")
    return name if name[:1].isalpha() else f"bank_{name}".rstrip("_")


def _scaffold(bank: str) -> list[tuple[str, bytes]]:
    files = sorted(path for path in _SCAFFOLD.rglob("*") if path.is_file())
    return [
        (_target_name(path), path.read_bytes().replace(b"{bank}", bank.encode())) for path in files
    ]


def _target_name(path: Path) -> str:
    return path.relative_to(_SCAFFOLD).with_name(_RENAMED.get(path.name, path.name)).as_posix()

"""`voicepipe init`: a new project that renders at once."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from cli.output import answer, emit_json, session_of
from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import replace_file
from voicepipe.errors import EnvironmentFault, UsageError

_SCAFFOLD = Path(__file__).parent / "scaffold"
_PROJECT, _CLONED, _PLACEHOLDER = "project", "tiny", "scratch"
_BANK_NAME = re.compile(r"[^a-z0-9_]+")
_IGNORED = ".gitignore"
_ATTRIBUTES = ".gitattributes"
_RENAMED = {"gitignore": _IGNORED, "gitattributes": _ATTRIBUTES}
"""Build tools leave out files that start with a dot, so the scaffold's has none."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("init")(init)


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the project goes; made if missing.")],
    is_scratch: Annotated[
        bool, typer.Option("--scratch", help="Placeholder voices, for a quick table-read.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Start a project: settings, one small branching scene, two voices.

    The voices are cloned by the small model that comes with voicepipe; it is put into the project.
    """
    root = session_of(ctx).folder / folder
    bank = _bank_name(root.resolve().name)
    voices = _PLACEHOLDER if is_scratch else _CLONED
    files = _lacking(root, _scaffold(bank, voices))
    standing = [name for name in files if name != _IGNORED and (root / name).exists()]
    if standing:
        raise UsageError(
            f"{root / standing[0]} is already there; nothing was written",
            remedy="choose another folder: init never overwrites a file",
        )
    for name in files:
        refuse_links(root, root / name)
    for name, content in files.items():
        if name == _IGNORED and (root / name).exists():
            _add_lines(root / name, content)
        else:
            _write(root / name, content)
    written = sorted(files)
    models = [] if is_scratch else _bring_models(root)
    if as_json:
        emit_json({"project": str(root), "bank": bank, "files": [*written], "models": [*models]})
        return
    answer(f"A project is in {root}:")
    for name in written:
        answer(f"  {name}")
    if models:
        answer(f"with the models {', '.join(models)}")
    answer(f"Next: cd {shlex.quote(str(folder))} && voicepipe check && voicepipe render")


def _lacking(root: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out a `.gitattributes` that is there: the first decision adds its line to it."""
    is_there = (root / _ATTRIBUTES).exists()
    return {name: text for name, text in files.items() if name != _ATTRIBUTES or not is_there}


def _bring_models(root: Path) -> list[str]:
    from voicepipe.model_store.library import ModelLibrary
    from voicepipe.model_store.pull import pull_model
    from voicepipe.model_store.registry import find_published

    library = ModelLibrary(root)
    return [pull_model(library, model).model.name for model in find_published([_CLONED])]


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        raise EnvironmentFault(
            f"cannot write {path}: {error.strerror}", remedy="choose a folder you may write to"
        ) from error


def _add_lines(path: Path, content: bytes) -> None:
    """Add the lines that a user's file lacks, after its own."""
    try:
        present = path.read_bytes()
        own = {line.strip() for line in present.splitlines()}
        lacking = [line for line in content.splitlines(keepends=True) if line.strip() not in own]
        if lacking:
            ended = present if not present or present.endswith(b"\n") else present + b"\n"
            replace_file(path, ended + b"".join(lacking))
    except OSError as error:
        raise EnvironmentFault(
            f"cannot add to {path}: {error.strerror}", remedy="choose a folder you may write to"
        ) from error


def _bank_name(folder: str) -> str:
    name = _BANK_NAME.sub("_", folder.lower()).strip("_")
    return name if name[:1].isalpha() else f"bank_{name}".rstrip("_")


def _scaffold(bank: str, voices: str) -> dict[str, bytes]:
    files = {}
    for folder in (_SCAFFOLD / _PROJECT, _SCAFFOLD / voices):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).with_name(_RENAMED.get(path.name, path.name))
            files[name.as_posix()] = path.read_bytes()
    from voicepipe.settings import SETTINGS_FILE

    files[SETTINGS_FILE] = files[SETTINGS_FILE].replace(b"{bank}", bank.encode())
    return files

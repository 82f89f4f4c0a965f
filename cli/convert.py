"""`voicepipe convert`: a script from YAML to CSV, or back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.options import AsJson
from cli.output import answer, emit_json, session_of, warn
from voicepipe.errors import EnvironmentFault, InputError, UsageError

if TYPE_CHECKING:
    from cli.output import Session
    from voicepipe.hashing import Json
    from voicepipe.screenplay.formats.values import ScriptLanguages


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("convert")(convert)


def convert(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="Script to read: .yaml or .csv.")],
    destination: Annotated[Path, typer.Argument(help="File to write; its ending says the format.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
    language: Annotated[
        str, typer.Option("--source-language", help="Of texts without a tag; else the project's.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Turn a script into the other format; both say exactly the same."""
    from voicepipe.reports import SourceLines, diagnostics_to_json, render_text
    from voicepipe.screenplay.formats.conversion import SUFFIXES, convert_script

    for path in (source, destination):
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(
                f"{path} is neither YAML nor CSV", remedy=f"end its name in {', '.join(SUFFIXES)}"
            )
    if destination.exists() and not force:
        raise UsageError(f"{destination} is there already", remedy="add --force to replace it")
    languages = _languages(session_of(ctx), language)
    folder, name = _place(session_of(ctx), source)
    printed, problems = convert_script(folder, name, destination.suffix.lower(), languages)
    if printed is None:
        raise InputError(
            f"{source} cannot be converted; nothing was written",
            remedy="mend what is wrong with it first",
            diagnostics=problems,
            root=folder,
        )
    if problems:
        warn(render_text(problems, SourceLines(folder)))
    _write(destination, printed)
    if as_json:
        emit_json(
            {
                "source": str(source),
                "destination": str(destination),
                "diagnostics": cast("list[Json]", diagnostics_to_json(problems)),
            }
        )
    else:
        answer(f"{source} -> {destination}")


def _place(session: Session, source: Path) -> tuple[Path, str]:
    """Where a script's path starts: the project for one inside it, its own folder otherwise."""
    # The last part is not resolved: a link must not pass for what it leads to.
    whole = source.parent.resolve() / source.name
    if whole.is_relative_to(session.root):
        return session.root, whole.relative_to(session.root).as_posix()
    return whole.parent, whole.name


def _languages(session: Session, language: str) -> ScriptLanguages:
    """The language of texts without a tag: as asked for, or the project's own."""
    from voicepipe.screenplay.formats.values import ScriptLanguages
    from voicepipe.screenplay.syntax import Language
    from voicepipe.settings import SETTINGS_FILE, load_settings
    from voicepipe.settings_values import language_tag_problem

    if language:
        problem = language_tag_problem(language)
        if problem:
            raise UsageError(problem)
        return ScriptLanguages(source=Language(language))
    settings, problems = load_settings(session.root)
    if settings is None:
        raise InputError(
            f"{SETTINGS_FILE} cannot be used, so the source language is not known",
            remedy="mend it, or say --source-language",
            diagnostics=problems,
        )
    return ScriptLanguages(source=Language(settings.source_language))


def _write(path: Path, text: str) -> None:
    """Write in one step, so that a failure leaves the old file whole."""
    from voicepipe.documents.replacing import replace_file

    try:
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        raise EnvironmentFault(
            f"cannot write {path}: {error.strerror}", remedy="choose a folder you may write to"
        ) from error

"""`voicepipe review`: a page to hear every clip on, and what was decided there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.count_view import CountView
from cli.options import AsJson, Languages, Lines, Nodes, Scenes, Speakers
from cli.output import answer, emit_json, session_of
from cli.projects import filters
from voicepipe.errors import UsageError

SoundForm = Annotated[
    str,
    typer.Option(
        "--audio", help="Sounds as wav (copies), or smaller, to send: flac, ogg, opus or mp3."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb, and the one below it."""
    group = typer.Typer(
        help="A page to hear and judge every clip on; opens from disk, without a network.",
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    group.callback()(review)
    group.command("apply")(apply)
    app.add_typer(group, name="review")


def review(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The folder to write: new, or a review.")
    ] = None,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    nodes: Nodes = None,
    lines: Lines = None,
    form: SoundForm = "wav",
    as_json: AsJson = False,
) -> None:
    """Write a page that shows and plays every clip, and takes approvals and rejections.

    Open its index.html. What is decided there is saved as a file, which `voicepipe review apply`
    takes into decisions.csv.
    """
    if ctx.invoked_subcommand is not None:
        return
    if out is None:
        raise UsageError("review writes a folder", remedy="name it: voicepipe review -o review")
    from voicepipe.pipeline.production import read_production
    from voicepipe.pipeline.review_building import build_review
    from voicepipe.pipeline.selection import resolve

    session = session_of(ctx)
    production = read_production(session.root)
    meant = resolve(production, filters(languages, scenes, speakers, nodes, lines))
    chosen = production.chosen(meant)
    with CountView("lines", len(chosen), quiet=session.quiet) as view:
        written = build_review(production, chosen, out, form=form, on_lines=view)
    page = written.folder / "index.html"
    if as_json:
        emit_json({"page": str(page), "lines": written.n_lines, "sounds": written.n_sounds})
        return
    answer(f"{page}: {written.n_lines} lines, {written.n_sounds} sounds; open it in a browser")


def apply(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="As the page saved it: review-….json.")],
    as_json: AsJson = False,
) -> None:
    """Take what was decided on a page into decisions.csv.

    Decisions about sounds that have changed since, and about lines that are gone, are refused by
    name; the others are kept, and the command ends with 3.
    """
    from cli.decide import tell_decided
    from voicepipe.pipeline.production import read_production
    from voicepipe.pipeline.review_file import load_review_file
    from voicepipe.pipeline.reviewing import take_in

    production = read_production(session_of(ctx).root)
    requests = load_review_file(file, bank=production.settings.bank)
    tell_decided(take_in(production, requests, command="voicepipe review apply"), as_json=as_json)

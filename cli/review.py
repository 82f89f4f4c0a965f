"""`voicepipe review`: a page to hear every clip on, and what was decided there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Languages, Lines, Nodes, Scenes, Speakers
from cli.output import answer, emit_json, say, session_of, warn
from cli.progress_bar import ProgressBar
from cli.projects import filters
from cli.verb_groups import add_group
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from voicepipe.pipeline.selection import Selection

SoundForm = Annotated[
    str,
    typer.Option(
        "--audio", help="Sounds as wav (copies), or smaller, to send: flac, ogg, opus or mp3."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb, and the one below it."""
    about = "A page to hear and judge every clip on; opens from disk, without a network."
    add_group(app, "review", about, {"apply": apply}, alone=review)


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
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Answer a browser on this machine: write at once, make retakes."
        ),
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="With --serve; 0: any that is free.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Write a page that shows and plays every clip, and takes approvals and rejections.

    Open its index.html. What is decided there is saved as a file, which `voicepipe review apply`
    takes into decisions.csv. With --serve the page writes each decision at once, and another take
    is made as soon as it is asked for; Ctrl-C ends it.
    """
    if ctx.invoked_subcommand is not None:
        return
    wanted = filters(languages, scenes, speakers, nodes, lines)
    if serve:
        _serve(ctx, out, wanted, form, port, as_json=as_json)
        return
    if port:
        raise UsageError("--port needs --serve", remedy="add it")
    if out is None:
        raise UsageError("review writes a folder", remedy="name it: voicepipe review -o review")
    from voicepipe.pipeline.production import read_production
    from voicepipe.pipeline.review_building import build_review
    from voicepipe.pipeline.selection import resolve

    session = session_of(ctx)
    production = read_production(session.root)
    meant = resolve(production, wanted)
    chosen = production.chosen(meant)
    with ProgressBar(quiet=session.quiet) as bar:
        bar.begin("lines", len(chosen))
        written = build_review(production, chosen, out, form=form, on_lines=bar.update)
    page = written.folder / "index.html"
    if as_json:
        emit_json({"page": str(page), "lines": written.n_lines, "sounds": written.n_sounds})
        return
    answer(f"{page}: {written.n_lines} lines, {written.n_sounds} sounds; open it in a browser")


def _serve(
    ctx: typer.Context,
    out: Path | None,
    wanted: Selection,
    form: str,
    port: int,
    *,
    as_json: bool,
) -> None:
    """Answer a browser until Ctrl-C; a page without a place of its own is removed at the end."""
    import contextlib
    import tempfile
    import threading

    from cli.progress import RenderView
    from voicepipe.pages.server import PageServer
    from voicepipe.pipeline.review_session import ReviewSession

    session = session_of(ctx)
    with contextlib.ExitStack() as ends:
        folder = out or Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="review-")))
        view = ends.enter_context(RenderView(quiet=session.quiet, verbose=session.verbose))
        review_ = ReviewSession(
            session.root, folder, wanted, form=form, is_kept=out is not None, on_event=view
        )
        ends.callback(review_.close)
        server = PageServer(folder, review_.answer, made=review_.made, port=port)
        ends.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        warn(f"open {server.url}")
        say(session, "Ctrl-C ends the review")
        with contextlib.suppress(KeyboardInterrupt):
            thread.join()
        server.shutdown()
    if as_json:
        emit_json({"decided": review_.n_decided})
    else:
        answer(f"{review_.n_decided} decisions written")


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

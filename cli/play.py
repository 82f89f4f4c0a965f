"""`voicepipe play`: the story to play in a browser, as a folder to send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Languages
from cli.output import answer, emit_json, session_of, warn
from cli.progress_bar import ProgressBar

if TYPE_CHECKING:
    from voicepipe.hashing import Json


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("play")(play)


def play(
    ctx: typer.Context,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder to write: new, or one of this verb.")
    ],
    languages: Languages = None,
    form: Annotated[
        str, typer.Option("--audio", help="Sounds as mp3, opus, ogg, flac or wav.")
    ] = "mp3",
    mouths: Annotated[
        bool, typer.Option("--mouths", help="Show a mouth that moves as each line sounds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the story as a page to play: choices, conditions, subtitles, every language.

    The folder opens from disk and needs no network: zip it and send it. Lines without a clip are
    named where they would be heard; the page remembers what was never heard.
    """
    from voicepipe.pipeline.play_building import build_play
    from voicepipe.pipeline.production import read_production

    session = session_of(ctx)
    production = read_production(session.root)
    total = sum(1 for one in production.produced if one.text is not None)
    with ProgressBar(quiet=session.quiet) as bar:
        bar.begin("clips", total)
        written = build_play(
            production,
            out,
            languages=languages or (),
            form=form,
            mouths=mouths,
            on_clip=bar.update,
        )
    page = written.folder / "index.html"
    if as_json:
        refused: list[Json] = [
            {"line": line, "language": language, "reason": reason}
            for (line, language), reason in written.refused.items()
        ]
        counts = {"clips": written.n_clips, "missing": written.n_missing}
        emit_json({"page": str(page), **counts, "refused": refused})
        return
    for (line, language), reason in list(written.refused.items())[:10]:
        warn(f"left out: {line} ({language}): {reason}")
    if len(written.refused) > 10:
        warn(f"… and {len(written.refused) - 10} more")
    missing = f", {written.n_missing} lines have none yet" if written.n_missing else ""
    answer(f"{page}: {written.n_clips} clips{missing}; open it in a browser")

"""`voicepipe listen`: hear lines as they were published, or takes that wait to be chosen."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.bank_place import VERSION_HELP
from cli.options import AsJson, Languages
from cli.output import answer, emit_json, say, session_of
from cli.projects import settings_of


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("listen")(listen)


def listen(
    ctx: typer.Context,
    lines: Annotated[
        list[str], typer.Argument(metavar="LINE...", help="Line ids, or ids like bridge_*.")
    ],
    languages: Languages = None,
    take: Annotated[
        int,
        typer.Option("--take", min=0, help="This take, of `render --takes` or ever published."),
    ] = 0,
    version: Annotated[str, typer.Option("--version", help=VERSION_HELP)] = "latest",
    only_paths: Annotated[
        bool, typer.Option("--path", help="Print the files' paths, and play nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play lines in the order of the script: without --lang, each in its source language.

    Sound goes through `sounddevice` where it is installed, or a player that the system has.
    """
    from cli.sound import clip_row, ignore_clip, play_each, tell_clip
    from voicepipe.pipeline.listening import clips_of_lines

    session = session_of(ctx)
    settings = settings_of(session)
    clips = clips_of_lines(
        session.root, settings, lines, languages=languages or (), take=take, version=version
    )
    player = ""
    if not only_paths:
        player = play_each(clips, ignore_clip if as_json else tell_clip)
    elif not as_json:
        for clip in clips:
            answer(clip.path.relative_to(session.root).as_posix())
    if as_json:
        rows = [clip_row(clip, session.root) for clip in clips]
        emit_json({"clips": [*rows], "player": player or None})
    elif session.verbose and player:
        say(session, f"played by {player}")

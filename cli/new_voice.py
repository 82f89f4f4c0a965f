"""`voicepipe voices new`: begin a voice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.options import AsJson
from cli.output import answer, emit_json, session_of, warn
from cli.projects import settings_of

if TYPE_CHECKING:
    from voicepipe.hashing import Json


def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The voice's name; a speaker of this name has it.")],
    clips: Annotated[
        list[Path] | None,
        typer.Option("--clip", help="A recording to copy, the calm one first; may be repeated."),
    ] = None,
    language: Annotated[
        str, typer.Option("--lang", help="What the clips are in; the source language otherwise.")
    ] = "",
    speakers: Annotated[
        list[str] | None,
        typer.Option("--speaker", help="Cast this speaker with it, too; may be repeated."),
    ] = None,
    base: Annotated[
        str, typer.Option("--base", help="The model it speaks through, as `models pull` has it.")
    ] = "tiny",
    is_scratch: Annotated[
        bool, typer.Option("--scratch", help="A placeholder, complete at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Begin a voice: its file, its clips checked and copied. Its consent is for you to fill in.

    What a clip says is taken from a .txt or .lab file beside it. A second clip's name is its
    emotion: angry.wav.
    """
    from voicepipe.pipeline.new_voice import VoiceRequest, new_voice
    from voicepipe.reports import SourceLines, diagnostics_to_json, render_text

    session = session_of(ctx)
    request = VoiceRequest(
        name=name,
        clips=tuple(clips or ()),
        language=language,
        speakers=tuple(speakers or ()),
        base=base,
        is_scratch=is_scratch,
    )
    made = new_voice(session.root, settings_of(session), request)
    if as_json:
        found = cast("list[Json]", diagnostics_to_json(made.diagnostics))
        emit_json({"voice": name, "files": [*made.files], "diagnostics": found})
        return
    for file in made.files:
        answer(f"wrote {file}")
    if made.diagnostics:
        warn(render_text(made.diagnostics, SourceLines(session.root)))
    if not is_scratch:
        answer(f"Next: fill in {made.files[0]}, then voicepipe voices check {name}")

"""`voicepipe say`: one sentence in one voice, to hear what it sounds like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.destination import STDOUT, require_free_stdout, require_suffix, write_to
from cli.options import AsJson
from cli.output import answer, emit_json, say, session_of, warn


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("say")(say_line)


def say_line(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="What to say; inline marks are obeyed.")],
    voice: Annotated[str, typer.Option("--voice", help="A voice of the project.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The WAV to write; `-`: stdout.")],
    language: Annotated[
        str, typer.Option("--lang", help="Language; the voice's first otherwise.")
    ] = "",
    emotion: Annotated[str, typer.Option("--emotion", help="Delivery; neutral otherwise.")] = "",
    seed: Annotated[int | None, typer.Option("--seed", help="Another seed, another take.")] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda:0 …")] = "",
    as_json: AsJson = False,
) -> None:
    """Say one sentence in a voice and write it as a WAV. Consent is asked as for any line."""
    from voicepipe.pipeline.render.saying import SayRequest, say_text
    from voicepipe.reports import SourceLines, render_text

    require_free_stdout(out, as_json=as_json)
    require_suffix(out, (".wav", ".wave"), "WAV")
    session = session_of(ctx)
    say_request = SayRequest(
        text=text, voice=voice, language=language, emotion=emotion, seed=seed, device=device
    )
    said = say_text(session.root, say_request)
    write_to(out, said.clip.wav_bytes)
    clip = said.clip
    if as_json:
        emit_json(
            {
                "file": out.as_posix(),
                "voice": voice,
                "language": said.request.language,
                "seed": said.request.seed,
                "take_key": said.request.key(),
                "sample_rate": clip.sample_rate,
                "duration_s": clip.duration_s,
                "loudness_lufs": clip.loudness_lufs,
                "peak_dbtp": clip.peak_dbtp,
            }
        )
        return
    if said.remarks and session.verbose:
        warn(render_text(said.remarks, SourceLines(session.root)))
    made = f"{clip.duration_s:.2f} s, {said.request.language}, seed {said.request.seed}"
    if out == STDOUT:
        say(session, made)
    else:
        answer(f"{out}: {made}")
    if clip.note:
        say(session, clip.note)

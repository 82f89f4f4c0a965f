"""`voicepipe say`: one sentence in one voice, or one line, to hear what it sounds like."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.destination import STDOUT, require_free_stdout, require_suffix, write_to
from cli.options import AsJson
from cli.output import answer, emit_json, say, session_of, warn
from voicepipe.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from cli.output import Session
    from voicepipe.hashing import Json
    from voicepipe.pipeline.render.saying import SayResult


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("say")(say_sentence)


def say_sentence(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="What to say; inline tags are followed.")] = "",
    voice: Annotated[str, typer.Option("--voice", help="A voice of the project.")] = "",
    line: Annotated[
        str, typer.Option("--line", help="Instead of text and voice: a line, as the script has it.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The WAV to write; `-`: stdout. Without: it is played."),
    ] = None,
    language: Annotated[
        str, typer.Option("--lang", help="Language; the voice's or the script's first otherwise.")
    ] = "",
    emotion: Annotated[str, typer.Option("--emotion", help="Delivery; neutral otherwise.")] = "",
    seed: Annotated[int | None, typer.Option("--seed", help="Another seed, another take.")] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda:0 …")] = "",
    as_json: AsJson = False,
) -> None:
    """Say one sentence in a voice, or a line of the script. Consent is asked as for any line."""
    from voicepipe.pipeline.loading_ahead import link_libraries

    session = session_of(ctx)
    link_libraries(session.root)
    from voicepipe.pipeline.render.saying import SayRequest, say_line, say_text

    require_free_stdout(out, as_json=as_json)
    if out is not None:
        require_suffix(out, (".wav", ".wave"), "WAV")
    _require_one_way(text=text, voice=voice, line=line, emotion=emotion)
    if line:
        said = say_line(session.root, line, language=language, seed=seed, device=device)
    else:
        say_request = SayRequest(
            text=text, voice=voice, language=language, emotion=emotion, seed=seed, device=device
        )
        said = say_text(session.root, say_request)
    if out is None:
        _play(said.clip.wav_bytes)
    else:
        write_to(out, said.clip.wav_bytes)
    if as_json:
        emit_json(_document(said, out))
    else:
        _tell(session, said, out)


def _require_one_way(*, text: str, voice: str, line: str, emotion: str) -> None:
    if line and (text or voice or emotion):
        raise UsageError(
            "--line takes text, voice and emotion from the script",
            remedy="leave them out, or leave --line out",
        )
    if not line and not (text and voice):
        raise UsageError(
            "what is said needs a text and a --voice, or a --line",
            remedy='voicepipe say "Who is there?" --voice hero, or: voicepipe say --line LINE',
        )


def _play(wav: bytes) -> None:
    from voicepipe.audio.playback import Loudspeaker

    with tempfile.TemporaryDirectory(prefix="voicepipe-") as folder:
        path = Path(folder) / "said.wav"
        path.write_bytes(wav)
        try:
            Loudspeaker().play(path)
        except EnvironmentFault as fault:
            message = fault.message.replace(str(path), "what was said")
            raise EnvironmentFault(message, remedy="write it to a file: -o said.wav") from fault


def _document(said: SayResult, out: Path | None) -> dict[str, Json]:
    clip = said.clip
    return {
        "file": None if out is None else out.as_posix(),
        "voice": said.request.voice_id,
        "language": said.request.language,
        "seed": said.request.seed,
        "take_key": said.request.key(),
        "sample_rate": clip.sample_rate,
        "duration_s": clip.duration_s,
        "loudness_lufs": clip.loudness_lufs,
        "peak_dbtp": clip.peak_dbtp,
    }


def _tell(session: Session, said: SayResult, out: Path | None) -> None:
    from voicepipe.reports import SourceLines, render_text

    if said.remarks and session.verbose:
        warn(render_text(said.remarks, SourceLines(session.root)))
    clip = said.clip
    made = f"{clip.duration_s:.2f} s, {said.request.language}, seed {said.request.seed}"
    if out == STDOUT:
        say(session, made)
    else:
        answer(f"{'played' if out is None else out}: {made}")
    if clip.note:
        say(session, clip.note)

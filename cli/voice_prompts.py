"""`voicepipe voices prepare`: listen to the reference clips once, ahead of a render."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import AsJson
from cli.output import answer, emit_json, session_of
from cli.projects import load_valid_project
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError


def register(voices: typer.Typer) -> None:
    """Add the verb to the `voices` group."""
    voices.command("prepare")(prepare_voices)


def prepare_voices(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="Only this voice; all of them otherwise.")] = "",
    device: Annotated[str, typer.Option("--device", help="cpu, cuda:0 …")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the prompts of reference clips, so that rendering needs neither HuBERT nor encoders."""
    from voicepipe.pipeline.prompting import prepare_prompts

    session = session_of(ctx)
    project = load_valid_project(session)
    known = sorted(project.catalog.voices)
    if voice and voice not in known:
        raise UsageError(
            f'there is no voice "{voice}"{did_you_mean(voice, known)}',
            remedy=f"voices are {', '.join(known)}" if known else "there are none yet",
        )
    done = []
    for prepared in prepare_prompts(project, voice=voice, device=device):
        done.append(prepared)
        if not as_json:
            state = "prepared" if prepared.is_new else "was prepared"
            answer(f"{prepared.voice}: {prepared.path} {state}")
    if as_json:
        emit_json(
            {
                "prompts": [
                    {"voice": p.voice, "clip": p.path, "sha256": p.sha256, "new": p.is_new}
                    for p in done
                ]
            }
        )
    elif not done:
        answer("no line's voice listens to a clip")

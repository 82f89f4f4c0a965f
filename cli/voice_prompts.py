"""`voicepipe voices prepare`: listen to the reference clips once, ahead of a render."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.output import answer, emit_json, session_of
from cli.projects import load_valid_project
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.clip_comparing import Comparison


def register(voices: typer.Typer) -> None:
    """Add the verb to the `voices` group."""
    voices.command("prepare")(prepare_voices)


def prepare_voices(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="Only this voice; all of them otherwise.")] = "",
    device: Annotated[str, typer.Option("--device", help="cpu, cuda:0 …")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the prompts of reference clips, so that rendering needs neither HuBERT nor encoders.

    Where a voice has several clips of one emotion in one language, they are compared by length,
    noise, how well the transcript is heard, and likeness to the voice's other clips. The first in
    the voice's file speaks; write the best one first to let it speak. Nothing is changed here.
    """
    from voicepipe.pipeline.clip_comparing import compare_clips
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
    compared = []
    for comparison in compare_clips(project, voice=voice, device=device):
        compared.append(comparison)
        if not as_json:
            _tell(comparison, project.catalog.voices[VoiceId(comparison.voice)].span.path)
    if as_json:
        emit_json(
            {
                "prompts": [
                    {"voice": p.voice, "clip": p.path, "sha256": p.sha256, "new": p.is_new}
                    for p in done
                ],
                "comparisons": [_document(comparison) for comparison in compared],
            }
        )
    elif not done:
        answer("no line's voice listens to a clip")


def _tell(comparison: Comparison, file: str) -> None:
    where = f"{comparison.voice}: {comparison.emotion}, {comparison.language}"
    for place, clip in enumerate(comparison.clips, start=1):
        against = ", ".join(f"{reason} {cost:.2f}" for reason, cost in clip.costs) or "nothing"
        speaks = " (speaks)" if clip.evidence.path == comparison.speaks else ""
        seen = f"{clip.evidence.duration_s:.1f} s, {clip.evidence.snr_db:.0f} dB over noise"
        answer(f"{where}: {place}. {clip.evidence.path}{speaks}: {seen}; against it: {against}")
    if not comparison.is_best_first:
        best = comparison.clips[0].evidence.path
        answer(f"{where}: {best} is the safest; to let it speak, write it first in {file}")


def _document(comparison: Comparison) -> dict[str, Json]:
    return {
        "voice": comparison.voice,
        "emotion": comparison.emotion,
        "language": comparison.language,
        "speaks": comparison.speaks,
        "best": comparison.clips[0].evidence.path,
        "clips": [
            {
                "clip": clip.evidence.path,
                "sha256": clip.evidence.sha256,
                "duration_s": round(clip.evidence.duration_s, 3),
                "snr_db": _finite(clip.evidence.snr_db),
                "faults": list(clip.evidence.faults),
                "likeness": None if clip.likeness is None else round(clip.likeness, 4),
                "cost": round(clip.cost, 3),
                "against": {reason: round(cost, 3) for reason, cost in clip.costs},
            }
            for clip in comparison.clips
        ],
    }


def _finite(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None

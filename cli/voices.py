"""`voicepipe voices`: who may be heard, and how good the reference clips are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli import new_voice, voice_consent, voice_prompts, voice_removal
from cli.options import AsJson
from cli.output import answer, answer_table, emit_json, session_of, warn
from cli.verb_groups import add_group
from voicepipe.errors import ExitCode
from voicepipe.reports import counted

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from cli.output import Session
    from cli.verb_groups import Verbs
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.settings import Settings
    from voicepipe.voices.reference_checks import ClipFigures
    from voicepipe.voices.voice import Voice


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    about = "Voices: list them, check their reference clips, revoke one."
    verbs: Verbs = {
        "ls": list_voices,
        "new": new_voice.new,
        "check": check_voices,
    }
    voices = add_group(app, "voices", about, verbs)
    voice_removal.register(voices)
    voice_consent.register(voices)
    voice_prompts.register(voices)


def list_voices(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the voices: engine, languages, clips, and whether consent covers this bank today."""
    from voicepipe.diagnostics import has_errors
    from voicepipe.pipeline.voice_checks import read_voices

    session = session_of(ctx)
    read = read_voices(session.root)
    settings, catalog, problems, today = read.settings, read.catalog, read.diagnostics, read.day
    if as_json:
        rows: list[Json] = [_facts(voice, settings, today) for voice in catalog.voices.values()]
        emit_json({"voices": rows, "diagnostics": _as_json(problems)})
    else:
        _show(session, problems)
        answer_table(
            ("voice", "engine", "languages", "clips", "consent"),
            [_row(voice, settings, today) for voice in catalog.voices.values()],
        )
    if has_errors(problems):
        raise typer.Exit(ExitCode.INPUT)


def check_voices(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="Only this voice; all of them otherwise.")] = "",
    as_json: AsJson = False,
) -> None:
    """Measure every reference clip and say what is wrong with it, and with consent."""
    from voicepipe.diagnostics import has_errors
    from voicepipe.pipeline import voice_checks

    session = session_of(ctx)
    found = voice_checks.check_voices(session.root, voice)
    if as_json:
        emit_json(
            {
                "voices": [one.id for one in found.voices],
                "clips": [_figures_json(one, figures) for one, figures in found.clips],
                "diagnostics": _as_json(found.diagnostics),
            }
        )
    else:
        _show_figures(found.clips)
        _show(session, found.diagnostics)
        n_clips, n_voices = len(found.clips), len(found.voices)
        remarks = counted(len(found.diagnostics), "remark")
        answer(f"{counted(n_clips, 'clip')} of {counted(n_voices, 'voice')}, {remarks}")
    if has_errors(found.diagnostics):
        raise typer.Exit(ExitCode.INPUT)


def _refusals(voice: Voice, settings: Settings, today: datetime.date) -> dict[str, str]:
    from voicepipe.consent.gate import refusal
    from voicepipe.pipeline.voice_checks import spoken_languages

    found = {
        tag: refusal(
            voice.consent,
            bank=settings.bank,
            language=tag,
            today=today,
            territories=settings.territories,
        )
        for tag in spoken_languages(voice, settings)
    }
    return {tag: reason for tag, reason in found.items() if reason is not None}


def _row(voice: Voice, settings: Settings, today: datetime.date) -> list[str]:
    emotions = sorted({clip.emotion for clip in voice.clips})
    clips = f"{len(voice.clips)} ({', '.join(emotions)})" if emotions else "0"
    if voice.auxiliary:
        clips += f" + {len(voice.auxiliary)} for timbre"
    if voice.sounds:
        names = dict.fromkeys(sound.name for sound in voice.sounds)
        clips += f" + {len(voice.sounds)} sounds ({', '.join(names)})"
    languages = ", ".join(voice.languages) or "any"
    return [voice.id, voice.engine, languages, clips, _status(voice, settings, today)]


def _status(voice: Voice, settings: Settings, today: datetime.date) -> str:
    from voicepipe.pipeline.voice_checks import spoken_languages

    refused = _refusals(voice, settings, today)
    spoken = spoken_languages(voice, settings)
    reasons = sorted(set(refused.values()))
    if refused and len(refused) == len(spoken):
        return f"REFUSED: {reasons[0]}"
    if refused:
        return f"only {', '.join(t for t in spoken if t not in refused)}: {reasons[0]}"
    until = voice.consent.valid_until if voice.consent is not None else None
    return f"covered until {until}" if until else "covered"


def _facts(voice: Voice, settings: Settings, today: datetime.date) -> dict[str, Json]:
    consent = voice.consent
    return {
        "id": voice.id,
        "engine": voice.engine,
        "languages": list(voice.languages),
        "clips": [
            {
                "path": clip.path,
                "language": clip.language,
                "emotion": clip.emotion,
                "sha256": clip.sha256,
                "auxiliary": [other.path for other in clip.auxiliary],
            }
            for clip in voice.clips
        ],
        "auxiliary": [{"path": clip.path, "sha256": clip.sha256} for clip in voice.auxiliary],
        "sounds": [
            {"name": sound.name, "path": sound.path, "sha256": sound.sha256}
            for sound in voice.sounds
        ],
        "fallback": dict(voice.fallback),
        "consent": None
        if consent is None
        else {
            "id": consent.id,
            "kind": consent.kind.value,
            "who": consent.who,
            "scope": list(consent.scope),
            "languages": list(consent.languages),
            "from": str(consent.valid_from),
            "until": None if consent.valid_until is None else str(consent.valid_until),
            "uses": [use.value for use in consent.uses],
            "territories": list(consent.territories),
            "terms": consent.terms,
            "suspended": consent.is_suspended,
            "revoked": None if consent.revoked is None else str(consent.revoked),
        },
        "refusals": dict(_refusals(voice, settings, today)),
    }


def _show_figures(measured: Sequence[tuple[Voice, ClipFigures]]) -> None:
    if not measured:
        return
    answer_table(
        ("voice", "clip", "s", "Hz", "channels", "SNR dB", "silence s", "overloads"),
        [
            (
                voice.id,
                figures.path,
                f"{figures.duration_s:.2f}",
                str(figures.sample_rate),
                str(figures.channels),
                f"{figures.snr_db:.0f}",
                f"{figures.leading_silence_s:.2f} + {figures.trailing_silence_s:.2f}",
                str(figures.clipped_runs),
            )
            for voice, figures in measured
        ],
    )


def _figures_json(voice: Voice, figures: ClipFigures) -> dict[str, Json]:
    return {
        "voice": voice.id,
        "path": figures.path,
        "encoding": figures.encoding,
        "channels": figures.channels,
        "sample_rate": figures.sample_rate,
        "duration_s": round(figures.duration_s, 3),
        "leading_silence_s": round(figures.leading_silence_s, 3),
        "trailing_silence_s": round(figures.trailing_silence_s, 3),
        "snr_db": round(figures.snr_db, 1),
        "clipped_runs": figures.clipped_runs,
        "offset": round(figures.offset, 5),
        "is_silent": figures.is_silent,
    }


def _as_json(problems: Sequence[Diagnostic]) -> list[Json]:
    from voicepipe.reports import diagnostics_to_json

    return cast("list[Json]", diagnostics_to_json(problems))


def _show(session: Session, problems: Sequence[Diagnostic]) -> None:
    from voicepipe.reports import SourceLines, render_text

    if problems:
        warn(render_text(problems, SourceLines(session.root)))

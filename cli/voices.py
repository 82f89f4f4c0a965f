"""`voicepipe voices`: who may be heard, how good the reference clips are, and revocation."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli import new_voice, voice_consent, voice_prompts
from cli.options import AsJson, Store
from cli.output import answer, answer_table, emit_json, say, session_of, warn
from cli.projects import settings_of
from cli.verb_groups import add_group
from voicepipe.clock import utc_today
from voicepipe.errors import ExitCode, UsageError
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cli.output import Session
    from cli.verb_groups import Verbs
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.pipeline.revocation import RevocationReport
    from voicepipe.settings import Settings
    from voicepipe.voices.reference_checks import ClipFigures
    from voicepipe.voices.voice import Voice

_SHOWN_FILES = 20
"""Published files listed for a person; the lists hold all."""


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    about = "Voices: list them, check their reference clips, revoke one."
    verbs: Verbs = {
        "ls": list_voices,
        "new": new_voice.new,
        "check": check_voices,
        "revoke": revoke_voice,
    }
    voices = add_group(app, "voices", about, verbs)
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


def revoke_voice(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="The voice's id.")],
    confirm: Annotated[
        str,
        typer.Option("--confirm", metavar="VOICE", help="The voice's id again: takes are gone."),
    ] = "",
    date: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="Day of the revocation; today.")
    ] = "",
    store: Store = "",
    as_json: AsJson = False,
) -> None:
    """Revoke a voice: nothing renders in it, its takes go, what was published is listed."""
    from voicepipe.pipeline.leftovers import sweep_leftovers
    from voicepipe.pipeline.revocation import published_rows, revoke_voice

    session = session_of(ctx)
    day = _day(date)
    if confirm != voice:
        raise UsageError(
            f'revoking "{voice}" deletes its takes, its clips and the models trained on it',
            remedy=f"if that is meant: voicepipe voices revoke {voice} --confirm {voice}",
        )
    settings = settings_of(session)
    sweep_leftovers(session.root, settings)
    done = revoke_voice(session.root, settings, voice, date=day, store=store)
    if as_json:
        rows = published_rows(done.published, session.root / settings.out)
        emit_json(_revocation_json(done, session.root, rows))
        return
    _show_revocation(done, session)


def _day(text: str) -> datetime.date:
    if not text:
        return utc_today()
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise UsageError(f'"{text}" is not a date such as 2026-03-01') from error
    if day > utc_today():
        raise UsageError(
            f"{day} is yet to come", remedy="a revocation takes effect at once; leave --date out"
        )
    return day


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


def _revocation_json(
    done: RevocationReport, root: Path, rows: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    from voicepipe.pipeline.revocation import exported_rows

    removed = done.removed
    return {
        "voice": done.voice,
        "date": str(done.date),
        "newly_revoked": done.is_newly_revoked,
        "takes": removed.takes if removed else 0,
        "clips": removed.clips if removed else 0,
        "annotations": removed.annotations if removed else 0,
        "pins": [list(pin) for pin in removed.pins] if removed else [],
        "shared": None if done.shared is None else asdict(done.shared),
        "unread": list(done.unread),
        "trained": asdict(done.trained),
        "lists": [path.relative_to(root).as_posix() for path in done.lists],
        "published": list(rows),
        "exported": [*exported_rows(done.exported, root)],
    }


def _show_revocation(done: RevocationReport, session: Session) -> None:
    state = "is withdrawn" if done.is_newly_revoked else "was already withdrawn"
    answer(f'voice "{done.voice}" {state}: nothing renders in it from now on')
    if done.shared is not None:
        gone = f"{done.shared.takes} takes and {done.shared.clips} clips"
        answer(f"{gone} are gone from the shared store")
    for problem in done.unread:
        warn(f"{problem}; whose it is cannot be known")
    _show_models(done)
    if done.removed is None:
        answer("nothing was ever rendered here")
        return
    answer(f"{done.removed.takes} takes and {done.removed.clips} clips are gone from the store")
    _show_exported(done)
    files = done.published
    if not files:
        answer("no published version carries it")
        return
    answer(f"{len(files)} published files carry it; removing them is up to you:")
    for file in files[:_SHOWN_FILES]:
        answer(f"  {file.path.relative_to(session.root).as_posix()}")
    if len(files) > _SHOWN_FILES:
        answer(f"  … and {len(files) - _SHOWN_FILES} more")
    for path in done.lists:
        say(session, f"list: {path.relative_to(session.root).as_posix()}")


def _show_exported(done: RevocationReport) -> None:
    if done.exported:
        n_files = counted(len(done.exported), "exported file")
        answer(f"{n_files} of this voice; the next `voicepipe export --all` takes them out")


def _show_models(done: RevocationReport) -> None:
    trained = done.trained
    if trained.models:
        answer(f"models trained on it are gone from the library: {', '.join(trained.models)}")
        answer("copies of them on other machines, or handed out, are yours to remove")
    if trained.folder:
        answer("what its training kept is gone: features, saved states, previews")
    for user in trained.users:
        warn(f'voice "{user}" spoke with one of these models: name another in its file')

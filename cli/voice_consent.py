"""`voicepipe voices suspend|resume|log`: a consent's pauses, and who changed it when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Store
from cli.output import answer, answer_table, emit_json, session_of
from cli.projects import settings_of
from voicepipe.clock import utc_today
from voicepipe.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from voicepipe.consent.log import ConsentLog, LogEntry
    from voicepipe.hashing import Json
    from voicepipe.pipeline.suspension import Statement, SuspensionReport

VoiceName = Annotated[str, typer.Argument(help="The voice's id.")]
By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who says so; otherwise this account's name.")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for the log.")]


def register(voices: typer.Typer) -> None:
    """Add the verbs to the `voices` group."""
    voices.command("suspend")(suspend)
    voices.command("resume")(resume)
    voices.command("log")(show_log)


def suspend(
    ctx: typer.Context,
    voice: VoiceName,
    by: By = "",
    note: Note = "",
    store: Store = "",
    as_json: AsJson = False,
) -> None:
    """Suspend a voice: nothing new is made in it; what was made before stays published."""
    from voicepipe.pipeline.suspension import suspend_voice

    session = session_of(ctx)
    settings = settings_of(session)
    done = suspend_voice(
        session.root, settings, voice, statement(by, note), date=utc_today(), store=store
    )
    _show(done, as_json=as_json)


def resume(
    ctx: typer.Context,
    voice: VoiceName,
    confirm: Annotated[
        str, typer.Option("--confirm", metavar="VOICE", help="The voice's id again.")
    ] = "",
    by: By = "",
    note: Note = "",
    store: Store = "",
    as_json: AsJson = False,
) -> None:
    """Let a suspended voice speak again, once the person has agreed."""
    from voicepipe.pipeline.suspension import resume_voice

    session = session_of(ctx)
    if confirm != voice:
        raise UsageError(
            f'resuming "{voice}" says that the person agrees again',
            remedy=f"if that is so: voicepipe voices resume {voice} --confirm {voice}",
        )
    settings = settings_of(session)
    done = resume_voice(session.root, settings, voice, statement(by, note), store=store)
    _show(done, as_json=as_json)


def show_log(
    ctx: typer.Context,
    voice: VoiceName,
    add: Annotated[
        str,
        typer.Option("--add", metavar="TEXT", help="Write the record down as it is, and why."),
    ] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Show who changed a voice's consent, and when; or write down a change made by hand.

    Each line of the log holds the hash of the one before. A log that does not hold together is
    shown as far as it does, and exits with 1.
    """
    from voicepipe.consent.log import Change
    from voicepipe.pipeline.suspension import log_change, voice_log

    session = session_of(ctx)
    settings = settings_of(session)
    if add:
        log_change(session.root, settings, voice, Change.RECORDED, statement(by, add))
    log = voice_log(session.root, settings, voice)
    if as_json:
        emit_json(_log_json(voice, log))
    else:
        columns = ("when", "who", "what", "why", "hash")
        answer_table(columns, [_row(entry) for entry in log.entries])
        if log.broken_line:
            answer(f"line {log.broken_line} does not follow: {log.fault}")
        elif not log.entries:
            answer(f'"{voice}" has no log; begin it with --add')
    if log.broken_line:
        raise typer.Exit(ExitCode.INPUT)


def _log_json(voice: str, log: ConsentLog) -> dict[str, Json]:
    entries: list[Json] = [
        {
            "at": entry.at,
            "by": entry.by,
            "change": entry.change.value,
            "note": entry.note,
            "record": dict(entry.record),
            "hash": entry.hash,
        }
        for entry in log.entries
    ]
    return {
        "voice": voice,
        "entries": entries,
        "is_whole": not log.broken_line,
        "broken_line": log.broken_line,
        "fault": log.fault,
    }


def _row(entry: LogEntry) -> list[str]:
    return [entry.at, entry.by, entry.change.value, entry.note, entry.hash[:12]]


def statement(by: str, note: str) -> Statement:
    """Say who asks for a change of a consent, and why."""
    from voicepipe.pipeline.suspension import Statement

    return Statement(by=by, note=note) if by.strip() else Statement.of_this_user(note)


def _show(done: SuspensionReport, *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                "voice": done.voice,
                "consent": done.consent,
                "suspended": done.is_suspended,
                "changed": done.changed,
                "stores": done.stores,
            }
        )
        return
    if done.is_suspended:
        answer(f'"{done.voice}" is suspended: nothing new is made in it, what was made stays')
    else:
        answer(f'"{done.voice}" may speak again')
    if not done.changed:
        answer("(it was so already)")
    if done.stores:
        answer(f"{done.stores} shared stores were told")

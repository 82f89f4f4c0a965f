"""`voicepipe voices revoke|certificate`: taking a voice out, and what certifies that it is out."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Store
from cli.output import answer, emit_json, say, session_of, warn
from cli.projects import settings_of
from cli.voice_consent import By, Note, statement
from voicepipe.clock import utc_today
from voicepipe.errors import ExitCode, UsageError
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.output import Session
    from voicepipe.hashing import Json
    from voicepipe.pipeline.certificate import CertificateCheck
    from voicepipe.pipeline.revocation import RevocationReport

_SHOWN_FILES = 20
"""Published files listed for a person; the lists hold all."""


def register(voices: typer.Typer) -> None:
    """Add the verbs to the `voices` group."""
    voices.command("revoke")(revoke_voice)
    voices.command("certificate")(certificate)


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
    by: By = "",
    note: Note = "",
    shipped: Annotated[
        list[Path] | None,
        typer.Option(
            "--shipped",
            metavar="PATH",
            help="Look through this file, folder or zip archive for its clips, too; repeatable.",
        ),
    ] = None,
    certificates: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            metavar="FOLDER",
            help="Where the certificate of removal goes; otherwise beside the voice's log.",
        ),
    ] = None,
    store: Store = "",
    as_json: AsJson = False,
) -> None:
    """Revoke a voice: nothing renders in it, its takes go, what was published is listed.

    A certificate names every file that was removed, by hash, what is kept and why, and every
    published and exported file that still carries the voice.
    """
    from voicepipe.pipeline.leftovers import sweep_leftovers
    from voicepipe.pipeline.revocation import revoke_voice
    from voicepipe.pipeline.takedown import published_rows

    session = session_of(ctx)
    day = _day(date)
    if confirm != voice:
        raise UsageError(
            f'revoking "{voice}" deletes its takes, its clips and the models trained on it',
            remedy=f"if that is meant: voicepipe voices revoke {voice} --confirm {voice}",
        )
    settings = settings_of(session)
    sweep_leftovers(session.root, settings)
    done = revoke_voice(
        session.root,
        settings,
        voice,
        date=day,
        store=store,
        statement=statement(by, note),
        shipped=shipped or (),
        certificates=certificates,
    )
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


def _revocation_json(
    done: RevocationReport, root: Path, rows: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    from voicepipe.pipeline.takedown import exported_rows

    removed, made = done.removed, done.certificate
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
        "exported": [*exported_rows(done.copies.files, root)],
        "unreachable": [asdict(one) for one in done.copies.unreachable],
        "certificate": None if made is None else _shown(made.path, root),
        "certificate_sha256": "" if made is None else made.hash,
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
    else:
        answer(f"{done.removed.takes} takes and {done.removed.clips} clips are gone from the store")
    _show_copies(done)
    _show_published(done, session)
    if done.certificate is not None:
        told = "certificate of what was removed" if done.is_certificate_new else "certificate"
        answer(f"{told}: {_shown(done.certificate.path, session.root)}")


def _show_published(done: RevocationReport, session: Session) -> None:
    if done.removed is None:
        return
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


def _show_copies(done: RevocationReport) -> None:
    files = done.copies.files
    if files:
        where = ", ".join(sorted({file.export for file in files}))
        answer(f"{counted(len(files), 'exported file')} of this voice ({where})")
        answer("exporting again takes out those of exports; what was shipped is for you to remove")
    for one in done.copies.unreachable:
        n_clips = f"{one.n_clips} clips" if one.n_clips else "clips, if any"
        warn(f"unreachable: {one.path}: {n_clips} of this voice went there ({one.why})")


def _shown(path: Path, root: Path) -> str:
    whole = path.absolute()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


def _show_models(done: RevocationReport) -> None:
    trained = done.trained
    if trained.models:
        answer(f"models trained on it are gone from the library: {', '.join(trained.models)}")
        answer("copies of them on other machines, or handed out, are yours to remove")
    if trained.folder:
        answer("what its training kept is gone: features, saved states, previews")
    for user in trained.users:
        warn(f'voice "{user}" spoke with one of these models: name another in its file')


def certificate(
    ctx: typer.Context,
    voice: Annotated[
        str, typer.Argument(metavar="VOICE|FILE", help="The voice's id, or a certificate's file.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check the certificate of a withdrawal: its hashes, the consent log, and what is back.

    Says as well which published and exported files are still where they were. Exits with 1 when the
    certificate was edited, or something that was removed lies there again.
    """
    from voicepipe.pipeline.certificate import (
        check_certificate,
        find_certificate,
        log_beside,
    )
    from voicepipe.voices.consent_logs import log_path

    session = session_of(ctx)
    settings = settings_of(session)
    found = find_certificate(session.root / settings.voices, voice)
    log = log_beside(session.root / log_path(f"{settings.voices}/{found.facts['voice']}.yaml"))
    checked = check_certificate(session.root, found, log)
    if as_json:
        emit_json(_certificate_json(checked, session.root))
    else:
        _show_certificate(checked, session.root)
    if not checked.holds:
        raise typer.Exit(ExitCode.INPUT)


def _certificate_json(checked: CertificateCheck, root: Path) -> dict[str, Json]:
    made = checked.certificate
    return {
        "file": _shown(made.path, root),
        "sha256": made.hash,
        "holds": checked.holds,
        "faults": list(checked.faults),
        "back": list(checked.back),
        "still_out": list(checked.still_out),
        "certificate": dict(made.facts),
    }


def _show_certificate(checked: CertificateCheck, root: Path) -> None:
    made = checked.certificate
    facts = made.facts
    answer(f"{_shown(made.path, root)}: {made.hash}")
    answer(f'voice "{facts["voice"]}", revoked on {facts["date"]}, issued {facts["issued"]}')
    answer(f"{counted(len(facts['removed']), 'file')} removed, {len(facts['kept'])} kept")
    for one in facts["remains"]:
        warn(f"not removed: {one}")
    gone = checked.n_takedown - len(checked.still_out)
    answer(f"{gone} of {checked.n_takedown} published and exported files were taken down")
    for path in checked.still_out[:_SHOWN_FILES]:
        answer(f"  still there: {path}")
    for path in checked.back:
        warn(f"it lies there again: {path}")
    for fault in checked.faults:
        warn(fault)
    answer("it holds" if checked.holds else "it does not hold")

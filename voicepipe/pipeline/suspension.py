"""Suspending a voice and letting it speak again: nothing new meanwhile, what was made stays.

The voice's file, its log and the notes are written in that order, so that whatever interrupts it
the voice is held; running it again goes on where it stopped.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voicepipe.clock import utc_now
from voicepipe.consent.log import Change, append_to_log
from voicepipe.consent.revoke import SUSPENDED, consent_id, set_day
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import InputError, UsageError
from voicepipe.pipeline.certificate import log_beside
from voicepipe.pipeline.render.sharing import OFF, store_address
from voicepipe.remote.address import parse_address
from voicepipe.remote.revocations import (
    forget_suspension,
    note_suspension,
    share_suspension,
    unshare_suspension,
)
from voicepipe.remote.store import open_store
from voicepipe.remote.sync_state import stores_used
from voicepipe.voices.catalog import CAST_FILE, load_catalog
from voicepipe.voices.consent_logs import log_path
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable
    from pathlib import Path

    from voicepipe.consent.log import ConsentLog
    from voicepipe.consent.record import ConsentRecord
    from voicepipe.remote.store import SharedStore
    from voicepipe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionReport:
    """What was done about a voice."""

    voice: str
    consent: str
    is_suspended: bool
    """Whether nothing new is made in it from now on."""
    changed: bool
    """False: it was so already."""
    stores: int
    """How many shared stores were told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Who asks for a change of a consent, and why."""

    by: str
    note: str = ""

    @classmethod
    def of_this_user(cls, note: str = "") -> Statement:
        """Name the account that runs this, where nobody is named."""
        try:
            return cls(by=getpass.getuser(), note=note)
        except (KeyError, OSError):  # an account without a name
            return cls(by="unknown", note=note)


def suspend_voice(
    root: Path,
    settings: Settings,
    voice: str,
    statement: Statement,
    *,
    date: datetime.date,
    store: str = "",
) -> SuspensionReport:
    """Let nothing new be made in a voice, here and wherever the project shares takes.

    Args:
        root: The project root.
        settings: Name the folders.
        voice: Its id.
        statement: For the log.
        date: Day of the suspension; it acts at once.
        store: Address of a shared store, or `off`; empty: as the environment and the settings
            say. Every store the project has shared with is told as well, unless `off`.

    Raises:
        UsageError: No such voice, or no consent record; or the store's address is none.
        InputError: The voice's file is damaged.
        EnvironmentFault: A file cannot be written, or a store cannot be told; what could be done
            was done.
    """
    path, out = voice_path(root, settings, voice), root / settings.out
    changed = set_day(root, path, SUSPENDED, date)
    consent = consent_id(root, path)
    note_suspension(out, voice, consent)
    if changed:
        log_change(root, settings, voice, Change.SUSPENDED, statement)
    told = _tell_stores(
        out, settings, store, lambda shared: share_suspension(shared, voice, consent)
    )
    return SuspensionReport(
        voice=voice, consent=consent, is_suspended=True, changed=changed, stores=told
    )


def resume_voice(
    root: Path, settings: Settings, voice: str, statement: Statement, *, store: str = ""
) -> SuspensionReport:
    """Let a suspended voice speak again: the person has agreed. Otherwise as `suspend_voice`."""
    path, out = voice_path(root, settings, voice), root / settings.out
    told = _tell_stores(out, settings, store, lambda shared: unshare_suspension(shared, voice))
    forget_suspension(out, voice)
    changed = set_day(root, path, SUSPENDED, None)
    log = voice_log(root, settings, voice)
    if changed or (log.last is not None and log.last.is_suspended):
        log_change(root, settings, voice, Change.RESUMED, statement)
        changed = True
    return SuspensionReport(
        voice=voice,
        consent=consent_id(root, path),
        is_suspended=False,
        changed=changed,
        stores=told,
    )


def log_change(
    root: Path, settings: Settings, voice: str, change: Change, statement: Statement
) -> None:
    """Add a line to a voice's consent log, with the record as its file says it now.

    Raises:
        UsageError: No such voice, or it has no consent record.
        InputError: The voice's file has errors, so its record is not known.
        EnvironmentFault: The log is broken, or cannot be written.
    """
    path = voice_path(root, settings, voice)
    append_to_log(
        root / log_path(path),
        _record(root, settings, voice),
        change,
        at=utc_now(),
        by=statement.by,
        note=statement.note,
    )


def voice_log(root: Path, settings: Settings, voice: str) -> ConsentLog:
    """Read a voice's consent log; empty when it has none.

    Raises:
        UsageError: No such voice.
        EnvironmentFault: It cannot be read.
    """
    return log_beside(root / log_path(voice_path(root, settings, voice)))


def _record(root: Path, settings: Settings, voice: str) -> ConsentRecord:
    catalog, problems = load_catalog(root, settings)
    found = catalog.voices.get(VoiceId(voice))
    if found is None:
        mine = [one for one in problems if one.span.path.endswith(f"/{voice}.yaml")]
        raise InputError(
            f'the file of the voice "{voice}" has errors, so its log was not written',
            diagnostics=mine,
        )
    if found.consent is None:
        raise UsageError(f'the voice "{voice}" has no consent record')
    return found.consent


def voice_path(root: Path, settings: Settings, voice: str) -> str:
    """Name the file of a voice, from the project root; whether it can be read is not asked.

    Raises:
        UsageError: There is no such voice.
    """
    folder = root / settings.voices
    known = sorted(path.stem for path in folder.glob("*.yaml") if path.name != CAST_FILE)
    if voice not in known:
        nobody = f"{settings.voices}/ holds no voice"
        raise UsageError(
            f'there is no voice "{voice}"{did_you_mean(voice, known)}',
            remedy=f"voices are {', '.join(known)}" if known else nobody,
        )
    return (PurePosixPath(settings.voices) / f"{voice}.yaml").as_posix()


def _tell_stores(
    out: Path, settings: Settings, store: str, tell: Callable[[SharedStore], None]
) -> int:
    chosen = store_address(settings, store)
    addresses = {} if chosen is None else {chosen.digest: chosen}
    if store != OFF:
        for digest, url in stores_used(out).items():
            if url:
                addresses.setdefault(digest, parse_address(url))
    for address in addresses.values():
        shared = open_store(address)
        shared.establish()
        tell(shared)
    return len(addresses)

"""Withdrawing a voice: blocked, forgotten by the store, and listed wherever it was published.

In that order, so that whatever interrupts it nothing more is rendered in the voice; running it
again goes on where it stopped.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import orjson

from voicepipe.bank.files import write_atomic
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.takedown import carried_by, purge_voice
from voicepipe.bank.vault import Vault
from voicepipe.consent.revoke import consent_id, revoke_consent
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.pipeline.sharing import store_address
from voicepipe.pipeline.trained_models import (
    NO_MODELS,
    ModelsTaken,
    take_down_models,
    trained_on,
)
from voicepipe.remote.bans import Ban, local_bans, note_ban
from voicepipe.remote.purge import purge_shared_voice
from voicepipe.remote.store import open_store
from voicepipe.synthesis.prompt_store import PromptStore

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.takedown import PublishedFile, Purged
    from voicepipe.hashing import Json
    from voicepipe.remote.address import StoreAddress
    from voicepipe.remote.purge import SharedPurge
    from voicepipe.settings import Settings

TAKEDOWN_SCHEMA = 1
_COLUMNS = ("bank", "version", "file", "sha256", "line", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What was done about a voice."""

    voice: str
    date: datetime.date
    is_newly_revoked: bool
    """False: the withdrawal already stood in the voice's file, or the file is gone."""
    purged: Purged | None
    """None: nothing was ever rendered here."""
    lists: tuple[Path, ...]
    """The takedown lists written: CSV and JSON."""
    shared: SharedPurge | None = None
    """What the shared store forgot; None: there is no such store."""
    unread: tuple[str, ...] = ()
    """Damaged records of the shared store, of which nobody knows whose they are."""
    trained: ModelsTaken = NO_MODELS
    """The models that were made of the voice's recordings."""

    @property
    def published(self) -> tuple[PublishedFile, ...]:
        """The files a person has to remove."""
        return () if self.purged is None else self.purged.still_published


def withdraw_voice(
    root: Path, settings: Settings, voice: str, *, date: datetime.date, store: str = ""
) -> Withdrawal:
    """Revoke a voice's consent, purge it from the stores, and list what was published with it.

    Models trained on its recordings go too, with everything their training kept.

    Args:
        root: The project root.
        settings: Name the folders.
        voice: Its id. The voice's file may have been deleted already.
        date: Day of the withdrawal; stands in the file and in the names of the lists.
        store: Address of the shared store, or `off`; empty: as the environment and the settings
            say.

    Raises:
        UsageError: No such voice, nor anything rendered in it; or no consent to withdraw; or the
            address of the store is none.
        InputError: The voice's file is damaged.
        BankLocked: A render is running; the withdrawal is written, the purge is still to be done.
        EnvironmentFault: A file cannot be written or removed; or the shared store cannot be
            reached, and still holds the voice.
    """
    out = root / settings.out
    address = store_address(settings, store)
    path = _voice_file(root, settings, voice, out)
    is_new = path is not None and revoke_consent(root, path, date=date)
    if not out.is_dir():
        if os.path.lexists(out):
            raise EnvironmentFault(
                f'the voice "{voice}" is blocked, but {settings.out} is not a folder: '
                "no take was removed and nothing listed",
                remedy="put the output folder back and run this again",
            )
        ban = Ban(voice=voice, consents=_consents(root, path, out, voice))
        done = Withdrawal(
            voice=voice,
            date=date,
            is_newly_revoked=is_new,
            purged=None,
            lists=(),
            trained=take_down_models(root, settings, voice),
        )
        return done if address is None else _with_shared(done, address, ban)
    with bank_lock(out, f"voicepipe voices revoke {voice}"):
        # The list is on disk before the first take goes: a purge cut short must not lose it.
        lists = _write_lists(out, voice, date, carried_by(out, voice))
        ban = Ban(voice=voice, consents=_consents(root, path, out, voice))
        note_ban(out, ban)
        purged = purge_voice(out, voice)
        PromptStore(out).discard_voice(voice)
        trained = take_down_models(root, settings, voice)
    done = Withdrawal(
        voice=voice,
        date=date,
        is_newly_revoked=is_new,
        purged=purged,
        lists=lists,
        trained=trained,
    )
    return done if address is None else _with_shared(done, address, ban)


def _with_shared(done: Withdrawal, address: StoreAddress, ban: Ban) -> Withdrawal:
    unread: list[str] = []
    try:
        shared = open_store(address)
        shared.establish()
        purged = purge_shared_voice(shared, ban, unread.append)
    except EnvironmentFault as fault:
        raise EnvironmentFault(
            f'the voice "{done.voice}" is withdrawn here, but not in the shared store: '
            f"{fault.message}",
            remedy=f"run this again once it can be reached ({fault.remedy})",
        ) from fault
    return replace(done, shared=purged, unread=tuple(unread))


def _consents(root: Path, path: str | None, out: Path, voice: str) -> tuple[str, ...]:
    """Name the consent records that end: the file's, and those stored takes were made under."""
    found: set[str] = set()
    if path is not None:
        found.add(consent_id(root, path))
    if out.is_dir():
        found |= {take.consent for take in Vault(out).takes.records() if take.voice == voice}
        found |= {one for ban in local_bans(out).of(voice) for one in ban.consents}
    return tuple(sorted(found - {""}))


def takedown_rows(files: Sequence[PublishedFile], out: Path) -> list[dict[str, Json]]:
    """Describe published files for the lists; `path` is relative to the output folder."""
    return [
        {
            "bank": file.bank,
            "version": file.version,
            "file": file.file,
            "path": file.path.relative_to(out).as_posix(),
            "sha256": file.sha256,
            "line": file.line,
            "language": file.language,
        }
        for file in files
    ]


def _voice_file(root: Path, settings: Settings, voice: str, out: Path) -> str | None:
    folder = root / settings.voices
    known = sorted(path.stem for path in folder.glob("*.yaml") if path.name != "cast.yaml")
    if voice in known:
        return (PurePosixPath(settings.voices) / f"{voice}.yaml").as_posix()
    if _was_rendered(out, voice) or trained_on(root, voice):
        return None
    raise UsageError(
        f'there is no voice "{voice}"{did_you_mean(voice, known)}',
        remedy=f"voices are {', '.join(known)}" if known else f"{settings.voices}/ holds no voice",
    )


def _was_rendered(out: Path, voice: str) -> bool:
    if not out.is_dir():
        return False
    vault = Vault(out)
    in_store = any(record.voice == voice for record in vault.takes.records())
    return in_store or bool(carried_by(out, voice)) or bool(local_bans(out).of(voice))


def _write_lists(
    out: Path, voice: str, date: datetime.date, files: Sequence[PublishedFile]
) -> tuple[Path, Path]:
    rows = takedown_rows(files, out)
    stem = f"takedown-{voice}-{date}"
    as_csv, as_json = out / f"{stem}.csv", out / f"{stem}.json"
    write_atomic(out, as_csv, _csv(rows))
    document: dict[str, Json] = {
        "schema": TAKEDOWN_SCHEMA,
        "voice": voice,
        "date": str(date),
        "files": rows,
    }
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    write_atomic(out, as_json, content + b"\n")
    return as_csv, as_json


def _csv(rows: Sequence[Mapping[str, Json]]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8")

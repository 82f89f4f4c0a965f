"""Revoking a voice: blocked, forgotten by the stores, and listed wherever it was published.

In that order, so that whatever interrupts it nothing more is rendered in the voice; running it
again goes on where it stopped.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from voicepipe.bank.files import write_atomic
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.plan import RECORDED
from voicepipe.bank.revocation import carried_by, published_as, remove_revoked_takes
from voicepipe.bank.take_store import TakeStore
from voicepipe.consent.log import Change
from voicepipe.consent.revoke import REVOKED, consent_id, set_day
from voicepipe.errors import BankLocked, EnvironmentFault, UsageError
from voicepipe.pipeline.render.sharing import OFF, store_address
from voicepipe.pipeline.revoked_exports import exported_with
from voicepipe.pipeline.suspension import Statement, log_change, voice_path
from voicepipe.pipeline.train.trained_models import (
    NO_MODELS,
    RemovedModels,
    remove_trained_models,
    trained_on,
)
from voicepipe.remote.address import parse_address
from voicepipe.remote.revocations import Revocation, local_revocations, note_revocation
from voicepipe.remote.revoked_takes import SharedRemoval, remove_revoked_shared_takes
from voicepipe.remote.store import open_store
from voicepipe.remote.sync_state import stores_used
from voicepipe.synthesis.prompt_store import PromptStore

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.revocation import PublishedFile, Removed
    from voicepipe.hashing import Json
    from voicepipe.pipeline.revoked_exports import ExportedFile
    from voicepipe.remote.address import StoreAddress
    from voicepipe.settings import Settings

TAKEDOWN_SCHEMA = 1
_COLUMNS = ("bank", "version", "file", "sha256", "line", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationReport:
    """What was done about a voice."""

    voice: str
    date: datetime.date
    is_newly_revoked: bool
    """False: the revocation already stood in the voice's file, or the file is gone."""
    removed: Removed | None
    """None: nothing was ever rendered here."""
    lists: tuple[Path, ...]
    """The revocation lists written: CSV and JSON."""
    shared: SharedRemoval | None = None
    """What the shared store forgot; None: there is no such store."""
    unread: tuple[str, ...] = ()
    """Damaged records of the shared store, of which nobody knows whose they are."""
    exported: tuple[ExportedFile, ...] = ()
    """Files of the project's exports that carry it."""
    trained: RemovedModels = NO_MODELS
    """The models that were made of the voice's recordings."""

    @property
    def published(self) -> tuple[PublishedFile, ...]:
        """The files a person has to remove."""
        return () if self.removed is None else self.removed.still_published


def revoke_voice(
    root: Path,
    settings: Settings,
    voice: str,
    *,
    date: datetime.date,
    store: str = "",
    statement: Statement | None = None,
) -> RevocationReport:
    """Revoke a voice's consent, remove it from the stores, and list what was published with it.

    Models trained on its recordings go too, with everything their training kept. The voice's file
    and the notes come first and wait for nobody: a render that is running meets them before it
    publishes.

    Args:
        root: The project root.
        settings: Name the folders.
        voice: Its id. The voice's file may have been deleted already.
        date: Day of the revocation; stands in the file and in the names of the lists.
        store: Address of a shared store, or `off`; empty: as the environment and the settings
            say. Every store the project has shared with is revoked from as well, unless `off`.
        statement: Who asks, and why, for the voice's log; None: whoever runs this.

    Raises:
        UsageError: No such voice, nor anything rendered in it; or no consent to revoke; or the
            address of the store is none.
        InputError: The voice's file is damaged.
        BankLocked: A render is running; the revocation is written, the removal is still to be done.
        EnvironmentFault: A file cannot be written or removed; or a shared store that the project
            has used still holds the voice. What could be done was done.
    """
    out = root / settings.out
    chosen = store_address(settings, store)
    path = _voice_file(root, settings, voice, out)
    is_new = path is not None and set_day(root, path, REVOKED, date)
    if os.path.lexists(out) and not out.is_dir():
        raise EnvironmentFault(
            f'the voice "{voice}" is blocked, but {settings.out} is not a folder: '
            "no take was removed and nothing listed",
            remedy="put the output folder back and run this again",
        )
    was_rendered = out.is_dir()
    revocation = _noted(root, path, out, voice)
    if is_new:  # after the note: nothing that is wrong with the log lets the voice speak
        log_change(root, settings, voice, Change.REVOKED, statement or Statement.of_this_user())
    shared = _revoke_from_stores(out, revocation, chosen, is_off=store == OFF)
    done = RevocationReport(
        voice=voice,
        date=date,
        is_newly_revoked=is_new,
        removed=None,
        lists=(),
        shared=shared.removed,
        unread=tuple(shared.unread),
    )
    if was_rendered:
        done = _purged(root, settings, done, shared.remains)
    else:
        done = replace(done, trained=remove_trained_models(root, settings, voice))
    shared.require_done(voice)
    return done


def _purged(
    root: Path, settings: Settings, done: RevocationReport, remains: Sequence[str]
) -> RevocationReport:
    out, voice = root / settings.out, done.voice
    try:
        with bank_lock(out, f"voicepipe voices revoke {voice}"):
            # The list is on disk before the first take goes: a removal cut short must not lose it.
            exported = exported_with(root, settings, voice)
            lists = _write_lists(out, done, carried_by(out, voice), exported, root)
            removed = remove_revoked_takes(out, root, voice)
            PromptStore(out).discard_voice(voice)
            trained = remove_trained_models(root, settings, voice)
            return replace(done, removed=removed, lists=lists, trained=trained, exported=exported)
    except BankLocked as locked:
        todo = "; ".join(["its takes, clips and models are still here", *remains])
        raise BankLocked(
            f'the voice "{voice}" is blocked, and a render that is running leaves it out, but '
            f"{todo}: {locked.message}",
            remedy=f"when that has ended, run voicepipe voices revoke {voice} --confirm {voice} "
            "again",
        ) from locked


class _StorePurge:
    """What became of a revocation in all the stores it concerns."""

    def __init__(self) -> None:
        self.removed: SharedRemoval | None = None
        self.unread: list[str] = []
        self.remains: list[str] = []
        self._remedies: list[str] = []

    def removal(self, address: StoreAddress, revocation: Revocation) -> None:
        try:
            shared = open_store(address)
            shared.establish()
            gone = remove_revoked_shared_takes(shared, revocation, self.unread.append)
        except EnvironmentFault as fault:
            remedy = f"run this again once it can be reached ({fault.remedy})"
            self.leave(fault.message, f"{remedy}; if it is gone for good, remove out/shared.json")
            return
        before = self.removed or SharedRemoval(takes=0, clips=0, objects=0)
        self.removed = SharedRemoval(
            takes=before.takes + gone.takes,
            clips=before.clips + gone.clips,
            objects=before.objects + gone.objects,
        )

    def leave(self, what: str, remedy: str) -> None:
        self.remains.append(what)
        self._remedies.append(remedy)

    def require_done(self, voice: str) -> None:
        if self.remains:
            raise EnvironmentFault(
                f'the voice "{voice}" is revoked here, but not in the shared store: '
                f"{'; '.join(self.remains)}",
                remedy="; ".join(dict.fromkeys(self._remedies)),
            )


def _revoke_from_stores(
    out: Path, revocation: Revocation, chosen: StoreAddress | None, *, is_off: bool
) -> _StorePurge:
    """Revoke from the store that is set and from every other one this folder has shared with."""
    done = _StorePurge()
    addresses = {} if chosen is None else {chosen.digest: chosen}
    try:
        used = stores_used(out)
    except EnvironmentFault as fault:
        used = {}
        done.leave(fault.message, fault.remedy)
    for digest, url in used.items():
        if digest in addresses:
            continue
        if url and not is_off:
            addresses[digest] = parse_address(url)
        elif url:
            done.leave(f"{url} was left alone", "run this again without --store off")
        else:
            done.leave(
                "the project has shared takes in a store whose address was not noted",
                "run this again with --store and its address",
            )
    for address in addresses.values():
        done.removal(address, revocation)
    return done


def _noted(root: Path, path: str | None, out: Path, voice: str) -> Revocation:
    """Note the revocation at once, and again with all that the output folder knows of the voice."""
    known = consent_id(root, path) if path is not None else ""
    if known:
        note_revocation(out, Revocation(voice=voice, consents=(known,)))
    revocation = _ban_of(root, path, out, voice)
    note_revocation(out, revocation)
    return revocation


def _ban_of(root: Path, path: str | None, out: Path, voice: str) -> Revocation:
    published = published_as(out, voice) if out.is_dir() else ()
    consents = {entry.consent for entry in published} | set(_consents(root, path, out, voice))
    recordings = {entry.take_key for entry in published if entry.source == RECORDED}
    return Revocation(
        voice=voice,
        consents=tuple(sorted(consents - {""})),
        recordings=tuple(sorted(recordings)),
    )


def _consents(root: Path, path: str | None, out: Path, voice: str) -> tuple[str, ...]:
    """Name the consent records that end: the file's, and those stored takes were made under."""
    found: set[str] = set()
    if path is not None:
        found.add(consent_id(root, path))
    if out.is_dir():
        found |= {take.consent for take in TakeStore(out).takes.records() if take.voice == voice}
        found |= {
            one for revocation in local_revocations(out).of(voice) for one in revocation.consents
        }
    return tuple(sorted(found - {""}))


def published_rows(files: Sequence[PublishedFile], out: Path) -> list[dict[str, Json]]:
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
    try:
        return voice_path(root, settings, voice)
    except UsageError:
        if _was_rendered(out, voice) or trained_on(root, voice):
            return None  # its file was deleted
        raise


def _was_rendered(out: Path, voice: str) -> bool:
    if not out.is_dir():
        return False
    take_store = TakeStore(out)
    in_store = any(record.voice == voice for record in take_store.takes.records())
    return in_store or bool(carried_by(out, voice)) or bool(local_revocations(out).of(voice))


def exported_rows(files: Sequence[ExportedFile], root: Path) -> list[dict[str, Json]]:
    """Describe exported files for the lists; `path` is relative to the project where it is in it.

    Their `version` is the export they belong to.
    """
    return [
        {
            "bank": "",
            "version": f"export {file.export}",
            "file": file.file,
            "path": _shown(file.path, root),
            "sha256": file.sha256,
            "line": file.line,
            "language": file.language,
        }
        for file in files
    ]


def _shown(path: Path, root: Path) -> str:
    inside = path.is_relative_to(root)
    return path.relative_to(root).as_posix() if inside else path.as_posix()


def _write_lists(
    out: Path,
    done: RevocationReport,
    files: Sequence[PublishedFile],
    exported: Sequence[ExportedFile],
    root: Path,
) -> tuple[Path, Path]:
    rows = published_rows(files, out)
    exports = exported_rows(exported, root)
    stem = f"revocation-{done.voice}-{done.date}"
    as_csv, as_json = out / f"{stem}.csv", out / f"{stem}.json"
    write_atomic(out, as_csv, _csv([*rows, *exports]))
    document: dict[str, Json] = {
        "schema": TAKEDOWN_SCHEMA,
        "voice": done.voice,
        "date": str(done.date),
        "files": rows,
        "exported": exports,
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

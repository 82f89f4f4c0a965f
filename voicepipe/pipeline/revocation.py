"""Revoking a voice: blocked, forgotten by the stores, and listed wherever it was published.

In that order, so that whatever interrupts it nothing more is rendered in the voice; running it
again goes on where it stopped.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.bank.lock import bank_lock
from voicepipe.bank.plan import RECORDED
from voicepipe.bank.revocation import carried_by, published_as, remove_revoked_takes
from voicepipe.bank.take_store import TakeStore
from voicepipe.consent.log import Change
from voicepipe.consent.revoke import REVOKED, consent_id, set_day
from voicepipe.errors import BankLocked, EnvironmentFault, UsageError
from voicepipe.pipeline.certifying import Removal, certify, require_there
from voicepipe.pipeline.removal_inventory import RemovalInventory
from voicepipe.pipeline.render.sharing import OFF, store_address
from voicepipe.pipeline.revoked_exports import NO_COPIES, copies_of
from voicepipe.pipeline.store_revocation import revoke_from_stores
from voicepipe.pipeline.suspension import Statement, log_change, voice_path
from voicepipe.pipeline.takedown import write_takedown
from voicepipe.pipeline.train.trained_models import (
    NO_MODELS,
    RemovedModels,
    files_of_trainings,
    remove_trained_models,
    trained_on,
)
from voicepipe.remote.revocations import Revocation, local_revocations, note_revocation
from voicepipe.synthesis.prompt_store import PromptStore

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.bank.revocation import PublishedFile, Removed
    from voicepipe.pipeline.certificate import Certificate
    from voicepipe.pipeline.revoked_exports import Copies
    from voicepipe.remote.revoked_takes import SharedRemoval
    from voicepipe.settings import Settings


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
    copies: Copies = NO_COPIES
    """Of its clips, in exports, pages and what was shipped."""
    trained: RemovedModels = NO_MODELS
    """The models that were made of the voice's recordings."""
    certificate: Certificate | None = None
    """Of what was removed; None: nothing is known of it yet, since another command is running."""
    is_certificate_new: bool = False

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
    shipped: Sequence[Path] = (),
    certificates: Path | None = None,
) -> RevocationReport:
    """Revoke a voice's consent, remove it from the stores, and list what was published with it.

    Models trained on its recordings go too, with everything their training kept. The voice's file
    and the notes come first and wait for nobody: a render that is running meets them before it
    publishes. What was removed is certified, by hash.

    Args:
        root: The project root.
        settings: Name the folders.
        voice: Its id. The voice's file may have been deleted already.
        date: Day of the revocation; stands in the file and in the names of the lists.
        store: Address of a shared store, or `off`; empty: as the environment and the settings
            say. Every store the project has shared with is revoked from as well, unless `off`.
        statement: Who asks, and why, for the voice's log; None: whoever runs this.
        shipped: Files, folders and zip archives that are looked through for copies besides.
        certificates: Folder of the certificate; None: that of the voice's file.

    Raises:
        UsageError: No such voice, nor anything rendered in it; or no consent to revoke; or the
            address of the store is none, or what was shipped is not there.
        InputError: The voice's file is damaged.
        BankLocked: A render is running; the revocation is written, the removal is still to be done.
        EnvironmentFault: A file cannot be written or removed; or a shared store that the project
            has used still holds the voice. What could be done was done.
    """
    out, said = root / settings.out, statement or Statement.of_this_user()
    chosen = store_address(settings, store)
    require_there(shipped)
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
        log_change(root, settings, voice, Change.REVOKED, said)
    inventory = RemovalInventory(root, out, voice)
    shared = revoke_from_stores(out, revocation, chosen, inventory, is_off=store == OFF)
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
        done = _purged(root, settings, done, inventory, shared.remains, shipped)
    else:
        inventory.add_files(files_of_trainings(root, settings, voice))
        done = replace(done, trained=remove_trained_models(root, settings, voice))
        done = replace(done, copies=copies_of(root, settings, voice, shipped))
    removal = Removal(
        revocation=revocation,
        date=date,
        inventory=inventory,
        shared=shared,
        published=done.published,
        copies=done.copies,
        said=said,
    )
    made, is_made = certify(root, settings, removal, certificates)
    shared.require_done(voice)
    return replace(done, certificate=made, is_certificate_new=is_made)


def _purged(
    root: Path,
    settings: Settings,
    done: RevocationReport,
    inventory: RemovalInventory,
    remains: Sequence[str],
    shipped: Sequence[Path],
) -> RevocationReport:
    out, voice = root / settings.out, done.voice
    try:
        with bank_lock(out, f"voicepipe voices revoke {voice}"):
            # The list is on disk before the first take goes: a removal cut short must not lose it.
            copies = copies_of(root, settings, voice, shipped)
            lists = write_takedown(root, out, voice, done.date, carried_by(out, voice), copies)
            prompts = PromptStore(out)
            inventory.add_files(("prompt", path) for path in prompts.of_voice(voice))
            inventory.add_files(files_of_trainings(root, settings, voice))
            removed = remove_revoked_takes(out, root, voice, before=inventory.add_files)
            prompts.discard_voice(voice)
            trained = remove_trained_models(root, settings, voice)
            return replace(done, removed=removed, lists=lists, trained=trained, copies=copies)
    except BankLocked as locked:
        todo = "; ".join(["its takes, clips and models are still here", *remains])
        raise BankLocked(
            f'the voice "{voice}" is blocked, and a render that is running leaves it out, but '
            f"{todo}: {locked.message}",
            remedy=f"when that has ended, run voicepipe voices revoke {voice} --confirm {voice} "
            "again",
        ) from locked


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

"""Knowing that nothing changed without reading a single line.

When a render leaves a bank that is whole, it notes what it was made from: every file of the
project, every file of voicepipe, the libraries beside it. As long as all of that is the same, and
no consent has begun or ended, the latest version is the answer to the next render too. The bank
itself is looked at every time: its manifest, its files, and the sound of every clip. So is
consent: the voices' files are read, and every entry is asked for anew.

The note only saves time. Whatever it does not match in every part, and whatever cannot be looked
at, is planned as if there were none.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - pydantic reads the note by its annotations
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from voicepipe.bank.decisions_file import DECISIONS_NAME, load_decisions
from voicepipe.bank.files import remove_file, write_atomic
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.publish import point_latest, published_as_is
from voicepipe.bank.schemas import Schema
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_latest
from voicepipe.errors import EnvironmentFault, MadeByNewer
from voicepipe.hashing import sha256_of_json
from voicepipe.pipeline.leftovers import sweep_leftovers
from voicepipe.pipeline.permissions import consent_day, load_permissions
from voicepipe.pipeline.render.consent_checks import are_permitted
from voicepipe.pipeline.render.input_fingerprint import (
    InputFingerprint,
    find_input_fingerprint,
    is_in_sight,
)
from voicepipe.pipeline.render.planning import bank_facts
from voicepipe.pipeline.render.sharing import noted_in_folder, store_address
from voicepipe.regular_files import read_regular
from voicepipe.remote.sync_state import synced_version
from voicepipe.settings import load_settings
from voicepipe.voices.prosody_file import PROSODY_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.publish import Published
    from voicepipe.pipeline.project import Project
    from voicepipe.remote.revocations import Revocations
    from voicepipe.settings import Settings

NOTE_NAME: Final = "up_to_date.json"
_EARLIER_NAME: Final = "standing.json"
"""What the stamp was called before 0.2; it is read no more."""
_NOTE: Final = Schema(what="the note of what a version followed from")
_LARGEST_NOTE = 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True)
class UpToDateStamp:
    """What a version was found to be the whole answer to."""

    input_fingerprint: InputFingerprint
    decisions: str
    """Digest of the retakes and pins."""
    version: str
    content_sha256: str
    """Of the version's entries."""
    n_warnings: int
    """How many the project's files gave."""
    since: datetime.date
    """The day consent was asked for: had one begun or ended since, this would not hold."""
    schema: Literal[1] = 1

    def is_of(self, manifest: BankManifest, decisions: str) -> bool:
        """Tell whether it speaks of this version, under these decisions."""
        return (self.version, self.content_sha256, self.decisions) == (
            manifest.version,
            manifest.content_sha256,
            decisions,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSnapshot:
    """A project looked at from outside, before any line is read."""

    root: Path
    settings: Settings
    is_release: bool
    day: datetime.date
    """The one consent is asked for."""
    input_fingerprint: InputFingerprint
    note: UpToDateStamp | None
    """Of an earlier render; None: there is none that can be read."""

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.root / self.settings.out

    @property
    def is_as_noted(self) -> bool:
        """Whether nothing changed outside the output folder since the note."""
        return self.note is not None and self.input_fingerprint.are_those_of(
            self.note.input_fingerprint
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpToDateBank:
    """A version that is what a render would make."""

    published: Published
    n_warnings: int
    """How many `voicepipe check` shows."""


def take_snapshot(root: Path, *, release: bool = False) -> InputSnapshot | None:
    """Look at everything a plan follows from, without understanding any of it.

    Args:
        root: The folder `voicepipe.yaml` is in.
        release: The project is held to what a release needs.

    Returns:
        None when the settings cannot be used, or a file cannot be looked at: reading the project
        says why.
    """
    settings, _ = load_settings(root)
    if settings is None or not is_in_sight(root, settings):
        return None
    day = consent_day(root, settings)
    note = _load_note(root / settings.out)
    known = None if note is None else note.input_fingerprint
    input_fingerprint = find_input_fingerprint(root, settings, known, is_release=release)
    if input_fingerprint is None:
        return None
    return InputSnapshot(
        root=root,
        settings=settings,
        is_release=release,
        day=day,
        input_fingerprint=input_fingerprint,
        note=note,
    )


def find_up_to_date(
    snapshot: InputSnapshot, *, settles: bool = False, revocations: Revocations | None = None
) -> UpToDateBank | None:
    """Find that the latest version still is what a render would make; writes nothing.

    Args:
        snapshot: Taken just now.
        settles: As for `published_as_is`: then only dates and modes are set.
        revocations: Revocations known besides those noted in the output folder.

    Returns:
        None when anything is not as it was noted, or not where it should be.

    Raises:
        EnvironmentFault: The manifest or the decisions are damaged, or cannot be read.
    """
    note, out = snapshot.note, snapshot.out
    if note is None or not snapshot.is_as_noted:
        return None
    decisions = _digest_of(load_decisions(snapshot.root, out))
    manifest = load_latest(out, snapshot.settings.bank)
    if manifest is None or not note.is_of(manifest, decisions):
        return None
    permissions = load_permissions(snapshot.root, snapshot.settings, revocations)
    if permissions.changed_since(note.since) or not are_permitted(manifest, permissions):
        return None
    keys = {entry.clip_key for entry in manifest.entries}
    if keys != TakeStore(out).known_clips(manifest, among=keys):
        return None
    published = published_as_is(out, bank_facts(snapshot.settings), manifest, settles=settles)
    if published is None:
        return None
    return UpToDateBank(published=published, n_warnings=note.n_warnings)


def find_up_to_date_for_render(
    snapshot: InputSnapshot, *, store: str = "", push: bool = True
) -> UpToDateBank | None:
    """As `find_up_to_date`, for a render that would also share: with the output folder to itself.

    Args:
        snapshot: Taken just now.
        store: Address of the shared store, or `off`; empty: as the environment and settings say.
        push: Share what is made.

    Returns:
        None when there is anything to do, sharing included.

    Raises:
        UsageError: The store's address is none.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: The bank is damaged, or cannot be read or written.
    """
    if not snapshot.is_as_noted:
        return None
    address = store_address(snapshot.settings, store)
    with bank_lock(snapshot.out, "voicepipe render"):
        up_to_date = find_up_to_date(snapshot, settles=True, revocations=noted_in_folder(address))
        if up_to_date is None:
            return None
        published = up_to_date.published
        if address is not None and push:
            shared = synced_version(snapshot.out, address, snapshot.settings.bank)
            if shared != published.version:
                return None
        point_latest(snapshot.out, published.path)
        sweep_leftovers(snapshot.root, snapshot.settings)
        return up_to_date


def save_stamp(snapshot: InputSnapshot, project: Project, published: Published) -> None:
    """Note what a whole version followed from, if all of it still is as it was taken.

    Args:
        snapshot: Taken before the project was read.
        project: As it was read, under the decisions that the render went by.
        published: Holds every line of the project as the project says; the caller still holds
            the lock.
    """
    before = snapshot.input_fingerprint
    after = find_input_fingerprint(
        snapshot.root, snapshot.settings, before, is_release=snapshot.is_release
    )
    # A render writes decisions itself: what counts is that they still are those it went by.
    if after is None or not after.are_those_of(before, but=DECISIONS_NAME):
        return
    if load_decisions(snapshot.root, snapshot.out) != project.decisions:
        return
    if not before.project.files.keys() >= set(_files_of(project)):
        return
    if _is_of_newer(snapshot.out):  # it saves that release time, and is not ours to replace
        return
    note = UpToDateStamp(
        input_fingerprint=after,
        decisions=_digest_of(project.decisions),
        version=published.version,
        content_sha256=published.manifest.content_sha256,
        n_warnings=project.n_warnings,
        since=snapshot.day,
    )
    try:
        write_atomic(snapshot.out, snapshot.out / NOTE_NAME, orjson.dumps(note), is_synced=False)
        remove_file(snapshot.out / _EARLIER_NAME, within=snapshot.out)
    except (EnvironmentFault, OSError):
        return  # a folder that cannot be written costs time, nothing else


def _files_of(project: Project) -> Iterator[str]:
    """Name the files that were read, as an inventory does."""
    root, settings = project.root, project.settings
    named = [*project.paths]
    named += [name for name in (settings.lexicon, PROSODY_FILE) if (root / name).exists()]
    named += [recording.shown for recording in project.recordings.values()]
    for voice in project.catalog.voices.values():
        named.append(voice.span.path)
        named += [clip.path for clip in voice.clips]
        named += [clip.path for clip in voice.auxiliary]
        named += [clip.path for clip in voice.sounds]
        named += [name for name in voice.model.values() if name.endswith(".safetensors")]
        if voice.consent is not None and voice.consent.evidence:
            named.append(voice.consent.evidence)
    for path in named:
        yield PurePosixPath(path.replace("\\", "/")).as_posix()


def _digest_of(decisions: Decisions) -> str:
    return sha256_of_json(
        [
            [line, language, decision.take, decision.seed, decision.pin]
            for (line, language), decision in sorted(decisions.lines.items())
        ]
    )


def _load_note(out: Path) -> UpToDateStamp | None:
    try:
        content = read_regular(out / NOTE_NAME, limit=_LARGEST_NOTE)
        return TypeAdapter(UpToDateStamp).validate_json(content, strict=True)
    except (OSError, ValidationError):
        return None


def _is_of_newer(out: Path) -> bool:
    try:
        facts = orjson.loads(read_regular(out / NOTE_NAME, limit=_LARGEST_NOTE))
        _NOTE.bring_up(facts, str(out / NOTE_NAME))
    except MadeByNewer:
        return True
    except (OSError, orjson.JSONDecodeError):
        return False
    return False

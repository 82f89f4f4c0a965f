"""From an output folder into the shared store: objects first, records last.

Many may push at once. An object has one meaning whoever puts it; of two records of one key either
is right. A push that is killed leaves objects without a record, which nobody sees, and the next
one goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.annotations import subject_of
from voicepipe.bank.records import ANNOTATIONS, CLIPS, TAKES
from voicepipe.errors import CorruptObject
from voicepipe.remote.record_kinds import keys_there, object_name
from voicepipe.remote.revocations import shared_revocations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from voicepipe.bank.record_store import Stored
    from voicepipe.bank.records import AnnotationRecord, ClipRecord, TakeRecord
    from voicepipe.bank.take_store import TakeStore
    from voicepipe.remote.pull import SoughtClip
    from voicepipe.remote.record_kinds import Tell
    from voicepipe.remote.revocations import Revocations
    from voicepipe.remote.store import SharedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What went."""

    clips: int
    takes: int
    forbidden: int
    """Of voices that were revoked: kept back, or taken back at once."""
    annotations: int = 0
    """What was found out about clips and takes that are shared."""

    def __add__(self, other: Pushed) -> Pushed:
        """Add up two pushes."""
        return Pushed(
            clips=self.clips + other.clips,
            takes=self.takes + other.takes,
            forbidden=self.forbidden + other.forbidden,
            annotations=self.annotations + other.annotations,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    name: str
    record: TakeRecord | ClipRecord | AnnotationRecord
    content: bytes
    """The record as it stands here, with all that a newer release put into it."""
    consent: str


def push(
    store: SharedStore,
    take_store: TakeStore,
    sought: Sequence[SoughtClip],
    revocations: Revocations,
    tell: Tell,
    *,
    known_absent: Collection[str] = (),
) -> Pushed:
    """Share what an output folder has of some clips and takes, and the store has not.

    Args:
        store: Established.
        take_store: Of the output folder.
        sought: What the bank holds; what the take_store does not have is passed over.
        revocations: Revocations, here and there.
        tell: Told of stored objects that turn out damaged here; they are not shared.
        known_absent: Keys that need not be looked for there: just made, or damaged there.

    Raises:
        EnvironmentFault: The store cannot be reached, or refuses; what went stays.
    """
    clips = [one.clip_key for one in sought]
    takes = [one.take_key for one in sought if one.take_key]
    asked_clips = keys_there(store, CLIPS, set(clips).difference(known_absent))
    asked_takes = keys_there(store, TAKES, set(takes).difference(known_absent))
    uploads: dict[str, _Upload] = {}
    consents: dict[str, str] = {}
    for one in sought:
        clip = take_store.find_stored_clip(one.clip_key)
        if clip is not None:
            consent = one.consent if clip.record.voice == one.voice else ""
            consents[one.clip_key] = consent
            if one.clip_key not in asked_clips:
                _add(uploads, CLIPS.name(one.clip_key), clip, consent)
        take = take_store.find_stored_take(one.take_key) if one.take_key else None
        if take is not None:
            consents[one.take_key] = take.record.consent
            if one.take_key not in asked_takes:
                _add(uploads, TAKES.name(one.take_key), take, take.record.consent)
    _add_annotations(store, take_store, consents, uploads, known_absent)
    allowed = [
        one for one in uploads.values() if not revocations.forbid(one.record.voice, one.consent)
    ]
    went = [one for one in _send(store, take_store, allowed, tell) if one is not None]
    kept_back = len(uploads) - len(allowed)
    up_to_date = _find_up_to_date(store, went) if went else []
    stayed = [upload for upload in went if upload not in up_to_date]
    n_takes = sum(upload.name.startswith(f"{TAKES.folder}/") for upload in stayed)
    n_annotations = sum(upload.name.startswith(f"{ANNOTATIONS.folder}/") for upload in stayed)
    return Pushed(
        clips=len(stayed) - n_takes - n_annotations,
        takes=n_takes,
        forbidden=kept_back + len(up_to_date),
        annotations=n_annotations,
    )


def _add(
    uploads: dict[str, _Upload],
    name: str,
    stored: Stored[TakeRecord] | Stored[ClipRecord] | Stored[AnnotationRecord],
    consent: str,
) -> None:
    uploads[name] = _Upload(
        name=name, record=stored.record, content=stored.content, consent=consent
    )


def _add_annotations(
    store: SharedStore,
    take_store: TakeStore,
    consents: Mapping[str, str],
    uploads: dict[str, _Upload],
    known_absent: Collection[str],
) -> None:
    """Add what was found out about clips and takes, under the consent of each."""
    known = take_store.annotations.keys()
    about = {key for key in known if subject_of(key) in consents}
    there = keys_there(store, ANNOTATIONS, about.difference(known_absent))
    for key in sorted(about - there):
        stored = take_store.annotations.read(key)
        if stored is not None:
            _add(uploads, ANNOTATIONS.name(key), stored, consents[stored.record.subject])


def _send(
    store: SharedStore, take_store: TakeStore, uploads: Sequence[_Upload], tell: Tell
) -> list[_Upload | None]:
    by_name = {upload.name: upload for upload in uploads}

    def send(name: str) -> _Upload | None:
        upload = by_name[name]
        try:
            content = take_store.objects.read(upload.record.object_id, upload.record.object_suffix)
        except CorruptObject as error:
            tell(error.message)
            return None
        store.write(_object_of(upload), content)
        store.write(name, upload.content)
        return upload

    return store.at_once(send, by_name)


def _find_up_to_date(store: SharedStore, went: Sequence[_Upload]) -> list[_Upload]:
    """Take back what a revocation overtook: its note came after our look and before our records.

    A revocation writes its note first and looks for records afterwards, so one of the two sees
    the other.
    """
    revocations = shared_revocations(store)
    up_to_date = [one for one in went if revocations.forbid(one.record.voice, one.consent)]
    for upload in up_to_date:
        store.remove(_object_of(upload))
        store.remove(upload.name)
    return up_to_date


def _object_of(upload: _Upload) -> str:
    return object_name(upload.record.object_id, upload.record.object_suffix)

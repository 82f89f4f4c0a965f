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
    from voicepipe.remote.pull import Sought
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
class _Parcel:
    name: str
    record: TakeRecord | ClipRecord | AnnotationRecord
    content: bytes
    """The record as it stands here, with all that a newer release put into it."""
    consent: str


def push(
    store: SharedStore,
    take_store: TakeStore,
    sought: Sequence[Sought],
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
    parcels: dict[str, _Parcel] = {}
    consents: dict[str, str] = {}
    for one in sought:
        clip = take_store.find_stored_clip(one.clip_key)
        if clip is not None:
            consent = one.consent if clip.record.voice == one.voice else ""
            consents[one.clip_key] = consent
            if one.clip_key not in asked_clips:
                _add(parcels, CLIPS.name(one.clip_key), clip, consent)
        take = take_store.find_stored_take(one.take_key) if one.take_key else None
        if take is not None:
            consents[one.take_key] = take.record.consent
            if one.take_key not in asked_takes:
                _add(parcels, TAKES.name(one.take_key), take, take.record.consent)
    _add_annotations(store, take_store, consents, parcels, known_absent)
    allowed = [
        one for one in parcels.values() if not revocations.forbid(one.record.voice, one.consent)
    ]
    went = [one for one in _send(store, take_store, allowed, tell) if one is not None]
    kept_back = len(parcels) - len(allowed)
    up_to_date = _find_up_to_date(store, went) if went else []
    stayed = [parcel for parcel in went if parcel not in up_to_date]
    n_takes = sum(parcel.name.startswith(f"{TAKES.folder}/") for parcel in stayed)
    n_annotations = sum(parcel.name.startswith(f"{ANNOTATIONS.folder}/") for parcel in stayed)
    return Pushed(
        clips=len(stayed) - n_takes - n_annotations,
        takes=n_takes,
        forbidden=kept_back + len(up_to_date),
        annotations=n_annotations,
    )


def _add(
    parcels: dict[str, _Parcel],
    name: str,
    stored: Stored[TakeRecord] | Stored[ClipRecord] | Stored[AnnotationRecord],
    consent: str,
) -> None:
    parcels[name] = _Parcel(
        name=name, record=stored.record, content=stored.content, consent=consent
    )


def _add_annotations(
    store: SharedStore,
    take_store: TakeStore,
    consents: Mapping[str, str],
    parcels: dict[str, _Parcel],
    known_absent: Collection[str],
) -> None:
    """Add what was found out about clips and takes, under the consent of each."""
    known = take_store.annotations.keys()
    about = {key for key in known if subject_of(key) in consents}
    there = keys_there(store, ANNOTATIONS, about.difference(known_absent))
    for key in sorted(about - there):
        stored = take_store.annotations.read(key)
        if stored is not None:
            _add(parcels, ANNOTATIONS.name(key), stored, consents[stored.record.subject])


def _send(
    store: SharedStore, take_store: TakeStore, parcels: Sequence[_Parcel], tell: Tell
) -> list[_Parcel | None]:
    by_name = {parcel.name: parcel for parcel in parcels}

    def send(name: str) -> _Parcel | None:
        parcel = by_name[name]
        try:
            content = take_store.objects.read(parcel.record.object_id, parcel.record.object_suffix)
        except CorruptObject as error:
            tell(error.message)
            return None
        store.write(_object_of(parcel), content)
        store.write(name, parcel.content)
        return parcel

    return store.at_once(send, by_name)


def _find_up_to_date(store: SharedStore, went: Sequence[_Parcel]) -> list[_Parcel]:
    """Take back what a revocation overtook: its note came after our look and before our records.

    A revocation writes its note first and looks for records afterwards, so one of the two sees
    the other.
    """
    revocations = shared_revocations(store)
    up_to_date = [one for one in went if revocations.forbid(one.record.voice, one.consent)]
    for parcel in up_to_date:
        store.remove(_object_of(parcel))
        store.remove(parcel.name)
    return up_to_date


def _object_of(parcel: _Parcel) -> str:
    return object_name(parcel.record.object_id, parcel.record.object_suffix)

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
from voicepipe.remote.revocations import shared_bans

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from voicepipe.bank.record_store import Stored
    from voicepipe.bank.records import AnnotationRecord, ClipRecord, TakeRecord
    from voicepipe.bank.take_store import Vault
    from voicepipe.remote.pull import Wish
    from voicepipe.remote.record_kinds import Tell
    from voicepipe.remote.revocations import Bans
    from voicepipe.remote.store import SharedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What went."""

    clips: int
    takes: int
    forbidden: int
    """Of voices that were withdrawn: kept back, or taken back at once."""
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
    vault: Vault,
    wishes: Sequence[Wish],
    bans: Bans,
    tell: Tell,
    *,
    known_absent: Collection[str] = (),
) -> Pushed:
    """Share what an output folder has of some clips and takes, and the store has not.

    Args:
        store: Established.
        vault: Of the output folder.
        wishes: What the bank holds; what the vault does not have is passed over.
        bans: Withdrawals, here and there.
        tell: Told of stored objects that turn out damaged here; they are not shared.
        known_absent: Keys that need not be looked for there: just made, or damaged there.

    Raises:
        EnvironmentFault: The store cannot be reached, or refuses; what went stays.
    """
    clips = [wish.clip_key for wish in wishes]
    takes = [wish.take_key for wish in wishes if wish.take_key]
    asked_clips = keys_there(store, CLIPS, set(clips).difference(known_absent))
    asked_takes = keys_there(store, TAKES, set(takes).difference(known_absent))
    parcels: dict[str, _Parcel] = {}
    consents: dict[str, str] = {}
    for wish in wishes:
        clip = vault.find_stored_clip(wish.clip_key)
        if clip is not None:
            consent = wish.consent if clip.record.voice == wish.voice else ""
            consents[wish.clip_key] = consent
            if wish.clip_key not in asked_clips:
                _add(parcels, CLIPS.name(wish.clip_key), clip, consent)
        take = vault.find_stored_take(wish.take_key) if wish.take_key else None
        if take is not None:
            consents[wish.take_key] = take.record.consent
            if wish.take_key not in asked_takes:
                _add(parcels, TAKES.name(wish.take_key), take, take.record.consent)
    _add_annotations(store, vault, consents, parcels, known_absent)
    allowed = [one for one in parcels.values() if not bans.forbid(one.record.voice, one.consent)]
    went = [one for one in _send(store, vault, allowed, tell) if one is not None]
    kept_back = len(parcels) - len(allowed)
    recalled = _recall(store, went) if went else []
    stayed = [parcel for parcel in went if parcel not in recalled]
    n_takes = sum(parcel.name.startswith(f"{TAKES.folder}/") for parcel in stayed)
    n_annotations = sum(parcel.name.startswith(f"{ANNOTATIONS.folder}/") for parcel in stayed)
    return Pushed(
        clips=len(stayed) - n_takes - n_annotations,
        takes=n_takes,
        forbidden=kept_back + len(recalled),
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
    vault: Vault,
    consents: Mapping[str, str],
    parcels: dict[str, _Parcel],
    known_absent: Collection[str],
) -> None:
    """Add what was found out about clips and takes, under the consent of each."""
    known = vault.annotations.keys()
    about = {key for key in known if subject_of(key) in consents}
    there = keys_there(store, ANNOTATIONS, about.difference(known_absent))
    for key in sorted(about - there):
        stored = vault.annotations.read(key)
        if stored is not None:
            _add(parcels, ANNOTATIONS.name(key), stored, consents[stored.record.subject])


def _send(
    store: SharedStore, vault: Vault, parcels: Sequence[_Parcel], tell: Tell
) -> list[_Parcel | None]:
    by_name = {parcel.name: parcel for parcel in parcels}

    def send(name: str) -> _Parcel | None:
        parcel = by_name[name]
        try:
            content = vault.objects.read(parcel.record.object_id, parcel.record.object_suffix)
        except CorruptObject as error:
            tell(error.message)
            return None
        store.write(_object_of(parcel), content)
        store.write(name, parcel.content)
        return parcel

    return store.at_once(send, by_name)


def _recall(store: SharedStore, went: Sequence[_Parcel]) -> list[_Parcel]:
    """Take back what a withdrawal overtook: its note came after our look and before our records.

    A withdrawal writes its note first and looks for records afterwards, so one of the two sees
    the other.
    """
    bans = shared_bans(store)
    recalled = [one for one in went if bans.forbid(one.record.voice, one.consent)]
    for parcel in recalled:
        store.remove(_object_of(parcel))
        store.remove(parcel.name)
    return recalled


def _object_of(parcel: _Parcel) -> str:
    return object_name(parcel.record.object_id, parcel.record.object_suffix)

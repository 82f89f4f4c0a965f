"""A revoked voice leaves the shared store as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.records import ANNOTATIONS, CLIPS, TAKES
from voicepipe.bank.revocation import RevokedRecords
from voicepipe.remote.record_kinds import all_keys, object_name, records_of
from voicepipe.remote.revocations import share_revocation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.bank.records import RecordKind, RecordT
    from voicepipe.remote.record_kinds import Tell
    from voicepipe.remote.revocations import Revocation
    from voicepipe.remote.store import SharedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRemoval:
    """What the shared store forgot."""

    takes: int
    clips: int
    objects: int
    annotations: int = 0
    """What was found out about the takes and clips."""


def remove_revoked_shared_takes(
    store: SharedStore,
    revocation: Revocation,
    tell: Tell,
    *,
    before: Callable[[Sequence[tuple[str, str]]], None] = lambda _: None,
) -> SharedRemoval:
    """Note a revocation in a shared store, and remove the voice's takes and clips from it.

    The note comes first: from then on nobody pulls or pushes the voice, whatever interrupts this.
    Running it again goes on where it stopped.

    Args:
        store: Established.
        revocation: The revocation.
        tell: Told of records that cannot be read, so that nobody knows whose they are.
        before: Given the kind and the name of all that goes, before the first does.

    Raises:
        MadeByNewer: A newer release wrote a record there: only that one knows whose it is.
        EnvironmentFault: The store cannot be reached, or refuses.
    """
    share_revocation(store, revocation)
    sorting = RevokedRecords()
    takes = sorting.of(
        _all(store, TAKES, tell),
        lambda take: take.voice == revocation.voice and revocation.forbids(take.consent),
    )
    # A clip does not say under which consent it was made: of this voice, all go. What was found out
    # about a take that stays under a later consent is found out again.
    clips = sorting.of(
        _all(store, CLIPS, tell),
        lambda clip: clip.voice == revocation.voice or clip.take_key in takes,
    )
    annotations = sorting.of(
        _all(store, ANNOTATIONS, tell),
        lambda one: one.voice == revocation.voice or one.subject in takes | clips,
    )
    # Bytes first: a removal cut short must leave records that name what is still to be removed.
    objects = [object_name(*where) for where in sorting.doomed()]
    records = [
        *(("annotation", ANNOTATIONS.name(key)) for key in sorted(annotations)),
        *(("take", TAKES.name(key)) for key in sorted(takes)),
        *(("clip", CLIPS.name(key)) for key in sorted(clips)),
    ]
    before([*(("object", name) for name in objects), *records])
    removed = store.at_once(store.remove, objects)
    store.at_once(store.remove, [name for _, name in records])
    return SharedRemoval(
        takes=len(takes), clips=len(clips), annotations=len(annotations), objects=sum(removed)
    )


def _all(store: SharedStore, kind: RecordKind[RecordT], tell: Tell) -> list[RecordT]:
    found, _ = records_of(store, kind, all_keys(store, kind), tell)
    return [stored.record for stored in found.values()]

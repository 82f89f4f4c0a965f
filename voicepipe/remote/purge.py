"""A withdrawn voice leaves the shared store as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.layout import RECORD_SUFFIX, is_hash
from voicepipe.remote.bans import share_ban
from voicepipe.remote.shelves import CLIPS, TAKES, object_name, records_of

if TYPE_CHECKING:
    from voicepipe.remote.bans import Ban
    from voicepipe.remote.shelves import RecordT, Shelf, Tell
    from voicepipe.remote.store import SharedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPurge:
    """What the shared store forgot."""

    takes: int
    clips: int
    objects: int


def purge_shared_voice(store: SharedStore, ban: Ban, tell: Tell) -> SharedPurge:
    """Note a withdrawal in a shared store, and remove the voice's takes and clips from it.

    The note comes first: from then on nobody pulls or pushes the voice, whatever interrupts this.
    Running it again goes on where it stopped.

    Args:
        store: Established.
        ban: The withdrawal.
        tell: Told of records that cannot be read, so that nobody knows whose they are.

    Raises:
        EnvironmentFault: The store cannot be reached, or refuses.
    """
    share_ban(store, ban)
    theirs: set[str] = set()
    others: set[str] = set()
    doomed_takes: dict[str, str] = {}
    doomed_clips: dict[str, str] = {}
    for key, take in _all(store, TAKES, tell).items():
        is_theirs = take.voice == ban.voice and ban.forbids(take.consent)
        (theirs if is_theirs else others).add(take.object_id)
        if is_theirs:
            doomed_takes[key] = TAKES.name(key)
    for key, clip in _all(store, CLIPS, tell).items():
        # A clip does not say under which consent it was made: of this voice, all go.
        is_theirs = clip.voice == ban.voice or clip.take_key in doomed_takes
        (theirs if is_theirs else others).add(clip.object_id)
        if is_theirs:
            doomed_clips[key] = CLIPS.name(key)
    # Bytes first: a purge cut short must leave records that name what is still to be removed.
    removed = store.at_once(store.remove, [object_name(key) for key in sorted(theirs - others)])
    store.at_once(store.remove, [*doomed_takes.values(), *doomed_clips.values()])
    return SharedPurge(takes=len(doomed_takes), clips=len(doomed_clips), objects=sum(removed))


def _all(store: SharedStore, shelf: Shelf[RecordT], tell: Tell) -> dict[str, RecordT]:
    keys = {key for key in store.names(shelf.folder, RECORD_SUFFIX) if is_hash(key)}
    return records_of(store, shelf, keys, tell)[0]

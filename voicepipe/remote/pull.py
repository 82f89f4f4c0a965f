"""From the shared store into an output folder: verified, allowed, and kept as it comes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.faults import explained
from voicepipe.bank.records import TakeRecord
from voicepipe.remote.shelves import CLIPS, TAKES, records_of, sound_fault, sound_object
from voicepipe.remote.store import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.bank.ledger import Ledger
    from voicepipe.bank.vault import Vault
    from voicepipe.remote.bans import Bans
    from voicepipe.remote.shelves import RecordT, Shelf, Tell
    from voicepipe.remote.store import SharedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A clip that is wanted, and the take it is made from."""

    clip_key: str
    take_key: str
    """Empty for a recording."""
    voice: str
    consent: str
    """Id of the consent record in force for the voice."""
    needs_take: bool = False
    """The take is wanted even where the clip is there: a pinned one is described by its record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came."""

    clips: frozenset[str]
    takes: frozenset[str]
    damaged: frozenset[str]
    """Keys whose record or object in the store is missing or damaged: to be replaced there."""
    forbidden: frozenset[str]
    """Keys that lie there although their voice was withdrawn."""


def pull(
    store: SharedStore, vault: Vault, wishes: Sequence[Wish], bans: Bans, tell: Tell
) -> Pulled:
    """Fetch finished clips, and the takes of those that are not finished anywhere.

    Args:
        store: Where others have put them.
        vault: Of the output folder; the caller holds its lock.
        wishes: Clips that are not in the vault.
        bans: Withdrawals, here and there.
        tell: Told of what is damaged in the store; nothing damaged is ever used.

    Raises:
        EnvironmentFault: The store cannot be reached, or the disk is full; what came is kept.
    """
    puller = _Puller(store, vault, bans, tell)
    clips = puller.fetch(
        CLIPS, vault.clips, {wish.clip_key: (wish.voice, wish.consent) for wish in wishes}
    )
    lacking = {
        wish.take_key: ("", "")
        for wish in wishes
        if wish.take_key and (wish.needs_take or wish.clip_key not in clips)
    }
    stored = vault.known_takes(among=lacking)
    takes = puller.fetch(
        TAKES, vault.takes, {key: who for key, who in lacking.items() if key not in stored}
    )
    return Pulled(
        clips=frozenset(clips),
        takes=frozenset(takes),
        damaged=frozenset(puller.damaged),
        forbidden=frozenset(puller.forbidden),
    )


class _Puller:
    def __init__(self, store: SharedStore, vault: Vault, bans: Bans, tell: Tell) -> None:
        self._store = store
        self._vault = vault
        self._bans = bans
        self._tell = tell
        self.damaged: set[str] = set()
        self.forbidden: set[str] = set()

    def fetch(
        self,
        shelf: Shelf[RecordT],
        ledger: Ledger[RecordT],
        wanted: Mapping[str, tuple[str, str]],
    ) -> set[str]:
        """Get records with their objects; `wanted` is key → (voice, consent in force)."""
        if not wanted:
            return set()
        records, damaged = records_of(self._store, shelf, wanted, self._tell)
        self.damaged |= damaged
        allowed = []
        for key, record in records.items():
            if self._is_forbidden(record, *wanted[key]):
                self.forbidden.add(key)
            else:
                allowed.append(record)
        got: set[str] = set()
        # A handful at a time: what came is kept whatever happens next, and memory stays small.
        for start in range(0, len(allowed), AT_ONCE):
            got |= self._keep(allowed[start : start + AT_ONCE], ledger)
        return got

    def _is_forbidden(self, record: RecordT, voice: str, consent: str) -> bool:
        if isinstance(record, TakeRecord):
            return self._bans.forbid(record.voice, record.consent)
        # A clip's key holds the consent in force for the voice the line is cast in.
        return self._bans.forbid(record.voice, consent if record.voice == voice else "")

    def _keep(self, records: Iterable[RecordT], ledger: Ledger[RecordT]) -> set[str]:
        by_object: dict[str, list[RecordT]] = {}
        for record in records:
            by_object.setdefault(record.object_id, []).append(record)
        missing = [key for key in by_object if not self._vault.objects.has(key)]
        contents = self._store.at_once(
            lambda object_id: sound_object(self._store, object_id, self._tell), missing
        )
        came = dict(zip(missing, contents, strict=True))
        got = set()
        for object_id, named in by_object.items():
            fitting = [record for record in named if self._is_told_truly(record, came)]
            self.damaged.update(record.key for record in named if record not in fitting)
            content = came.get(object_id)
            if fitting and content is not None:
                self._vault.objects.put(content)
            for record in fitting:
                ledger.put(record)
                got.add(record.key)
        return got

    def _is_told_truly(self, record: RecordT, came: Mapping[str, bytes | None]) -> bool:
        """Tell whether a record's object is here or came, and is the sound the record tells of."""
        if record.object_id not in came:
            path = self._vault.objects.path(record.object_id)
            with explained(path), path.open("rb") as stream:
                fault = sound_fault(stream, record)
        else:
            content = came[record.object_id]
            if content is None:
                return False  # told already
            fault = sound_fault(io.BytesIO(content), record)
        if fault:
            self._tell(
                f"{self._store.address}: record {record.key[:12]} names {record.object_id[:12]},"
                f" but {fault}; it is not used"
            )
        return not fault

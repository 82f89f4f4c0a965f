"""From the shared store into an output folder: verified, allowed, and kept as it comes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.faults import explained
from voicepipe.bank.records import ANNOTATIONS, CLIPS, TAKES, AnnotationRecord, TakeRecord
from voicepipe.regular_files import open_regular
from voicepipe.remote.record_kinds import (
    keys_about,
    object_name,
    records_of,
    sound_fault,
    verified_object,
)
from voicepipe.remote.store import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.bank.record_store import RecordStore, Stored
    from voicepipe.bank.records import ClipRecord, RecordKind, RecordT
    from voicepipe.bank.take_store import TakeStore
    from voicepipe.remote.record_kinds import Tell
    from voicepipe.remote.revocations import Revocations
    from voicepipe.remote.store import SharedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtClip:
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
    """Keys that lie there although their voice was revoked."""
    annotations: frozenset[str] = frozenset()
    """What was found out about the clips and takes that came."""


def pull(
    store: SharedStore,
    take_store: TakeStore,
    sought: Sequence[SoughtClip],
    revocations: Revocations,
    tell: Tell,
) -> Pulled:
    """Fetch finished clips, and the takes of those that are not finished anywhere.

    Args:
        store: Where others have put them.
        take_store: Of the output folder; the caller holds its lock.
        sought: Clips that are not in the take_store.
        revocations: Revocations, here and there.
        tell: Told of what is damaged in the store; nothing damaged is ever used.

    Raises:
        MadeByNewer: A newer release wrote a record of what is wanted.
        EnvironmentFault: The store cannot be reached, or the disk is full; what came is kept.
    """
    puller = _Puller(store, take_store, revocations, tell)
    clips = puller.fetch(
        CLIPS, take_store.clips, {one.clip_key: (one.voice, one.consent) for one in sought}
    )
    lacking = {
        one.take_key: ("", "")
        for one in sought
        if one.take_key and (one.needs_take or one.clip_key not in clips)
    }
    stored = take_store.known_takes(among=lacking)
    takes = puller.fetch(
        TAKES, take_store.takes, {key: who for key, who in lacking.items() if key not in stored}
    )
    about = keys_about(store, ANNOTATIONS, clips | takes) - take_store.annotations.keys()
    # The voice of what came may be shared, or it had not come.
    found = puller.fetch(ANNOTATIONS, take_store.annotations, dict.fromkeys(about, ("", "")))
    return Pulled(
        clips=frozenset(clips),
        takes=frozenset(takes),
        annotations=frozenset(found),
        damaged=frozenset(puller.damaged),
        forbidden=frozenset(puller.forbidden),
    )


def pull_takes(
    store: SharedStore,
    take_store: TakeStore,
    keys: Iterable[str],
    revocations: Revocations,
    tell: Tell,
) -> frozenset[str]:
    """Fetch takes by their keys alone; otherwise as `pull`.

    Returns:
        Keys of those that came.
    """
    puller = _Puller(store, take_store, revocations, tell)
    return frozenset(puller.fetch(TAKES, take_store.takes, dict.fromkeys(keys, ("", ""))))


class _Puller:
    def __init__(
        self, store: SharedStore, take_store: TakeStore, revocations: Revocations, tell: Tell
    ) -> None:
        self._store = store
        self._take_store = take_store
        self._revocations = revocations
        self._tell = tell
        self.damaged: set[str] = set()
        self.forbidden: set[str] = set()

    def fetch(
        self,
        kind: RecordKind[RecordT],
        record_store: RecordStore[RecordT],
        wanted: Mapping[str, tuple[str, str]],
    ) -> set[str]:
        """Get records with their objects; `wanted` is key → (voice, consent in force)."""
        if not wanted:
            return set()
        records, damaged = records_of(self._store, kind, wanted, self._tell)
        self.damaged |= damaged
        allowed = []
        for key, stored in records.items():
            if self._is_forbidden(stored.record, *wanted[key]):
                self.forbidden.add(key)
            else:
                allowed.append(stored)
        got: set[str] = set()
        # A handful at a time: what came is kept whatever happens next, and memory stays small.
        for start in range(0, len(allowed), AT_ONCE):
            got |= self._keep(allowed[start : start + AT_ONCE], record_store)
        return got

    def _is_forbidden(
        self, record: TakeRecord | ClipRecord | AnnotationRecord, voice: str, consent: str
    ) -> bool:
        if isinstance(record, TakeRecord):
            return self._revocations.forbid(record.voice, record.consent)
        if isinstance(record, AnnotationRecord):
            return False  # it is about something that was allowed to come
        # A clip's key holds the consent in force for the voice the line is cast in.
        return self._revocations.forbid(record.voice, consent if record.voice == voice else "")

    def _keep(
        self, records: Iterable[Stored[RecordT]], record_store: RecordStore[RecordT]
    ) -> set[str]:
        by_object: dict[tuple[str, str], list[Stored[RecordT]]] = {}
        for stored in records:
            record = stored.record
            by_object.setdefault((record.object_id, record.object_suffix), []).append(stored)
        absent = [where for where in by_object if not self._take_store.objects.has(*where)]
        names = {object_name(*where): where for where in absent}
        contents = self._store.at_once(
            lambda name: verified_object(self._store, *names[name], self._tell),
            names,
        )
        fetched = dict(zip(absent, contents, strict=True))
        got = set()
        for where, named in by_object.items():
            fitting = [stored for stored in named if self._is_told_truly(stored.record, fetched)]
            self.damaged.update(one.record.key for one in named if one not in fitting)
            content = fetched.get(where)
            if fitting and content is not None:
                self._take_store.objects.put(content, where[1])
            for stored in fitting:
                record_store.put_content(stored.record.key, stored.content)
                got.add(stored.record.key)
        return got

    def _is_told_truly(
        self,
        record: TakeRecord | ClipRecord | AnnotationRecord,
        fetched: Mapping[tuple[str, str], bytes | None],
    ) -> bool:
        """Tell whether a record's object is here or fetched, and is what the record tells of."""
        where = record.object_id, record.object_suffix
        if where in fetched:
            content = fetched[where]
            if content is None:
                return False  # told already
            fault = sound_fault(io.BytesIO(content), record)
        else:
            path = self._take_store.objects.path(*where)
            with explained(path), open_regular(path) as stream:
                fault = sound_fault(stream, record)
        if fault:
            self._tell(
                f"{self._store.address}: record {record.key[:12]} names {record.object_id[:12]},"
                f" but {fault}; it is not used"
            )
        return not fault

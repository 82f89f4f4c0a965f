"""What lies where in a shared store, and reading it with due doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Generic, TypeVar

from voicepipe.audio.post_settings import FLOAT_BITS
from voicepipe.audio.wave_facts import wave_fault
from voicepipe.bank.layout import OBJECT_SUFFIX, RECORD_SUFFIX, checked_hash
from voicepipe.bank.ledger import LARGEST_RECORD, parse_record
from voicepipe.bank.records import ClipRecord, TakeRecord
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.remote.store import SharedStore

FEW: Final = 64
"""So many records are asked for one by one; of more, the names are listed first."""

RecordT = TypeVar("RecordT", TakeRecord, ClipRecord)
Tell = Callable[[str], None]
"""Is told of everything in the store that is damaged and was left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf(Generic[RecordT]):
    """Records of one kind in a shared store."""

    folder: str
    kind: type[RecordT]

    def name(self, key: str) -> str:
        """Say where a record lies or would lie."""
        return f"{self.folder}/{checked_hash(key)[:2]}/{key}{RECORD_SUFFIX}"


TAKES: Final = Shelf(folder="takes", kind=TakeRecord)
CLIPS: Final = Shelf(folder="clips", kind=ClipRecord)


def object_name(object_id: str) -> str:
    """Say where an object lies or would lie."""
    return f"objects/{checked_hash(object_id)[:2]}/{object_id}{OBJECT_SUFFIX}"


def keys_there(store: SharedStore, shelf: Shelf[RecordT], among: Iterable[str]) -> set[str]:
    """Find out which records there are, with one listing; of a few keys, one question each.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    keys = sorted(set(among))
    if len(keys) > FEW:
        return store.names(shelf.folder, RECORD_SUFFIX).intersection(keys)
    found = store.read_all(map(shelf.name, keys), limit=0)
    return {key for key, (_, content) in zip(keys, found, strict=True) if content is not None}


def records_of(
    store: SharedStore, shelf: Shelf[RecordT], among: Iterable[str], tell: Tell
) -> tuple[dict[str, RecordT], set[str]]:
    """Read the records there are.

    Returns:
        Key → record, and the keys of damaged ones, which are told of.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    keys = sorted(set(among))
    if len(keys) > FEW:
        keys = sorted(store.names(shelf.folder, RECORD_SUFFIX).intersection(keys))
    contents = store.read_all(map(shelf.name, keys), limit=LARGEST_RECORD)
    found: dict[str, RecordT] = {}
    damaged: set[str] = set()
    for key, (name, content) in zip(keys, contents, strict=True):
        if content is None:
            continue
        record, fault = parse_record(shelf.kind, key, content)
        if record is None:
            tell(f"{store.address}/{name}: {fault}; it is not used")
            damaged.add(key)
        else:
            found[key] = record
    return found, damaged


def sound_object(store: SharedStore, object_id: str, tell: Tell) -> bytes | None:
    """Read an object and compare it with its name.

    Returns:
        None when it is missing or damaged; either is told.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    name = object_name(object_id)
    content = store.read(name)
    if content is None:
        tell(f"{store.address}/{name}: the object of a record is missing")
    elif sha256_of_bytes(content) != object_id:
        tell(f"{store.address}/{name}: the bytes do not match their name; they are not used")
        return None
    return content


def sound_fault(stream: IO[bytes], record: TakeRecord | ClipRecord) -> str:
    """Say how an object is not the sound that its record tells of; empty when it is.

    Raises:
        OSError: It cannot be read.
    """
    return wave_fault(
        stream,
        sample_rate=record.sample_rate,
        bit_depth=record.bit_depth if isinstance(record, ClipRecord) else FLOAT_BITS,
        duration_s=record.duration_s,
    )

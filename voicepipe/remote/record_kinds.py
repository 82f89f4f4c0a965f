"""What lies where in a shared store, and reading it with due fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Final

from voicepipe.audio.post_settings import FLOAT_BITS
from voicepipe.audio.wave_facts import wave_fault
from voicepipe.bank.layout import KINDS_OF_OBJECT, OBJECT_SUFFIX, RECORD_SUFFIX, checked_hash
from voicepipe.bank.record_store import Stored
from voicepipe.bank.records import LARGEST_RECORD, AnnotationRecord, ClipRecord, TakeRecord
from voicepipe.bank.store import LARGEST_OBJECT
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.bank.records import RecordKind, RecordT
    from voicepipe.remote.store import SharedStore

FEW: Final = 64
"""So many records are asked for one by one; of more, the names are listed first."""

Tell = Callable[[str], None]
"""Is told of everything in the store that is damaged and was left alone."""


def object_name(object_id: str, suffix: str = OBJECT_SUFFIX) -> str:
    """Say where an object lies or would lie.

    Raises:
        CorruptObject: The id is not a hash, or there is no such kind of object.
    """
    if suffix not in KINDS_OF_OBJECT:
        raise CorruptObject(f'"{suffix[:40]}" is not a kind of object that a store keeps')
    return f"objects/{checked_hash(object_id)[:2]}/{object_id}{suffix}"


def all_keys(store: SharedStore, kind: RecordKind[RecordT]) -> set[str]:
    """List the keys of all records of a kind.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    return {key for key in store.names(kind.folder, RECORD_SUFFIX) if kind.is_key(key)}


def keys_there(store: SharedStore, kind: RecordKind[RecordT], among: Iterable[str]) -> set[str]:
    """Find out which records there are, with one listing; of a few keys, one question each.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    keys = sorted(set(among))
    if len(keys) > FEW:
        return all_keys(store, kind).intersection(keys)
    found = store.read_all(map(kind.name, keys), limit=0)
    return {key for key, (_, content) in zip(keys, found, strict=True) if content is not None}


def keys_about(store: SharedStore, kind: RecordKind[RecordT], subjects: Iterable[str]) -> set[str]:
    """Find the records whose keys begin with one of some takes or clips: what is known of them.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    wanted = set(subjects)
    if not wanted:
        return set()
    shards = sorted({f"{kind.folder}/{subject[:2]}" for subject in wanted})
    listed = [kind.folder] if len(shards) > FEW else shards
    names = store.at_once(lambda folder: store.names(folder, RECORD_SUFFIX), listed)
    found = {name for each in names for name in each}
    return {key for key in found if kind.is_key(key) and key.partition(".")[0] in wanted}


def records_of(
    store: SharedStore, kind: RecordKind[RecordT], among: Iterable[str], tell: Tell
) -> tuple[dict[str, Stored[RecordT]], set[str]]:
    """Read the records there are.

    Returns:
        Key → record with its bytes, and the keys of damaged ones, which are told of.

    Raises:
        MadeByNewer: A newer release wrote one of them; it stays as it is.
        EnvironmentFault: The store cannot be reached.
    """
    keys = sorted(set(among))
    if len(keys) > FEW:
        keys = sorted(all_keys(store, kind).intersection(keys))
    contents = store.read_all(map(kind.name, keys), limit=LARGEST_RECORD)
    found: dict[str, Stored[RecordT]] = {}
    damaged: set[str] = set()
    for key, (name, content) in zip(keys, contents, strict=True):
        if content is None:
            continue
        where = f"{store.address}/{name}"
        record, fault = kind.parse(key, content, where)
        if record is None:
            tell(f"{where}: {fault}; it is not used")
            damaged.add(key)
        else:
            found[key] = Stored(record=record, content=content)
    return found, damaged


def verified_object(store: SharedStore, object_id: str, suffix: str, tell: Tell) -> bytes | None:
    """Read an object and compare it with its name.

    Returns:
        None when it is missing, too large or damaged; either is told.

    Raises:
        EnvironmentFault: The store cannot be reached.
    """
    name = object_name(object_id, suffix)
    try:
        content = store.read_object(name, limit=LARGEST_OBJECT)
    except CorruptObject as error:
        tell(f"{error.message}; it is not used")
        return None
    if content is None:
        tell(f"{store.address}/{name}: the object of a record is missing")
    elif sha256_of_bytes(content) != object_id:
        tell(f"{store.address}/{name}: the bytes do not match their name; they are not used")
        return None
    return content


def sound_fault(stream: IO[bytes], record: TakeRecord | ClipRecord | AnnotationRecord) -> str:
    """Say how an object is not the sound that its record tells of; empty when it is.

    What an analyser found is told by its hash alone.

    Raises:
        OSError: It cannot be read.
    """
    if isinstance(record, AnnotationRecord):
        return ""
    return wave_fault(
        stream,
        sample_rate=record.sample_rate,
        bit_depth=record.bit_depth if isinstance(record, ClipRecord) else FLOAT_BITS,
        duration_s=record.duration_s,
    )

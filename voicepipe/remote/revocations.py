"""What was revoked or suspended, here or anywhere.

Nothing revoked is rendered, published or shared; under a suspended record nothing new is made.

A revocation leaves a note in the output folder and in the shared store. A note names the consent
records that ended, whatever voice carries them, and the recordings of the voice; what is made
under a later record is allowed again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import write_atomic
from voicepipe.bank.layout import is_hash
from voicepipe.bank.schemas import Schema
from voicepipe.errors import EnvironmentFault, MadeByNewer
from voicepipe.hashing import sha256_of_bytes
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicepipe.remote.store import SharedStore

FOLDER: Final = "withdrawn"
SUSPENDED: Final = "suspended"
"""Notes of suspensions: not copied from the store, so that taking one back there ends it."""
_SUFFIX = ".json"
_NOTE = Schema(what="the note of a revoked voice")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A voice that was revoked."""

    voice: str
    consents: tuple[str, ...] = ()
    """Ids of the consent records that ended; empty: whatever record, nothing is allowed."""
    recordings: tuple[str, ...] = ()
    """sha256 of human recordings that were published as this voice."""

    def forbids(self, consent: str) -> bool:
        """Tell whether a take of the voice, made under a consent record, may not be used."""
        return not consent or not self.consents or consent in self.consents


class Revocations:
    """All revocations known at this moment."""

    def __init__(
        self, revocations: Iterable[Revocation] = (), *, suspended: Iterable[str] = ()
    ) -> None:
        """Join revocations; two of one voice forbid what either forbids.

        Args:
            revocations: Of voices.
            suspended: Ids of consent records that are suspended.
        """
        self.suspended = frozenset(suspended)
        """Ids of consent records under which no new take is made."""
        self._revocations: dict[str, Revocation] = {}
        self._ended: set[str] = set()
        self._recordings: set[str] = set()
        for revocation in revocations:
            self._add(revocation)

    def __or__(self, other: Revocations) -> Revocations:
        """Join with others."""
        joined = Revocations(
            [*self._revocations.values(), *other.as_tuple()],
            suspended=self.suspended | other.suspended,
        )
        joined._ended |= self._ended | other._ended
        return joined

    def as_tuple(self) -> tuple[Revocation, ...]:
        """Give them, by voice."""
        return tuple(self._revocations[voice] for voice in sorted(self._revocations))

    def of(self, voice: str) -> tuple[Revocation, ...]:
        """Give the revocation of a voice; nothing when it was not revoked."""
        return (self._revocations[voice],) if voice in self._revocations else ()

    def forbid(self, voice: str, consent: str) -> bool:
        """Tell whether a take or clip may not be used.

        Args:
            voice: Who speaks. A record that ended under another voice's name has ended for it too.
            consent: Id of the consent record it was made under; empty when nobody knows.
        """
        revocation = self._revocations.get(voice)
        return consent in self._ended or (revocation is not None and revocation.forbids(consent))

    def forbid_recording(self, sha256: str) -> bool:
        """Tell whether a human recording is one of a revoked voice."""
        return sha256 in self._recordings

    def _add(self, revocation: Revocation) -> None:
        known = self._revocations.get(revocation.voice)
        if known is not None:
            both = known.consents and revocation.consents
            ids = sorted({*known.consents, *revocation.consents}) if both else ()
            recordings = sorted({*known.recordings, *revocation.recordings})
            revocation = Revocation(
                voice=revocation.voice, consents=tuple(ids), recordings=tuple(recordings)
            )
        self._revocations[revocation.voice] = revocation
        self._ended.update(filter(None, revocation.consents))
        self._recordings.update(revocation.recordings)


def local_revocations(out: Path) -> Revocations:
    """Read the revocations and suspensions noted in an output folder.

    Raises:
        EnvironmentFault: A note is damaged: what it forbids cannot be known.
    """
    return Revocations(
        _local_notes(out, FOLDER),
        suspended=(one for note in _local_notes(out, SUSPENDED) for one in note.consents),
    )


def _local_notes(out: Path, name: str) -> list[Revocation]:
    folder = out / name
    with explained(folder):
        paths = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
        return [_parsed(read_regular(path, limit=_LARGEST), str(path)) for path in paths]


def note_revocation(out: Path, revocation: Revocation) -> None:
    """Note a revocation in an output folder, with those of the voice before it.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    path = out / FOLDER / _name(revocation.voice)
    with explained(path):
        earlier = read_regular(path, limit=_LARGEST) if path.is_file() else None
    write_atomic(out, path, _joined(revocation, earlier, str(path)))


def shared_revocations(store: SharedStore) -> Revocations:
    """Read the revocations and suspensions noted in a shared store.

    Raises:
        EnvironmentFault: The store cannot be reached, or a note is damaged.
    """
    return Revocations(
        _shared_notes(store, FOLDER),
        suspended=(one for note in _shared_notes(store, SUSPENDED) for one in note.consents),
    )


def _shared_notes(store: SharedStore, folder: str) -> list[Revocation]:
    keys = sorted(key for key in store.names(folder, _SUFFIX) if is_hash(key))
    names = [f"{folder}/{key}{_SUFFIX}" for key in keys]
    return [
        _parsed(content, f"{store.address}/{name}")
        for name, content in store.read_all(names, limit=_LARGEST)
        if content is not None
    ]


def note_suspension(out: Path, voice: str, consent: str) -> None:
    """Note in an output folder that a consent record is suspended.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    write_atomic(out, out / SUSPENDED / _name(voice), _suspension(voice, consent))


def forget_suspension(out: Path, voice: str) -> None:
    """Take the note back; nothing happens when there is none.

    Raises:
        EnvironmentFault: It cannot be removed.
    """
    path = out / SUSPENDED / _name(voice)
    with explained(path):
        path.unlink(missing_ok=True)


def share_suspension(store: SharedStore, voice: str, consent: str) -> None:
    """Note in a shared store that a consent record is suspended.

    Raises:
        EnvironmentFault: The store cannot be reached, or refuses.
    """
    store.write(f"{SUSPENDED}/{_name(voice)}", _suspension(voice, consent))


def unshare_suspension(store: SharedStore, voice: str) -> None:
    """Take the note back in a shared store; nothing happens when there is none.

    Raises:
        EnvironmentFault: The store cannot be reached, or refuses.
    """
    store.remove(f"{SUSPENDED}/{_name(voice)}")


def _suspension(voice: str, consent: str) -> bytes:
    facts = {"schema": _NOTE.number, **asdict(Revocation(voice=voice, consents=(consent,)))}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def share_revocation(store: SharedStore, revocation: Revocation) -> None:
    """Note a revocation in a shared store, with those of the voice before it.

    Raises:
        EnvironmentFault: The store cannot be reached, or refuses.
    """
    name = f"{FOLDER}/{_name(revocation.voice)}"
    earlier = store.read(name, limit=_LARGEST)
    store.write(name, _joined(revocation, earlier, f"{store.address}/{name}"))


def _name(voice: str) -> str:
    return f"{sha256_of_bytes(voice.encode())}{_SUFFIX}"


def _joined(revocation: Revocation, earlier: bytes | None, where: str) -> bytes:
    revocations = Revocations([revocation, *_earlier(revocation.voice, earlier, where)])
    facts = {"schema": _NOTE.number, **asdict(revocations.as_tuple()[0])}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _earlier(voice: str, content: bytes | None, where: str) -> tuple[Revocation, ...]:
    if content is None:
        return ()
    try:
        return (_parsed(content, where),)
    except MadeByNewer:
        raise
    except EnvironmentFault:  # nobody knows what it forbade: everything
        return (Revocation(voice=voice),)


def _parsed(content: bytes, where: str) -> Revocation:
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError:
        facts = None
    fields, fault = _NOTE.bring_up(facts, where)
    voice, consents = fields.get("voice"), fields.get("consents")
    recordings = fields.get("recordings", [])
    is_note = not fault and _are_texts(consents) and _are_texts(recordings)
    if not is_note or not isinstance(voice, str):
        raise EnvironmentFault(
            f"{where}: the note of a revoked voice is damaged, so what it forbids is not known",
            remedy="run `voicepipe voices revoke` for that voice again, or restore the note",
        )
    return Revocation(
        voice=voice, consents=tuple(consents or ()), recordings=tuple(recordings or ())
    )


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)

"""Takes and clips of made-up lines, in output folders that share a store."""

from __future__ import annotations

import hashlib
import struct
import uuid
from pathlib import Path

from voicepipe.audio.riff import Chunk, write_wave
from voicepipe.bank.records import ClipRecord, TakeRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.remote.address import parse_address
from voicepipe.remote.pull import Pulled, SoughtClip, pull
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.revocations import Revocations
from voicepipe.remote.store import SharedStore, open_store

CREATED = "2030-01-02T03:04:05Z"
DURATION_S = 0.02


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wav(noise: bytes, *, rate: int, bits: int) -> bytes:
    """Bytes that are a WAV file of `DURATION_S`, different for every noise."""
    n_bytes = round(DURATION_S * rate) * bits // 8
    payload = (noise * (n_bytes // len(noise) + 1))[:n_bytes]
    width = bits // 8
    form = struct.pack("<HHIIHH", 3 if bits == 32 else 1, 1, rate, rate * width, width, bits)
    return write_wave([Chunk(id=b"fmt ", payload=form), Chunk(id=b"data", payload=payload)])


def sought_one(line: str, voice: str = "ann", consent: str = "ann-2030") -> SoughtClip:
    return SoughtClip(
        clip_key=digest(f"clip {line}"),
        take_key=digest(f"take {line}"),
        voice=voice,
        consent=consent,
    )


def sought(n: int, voice: str = "ann") -> list[SoughtClip]:
    return [sought_one(f"{voice}_{i:04d}", voice, f"{voice}-2030") for i in range(n)]


def make(take_store: TakeStore, one: SoughtClip, sound: str = "") -> None:
    """Store a take and a clip, as a worker would."""
    noise = (sound or one.take_key).encode()
    take_store.takes.put(
        TakeRecord(
            key=one.take_key,
            object_id=take_store.objects.put(wav(b"take " + noise, rate=24_000, bits=32)),
            voice=one.voice,
            language="en",
            line="a_0010",
            engine="tone",
            source="synthetic",
            seed=7,
            sample_rate=24_000,
            duration_s=DURATION_S,
            consent=one.consent,
            created=CREATED,
        )
    )
    take_store.clips.put(
        ClipRecord(
            key=one.clip_key,
            object_id=take_store.objects.put(wav(b"clip " + noise, rate=16_000, bits=16)),
            take_key=one.take_key,
            voice=one.voice,
            source="synthetic",
            sample_rate=16_000,
            bit_depth=16,
            duration_s=DURATION_S,
            loudness_lufs=None,
            peak_dbtp=-3.0,
            created=CREATED,
        )
    )


def made(out: Path, chosen: list[SoughtClip]) -> TakeStore:
    take_store = TakeStore(out)
    for one in chosen:
        make(take_store, one)
    return take_store


def memory_store() -> SharedStore:
    store = open_store(parse_address(f"memory://{uuid.uuid4().hex}/shared"))
    store.establish()
    return store


def folder_store(folder: Path) -> SharedStore:
    folder.mkdir(parents=True, exist_ok=True)
    store = open_store(parse_address(folder.as_uri()))
    store.establish()
    return store


class Messages(list[str]):
    """What was said about the store; call it."""

    def __call__(self, text: str) -> None:
        self.append(text)


def pushed(
    store: SharedStore,
    take_store: TakeStore,
    chosen: list[SoughtClip],
    revocations: Revocations | None = None,
) -> Pushed:
    told = Messages()
    went = push(store, take_store, chosen, revocations or Revocations(), told)
    assert not told
    return went


def pulled(
    store: SharedStore,
    take_store: TakeStore,
    chosen: list[SoughtClip],
    revocations: Revocations | None = None,
    told: Messages | None = None,
) -> Pulled:
    heard = Messages()
    result = pull(
        store, take_store, chosen, revocations or Revocations(), heard if told is None else told
    )
    assert not heard
    return result


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

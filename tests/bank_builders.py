"""Makes banks for tests: real bytes, real files, made-up lines."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from voicepipe.bank.clip_facts import ClipMaking, ClipMeasurements, fields_of
from voicepipe.bank.manifest import BankManifest, ManifestEntry
from voicepipe.bank.manifest_io import content_hash, entry_order
from voicepipe.bank.plan import ClipSpec
from voicepipe.bank.publish import BankFacts, Published, publish
from voicepipe.bank.records import ClipRecord, TakeRecord
from voicepipe.bank.take_store import TakeStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FACTS = BankFacts(
    bank="main", source_language="en", languages=("en",), sample_rate=48_000, bit_depth=24
)
N_SAMPLES = 64
CREATED = "2030-01-02T03:04:05Z"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wav(name: str, n_samples: int = N_SAMPLES) -> bytes:
    body = (hashlib.sha256(name.encode()).digest() * n_samples)[: n_samples * 3]
    head = struct.pack(
        "<4sI4s4sIHHIIHH",
        b"RIFF",
        36 + len(body),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        48_000,
        144_000,
        3,
        24,
    )
    return head + struct.pack("<4sI", b"data", len(body)) + body


def entry(line: str = "a_0010", **changes: Any) -> ManifestEntry:
    language = changes.get("language", "en")
    base = ManifestEntry(
        line=line,
        base_line=line,
        language=language,
        speaker="noah",
        voice="noah",
        emotion="sad",
        text=f"Words of {line}",
        note="",
        file=f"{language}/bridge/{line}.wav",
        sha256=digest(f"object {line} {language}"),
        duration_s=N_SAMPLES / 48_000,
        sample_rate=48_000,
        bit_depth=24,
        loudness_lufs=-18.0,
        peak_dbtp=-1.5,
        source="synthetic",
        engine="gpt-sovits",
        models={"gpt": digest("gpt")},
        take_key=digest(f"take {line} {language}"),
        clip_key=digest(f"clip {line} {language}"),
        seed=7,
        take=1,
        pinned=False,
        consent="noah-2030",
        scene="bridge",
        node="open",
        bark_set="",
        position=0,
        tags=("storm",),
        variant={},
        before=(),
        after=(),
        script="scripts_in/bridge.yaml:3:9",
        stale=False,
        inputs={"text": "t1", "voice": "v1", "post": "p1"},
    )
    return replace(base, **changes)


def take_of(item: ManifestEntry, object_id: str) -> TakeRecord:
    return TakeRecord(
        **fields_of(item, ClipMaking),
        key=item.take_key,
        object_id=object_id,
        language=item.language,
        line=item.line,
        sample_rate=32_000,
        duration_s=item.duration_s,
        created=CREATED,
    )


def clip_of(item: ManifestEntry) -> ClipRecord:
    return ClipRecord(
        **fields_of(item, ClipMeasurements),
        key=item.clip_key,
        object_id=item.sha256,
        take_key=item.take_key,
        voice=item.voice,
        source=item.source,
        created=CREATED,
    )


def spec_of(item: ManifestEntry, **changes: Any) -> ClipSpec:
    """Want exactly what an entry holds, but for some changes."""
    facts = {f.name: getattr(item, f.name) for f in fields(ClipSpec) if hasattr(item, f.name)}
    return ClipSpec(**{**facts, **changes})


def stored(out: Path, line: str = "a_0010", **changes: Any) -> ManifestEntry:
    """Put a line's take and clip into the store, as a render would, and describe it."""
    take_store = TakeStore(out)
    language = changes.get("language", "en")
    item = entry(line, **changes)
    take_id = take_store.objects.put(wav(f"take {line} {language} {item.take_key}"))
    clip_id = take_store.objects.put(wav(f"clip {line} {language} {item.clip_key}"))
    item = replace(item, sha256=clip_id)
    take_store.takes.put(take_of(item, take_id))
    take_store.clips.put(clip_of(item))
    return item


def published(out: Path, entries: Sequence[ManifestEntry]) -> Published:
    return publish(out, FACTS, entries)


def manifest_of(entries: Sequence[ManifestEntry], **changes: Any) -> BankManifest:
    ordered = tuple(sorted(entries, key=entry_order))
    base = BankManifest(
        bank="main",
        version="v0001",
        created=CREATED,
        voicepipe="0.1.0",
        source_language="en",
        languages=("en",),
        sample_rate=48_000,
        bit_depth=24,
        content_sha256=content_hash(ordered),
        entries=ordered,
    )
    return replace(base, **changes)


def big_manifest(n_lines: int) -> BankManifest:
    groups = ("text", "delivery", "voice", "model", "sampling", "engine", "seed", "post")
    inputs = {group: digest(group)[:12] for group in groups}
    return manifest_of([entry(f"line_{i:06d}", position=i, inputs=inputs) for i in range(n_lines)])

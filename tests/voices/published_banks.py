"""An output folder with takes, clips and a published version, made through the bank itself."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.publish import BankFacts, publish
from voicepipe.bank.records import ClipRecord, TakeRecord
from voicepipe.bank.take_store import TakeStore

if TYPE_CHECKING:
    from pathlib import Path

FACTS = BankFacts(
    bank="harbor", source_language="en", languages=("en",), sample_rate=48_000, bit_depth=16
)
CREATED = "2030-01-02T03:04:05Z"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _wav(name: str) -> bytes:
    seed = int(_digest(name)[:8], 16)
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, 480).astype(np.float32)
    return encode_wav(AudioClip(samples=noise, sample_rate=48_000), bit_depth=16)


def store_line(out: Path, line: str, voice: str) -> ManifestEntry:
    """Put a take and a clip of a line into the store, and describe them as a manifest does."""
    take_store = TakeStore(out)
    entry = _entry(line, voice)
    take_object = take_store.objects.put(_wav(f"take {line}"))
    entry = replace(entry, sha256=take_store.objects.put(_wav(f"clip {line}")))
    take_store.takes.put(
        TakeRecord(
            key=entry.take_key,
            object_id=take_object,
            voice=voice,
            language="en",
            line=line,
            engine="gpt-sovits",
            source="synthetic",
            seed=1,
            sample_rate=48_000,
            duration_s=0.01,
            created=CREATED,
        )
    )
    take_store.clips.put(
        ClipRecord(
            key=entry.clip_key,
            object_id=entry.sha256,
            take_key=entry.take_key,
            voice=voice,
            source="synthetic",
            sample_rate=48_000,
            bit_depth=16,
            duration_s=0.01,
            loudness_lufs=None,
            peak_dbtp=-20.0,
            created=CREATED,
        )
    )
    return entry


def publish_lines(out: Path, **voices: str) -> None:
    """Publish a version of these lines: line → voice."""
    publish(out, FACTS, [store_line(out, line, voice) for line, voice in voices.items()])


def _entry(line: str, voice: str) -> ManifestEntry:
    return ManifestEntry(
        line=line,
        base_line=line,
        language="en",
        speaker=voice,
        voice=voice,
        emotion="neutral",
        text=f"Words of {line}",
        note="",
        file=f"en/bridge/{line}.wav",
        sha256=_digest(f"object {line}"),
        duration_s=0.01,
        sample_rate=48_000,
        bit_depth=16,
        loudness_lufs=None,
        peak_dbtp=-20.0,
        source="synthetic",
        engine="gpt-sovits",
        models={},
        take_key=_digest(f"take {line}"),
        clip_key=_digest(f"clip {line}"),
        seed=1,
        take=1,
        pinned=False,
        consent="nobody",
        scene="bridge",
        node="open",
        bark_set="",
        position=0,
        tags=(),
        variant={},
        before=(),
        after=(),
        script="scripts_in/bridge.yaml:3:9",
        stale=False,
        inputs={},
    )

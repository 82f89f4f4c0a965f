"""Projects with a published bank that nobody rendered: each clip is a short noise of its own.

A clip's bytes follow from its clip key, so that a line that is edited gets another one; its length
is unlike that of any other clip of the project, so that engines can be asked what they loaded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.bank.entries import entry_for
from voicepipe.bank.plan import plan_bank
from voicepipe.bank.publish import publish
from voicepipe.bank.records import ClipRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.clip_requests import ClipRequests
from voicepipe.pipeline.render.planning import bank_facts

if TYPE_CHECKING:
    from voicepipe.bank.manifest import BankManifest
    from voicepipe.pipeline.render.clip_requests import ClipRequest

ROOT = Path(__file__).parents[1]
RATE = 16_000
FIRST_SAMPLES = 800
STEP_SAMPLES = 8
"""Clips differ by half a millisecond."""
VOICE = """\
engine: scratch
consent:
  {{id: {id}, kind: synthetic, who: A noise, scope: ["*"], languages: ["*"], from: 2020-01-01}}
"""


def copy_film(root: Path) -> Path:
    """Copy the film's project, with placeholder voices and small clips."""
    shutil.copytree(ROOT / "scripts_in", root / "scripts_in")
    (root / "voices").mkdir()
    for path in sorted((ROOT / "voices").glob("*.yaml")):
        (root / "voices" / path.name).write_text(VOICE.format(id=f"ararat-{path.stem}"), "utf-8")
    (root / "voicepipe.yaml").write_text(
        "bank: ararat\nsource_language: zh\nlanguages: [zh, en, ja]\n"
        f"audio: {{sample_rate: {RATE}, bit_depth: 16}}\n",
        "utf-8",
    )
    return root


def publish_stand_ins(root: Path, *, without: frozenset[tuple[str, str]] = frozenset()) -> Any:
    """Publish every clip the project asks for; (line, language) in `without` as failed."""
    with patch.object(os, "fsync", lambda _: None):
        project = load_project(root)
        project.require_valid()
        asked = [*ClipRequests(project, {}).values()]
        made = [one for one in asked if (one.clip.line, one.clip.language) not in without]
        take_store = TakeStore(project.out)
        records = {one.clip.clip_key: _stored(take_store, one, n) for n, one in enumerate(made)}
        clips = [one.clip for one in made]
        plan = plan_bank(clips, None, frozenset(), frozenset(records))
        entries = [
            entry_for(step, step.wanted, records[step.wanted.clip_key])
            for step in plan.steps
            if step.wanted is not None
        ]
        failed = [
            {
                "line": one.clip.line,
                "language": one.clip.language,
                "reason": "it failed",
                "script": one.clip.script,
            }
            for one in asked
            if (one.clip.line, one.clip.language) in without
        ]
        return publish(project.out, bank_facts(project.settings), entries, failed)


def manifest_of(root: Path) -> BankManifest:
    """Publish and give the manifest."""
    manifest: BankManifest = publish_stand_ins(root).manifest
    return manifest


def _stored(take_store: TakeStore, asked: ClipRequest, number: int) -> ClipRecord:
    n_samples = FIRST_SAMPLES + STEP_SAMPLES * number
    noise = np.frombuffer(hashlib.shake_128(asked.clip.clip_key.encode()).digest(n_samples), "u1")
    samples = (noise.astype(np.float32) - 128.0) / 512.0
    clip = AudioClip(samples=samples, sample_rate=RATE)
    content = encode_wav(clip, bit_depth=16, metadata=asked.metadata)
    record = ClipRecord(
        key=asked.clip.clip_key,
        object_id=take_store.objects.put(content),
        take_key=asked.clip.take_key,
        voice=asked.clip.voice,
        source=asked.clip.source,
        sample_rate=RATE,
        bit_depth=16,
        duration_s=n_samples / RATE,
        loudness_lufs=None,
        peak_dbtp=-12.0,
        created="2030-01-02T03:04:05Z",
    )
    take_store.clips.put(record)
    return record

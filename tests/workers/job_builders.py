"""Clip jobs for the trouble engine and for recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.post_settings import post_settings
from voicepipe.hashing import sha256_of_bytes, sha256_of_json
from voicepipe.settings import AudioSettings
from voicepipe.synthesis.request import SynthesisRequest
from voicepipe.workers.jobs import ClipJob

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENGINES: Mapping[str, str] = {
    "trouble": "trouble_engine:Engine",
    "crowd": "crowd_engine:Engine",
    "origin": "origin_engine:Engine",
}
POST = post_settings(AudioSettings())


def job(
    text: str,
    number: int = 1,
    *,
    cost_s: float = 1.0,
    model: str = "",
    seed: int = 0,
    engine: str = "trouble",
) -> ClipJob:
    line = f"line_{number:04}"
    inputs: dict[str, str] = {"text": text}
    if model:
        inputs["model"] = model
    request = SynthesisRequest(
        line_id=line,
        language="en",
        engine=engine,
        voice_id="ada",
        seed=seed or number,
        inputs=inputs,
    )
    return ClipJob(
        line_id=line,
        language="en",
        script=f"scripts_in/bridge.yaml:{number}:3",
        clip_key=sha256_of_json([request.key(), line]),
        take_key=request.key(),
        voice="ada",
        source="scratch",
        request=request,
        post=POST,
        metadata=_metadata(line, text, "scratch"),
        cost_s=cost_s,
    )


def recording_job(path: Path, *, sha256: str = "", number: int = 1) -> ClipJob:
    line = f"line_{number:04}"
    sha256 = sha256 or sha256_of_bytes(path.read_bytes())
    return ClipJob(
        line_id=line,
        language="en",
        script=f"scripts_in/bridge.yaml:{number}:3",
        clip_key=sha256_of_json([sha256, line]),
        take_key=sha256,
        voice="ada",
        source="recorded",
        request=None,
        recording=str(path),
        recording_sha256=sha256,
        post=POST,
        metadata=_metadata(line, "Hello.", "recorded"),
    )


def _metadata(line: str, text: str, source: str) -> ClipMetadata:
    return ClipMetadata(
        line=line, text=text, speaker="ADA", voice="ada", language="en", source=source
    )

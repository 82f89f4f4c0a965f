"""A voice with a laugh that is made by arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

from voicepipe.audio.clip import AudioClip
from voicepipe.diagnostics import SourceSpan
from voicepipe.hashing import sha256_of_bytes
from voicepipe.screenplay.inline_tags import parse_inline_tags, plain_text, tag_places
from voicepipe.screenplay.line import Line, LineText
from voicepipe.screenplay.syntax import Language, LineId, SpeakerId
from voicepipe.voices.voice import CastLine, Delivery, SoundClip, Voice, VoiceId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RATE = 24_000
EN = Language("en")


def laugh() -> AudioClip:
    """Nine tenths of a second of hoarse bursts."""
    time_s = np.arange(round(0.9 * RATE)) / RATE
    breath = np.random.PCG64(3).random_raw(len(time_s)).astype(np.float64) / 2.0**64 - 0.5
    gate = np.clip(np.sin(2 * np.pi * 4.4 * time_s), 0, None) ** 2
    buzz = sum(np.sin(2 * np.pi * 170 * k * time_s) / k for k in range(1, 20))
    samples = ((0.1 * buzz + 0.2 * breath) * gate).astype(np.float32)
    return AudioClip(samples=samples, sample_rate=RATE)


def sound_of(content: bytes, name: str = "laughs") -> SoundClip:
    path = f"voices/ann/{content.decode()}.wav"
    span = SourceSpan(path="voices/ann.yaml")
    return SoundClip(name=name, path=path, sha256=sha256_of_bytes(content), span=span)


def line_of(text: LineText, *, emotion: str = "") -> Line:
    """Give somebody an English line."""
    return Line(
        id=LineId("quay_0010"),
        base_id=LineId("quay_0010"),
        scene="quay",
        node="night",
        position=0,
        speaker=SpeakerId("ann"),
        emotion=emotion,
        texts={EN: text},
        span=text.span,
    )


def laughing(written: str, sounds: Sequence[SoundClip]) -> CastLine:
    span = SourceSpan(path="scripts_in/quay.yaml", line=4, column=1, length=len(written))
    segments, problems = parse_inline_tags(written, span)
    assert not problems
    text = LineText(
        plain=plain_text(segments),
        segments=segments,
        tag_places=tag_places(written, span),
        span=span,
    )
    voice = Voice(
        id=VoiceId("ann"), engine="scratch", sounds=tuple(sounds), consent=None, span=span
    )
    return CastLine(
        line=line_of(text),
        language=EN,
        text=text,
        voice=voice,
        delivery=Delivery(emotion="neutral", resolved_emotion="neutral", speed=1.0),
        reference=None,
    )


def project_with_sounds(root: Path, written: str) -> CastLine:
    """Write the laugh below a folder, and cast a line with it."""
    path = root / "voices/ann/laugh.wav"
    path.parent.mkdir(parents=True)
    soundfile.write(path, laugh().samples, RATE)
    span = SourceSpan(path="voices/ann.yaml")
    digest = sha256_of_bytes(path.read_bytes())
    sound = SoundClip(name="laughs", path="voices/ann/laugh.wav", sha256=digest, span=span)
    return laughing(written, [sound])

"""Small projects with voices in them, and lines to cast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consent_records import synthetic_consent

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.line import Line, LineText, Segment
from voicepipe.screenplay.syntax import Language, LineId, SpeakerId
from voicepipe.settings import Settings
from voicepipe.voices.catalog import Casting, Catalog, load_catalog
from voicepipe.voices.voice import ReferenceClip, Voice, VoiceId

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic

SETTINGS = Settings(bank="harbor", languages=("zh", "en"))
SYNTHETIC = """\
consent:
  id: nobody
  kind: synthetic
  who: formant synthesis
  scope: ["*"]
  languages: ["*"]
  from: 2026-01-01
"""
CONSENT = synthetic_consent()


def write_project(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def load(root: Path, files: Mapping[str, str | bytes]) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    return load_catalog(write_project(root, files), SETTINGS)


def shown(diagnostics: tuple[Diagnostic, ...]) -> list[str]:
    return [f"{d.span} {d.code}" for d in diagnostics]


def clip(emotion: str, language: str, path: str = "") -> ReferenceClip:
    return ReferenceClip(
        path=path or f"voices/{emotion}_{language}.wav",
        sha256="0" * 64,
        transcript="…",
        language=Language(language),
        emotion=emotion,
        span=SourceSpan(path="voices/x.yaml"),
    )


def voice(
    name: str,
    *clips: ReferenceClip,
    engine: str = "gpt-sovits",
    fallback: Mapping[str, str] | None = None,
    languages: tuple[str, ...] = (),
    speed: float = 1.0,
) -> Voice:
    return Voice(
        id=VoiceId(name),
        engine=engine,
        languages=tuple(Language(tag) for tag in languages),
        clips=clips,
        fallback=fallback or {},
        speed=speed,
        consent=CONSENT,
        span=SourceSpan(path=f"voices/{name}.yaml"),
    )


def catalog(*voices: Voice, cast: Mapping[str, Casting] | None = None) -> Catalog:
    return Catalog(voices={v.id: v for v in voices}, cast=cast or {})


def casting(voice_id: str, **others: dict[str, str]) -> Casting:
    return Casting(
        voice=VoiceId(voice_id),
        languages={k: VoiceId(v) for k, v in others.get("languages", {}).items()},
        emotions={k: VoiceId(v) for k, v in others.get("emotions", {}).items()},
        span=SourceSpan(path="voices/cast.yaml"),
    )


def line(
    name: str,
    speaker: str,
    *,
    emotion: str = "",
    speed: float = 1.0,
    languages: tuple[str, ...] = ("zh", "en"),
    segment_emotion: str = "",
    position: int = 0,
) -> Line:
    span = SourceSpan(path="scripts_in/a.yaml", line=position + 1)
    segments = (Segment(text="words", emotion=segment_emotion),)
    text = LineText(plain="words", segments=segments, span=span)
    return Line(
        id=LineId(name),
        base_id=LineId(name),
        scene="a",
        node="open",
        position=position,
        speaker=SpeakerId(speaker),
        emotion=emotion,
        speed=speed,
        texts={Language(tag): text for tag in languages},
        span=span,
    )

"""Voices, reference clips and deliveries, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NewType

from voicepipe.voices.prosody import NO_PROSODY, PLAIN, Prosody, ProsodyTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.consent.record import ConsentRecord
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.screenplay.line import Line, LineText
    from voicepipe.screenplay.syntax import Language

VoiceId = NewType("VoiceId", str)

NEUTRAL = "neutral"
"""The emotion every fallback chain ends in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuxiliaryClip:
    """A further recording of a voice that only shapes timbre: no transcript, no delivery."""

    path: str
    """Relative to the project root."""
    sha256: str
    """Of the file's bytes."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClip:
    """A recording of a voice without words: a laugh, a sigh."""

    name: str
    """As `[sound:…]` calls it; several clips may have one name."""
    path: str
    """Relative to the project root."""
    sha256: str
    """Of the file's bytes."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceClip:
    """A short recording that sets timbre and delivery."""

    path: str
    """Relative to the project root."""
    sha256: str
    """Of the file's bytes."""
    transcript: str
    language: Language
    emotion: str = NEUTRAL
    auxiliary: tuple[AuxiliaryClip, ...] = ()
    """What timbre is averaged over besides this clip: its own list, or else the voice's."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One `voices/<voice>.yaml`, read and checked."""

    id: VoiceId
    engine: str
    """`scratch` or `gpt-sovits`; never switched behind the user's back."""
    languages: tuple[Language, ...] = ()
    """Languages this voice may speak; empty means any the engine can."""
    model: Mapping[str, str] = field(default_factory=dict)
    """Engine's own: `gpt`, `sovits` (path or library name) …, as written."""
    clips: tuple[ReferenceClip, ...] = ()
    auxiliary: tuple[AuxiliaryClip, ...] = ()
    """Every auxiliary clip that the file names, for the voice or for one delivery, each once."""
    sounds: tuple[SoundClip, ...] = ()
    """In the file's order."""
    sampling: Mapping[str, float | int] = field(default_factory=dict)
    """Engine's own: `top_k`, `top_p`, `temperature`, `repetition_penalty` …"""
    timbre: Mapping[str, float | int | str] = field(default_factory=dict)
    """Scratch only: `pitch`, `variant`, `rate` overrides; empty: derived from the voice id."""
    speed: float = 1.0
    loudness_lufs: float | None = None
    """This voice's own loudness target; None: the project's."""
    fallback: Mapping[str, str] = field(default_factory=dict)
    """Emotion → the emotion to use when this one has no clip; chains, and ends in neutral."""
    consent: ConsentRecord | None
    """None: nothing is recorded, and nothing renders."""
    note: str = ""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a line is to be said."""

    emotion: str
    """As asked for by the script, or neutral."""
    resolved_emotion: str
    """After the fallback chain: the emotion of the chosen clip."""
    speed: float
    """Line's speed × voice's speed × that of its emotion's prosody."""
    prosody: Prosody = PLAIN
    """What the project's table makes of the emotion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CastLine:
    """A line in one language with its voice and delivery: all an engine may know."""

    line: Line
    language: Language
    text: LineText
    voice: Voice
    delivery: Delivery
    reference: ReferenceClip | None
    """The clip for this language and emotion; None for engines that need none."""
    prosody: ProsodyTable = NO_PROSODY
    """For parts whose emotion is another than the line's."""

"""Checking voices: every reference clip measured, and consent asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from voicepipe.consent.gate import consent_problem
from voicepipe.diagnostics import did_you_mean
from voicepipe.engines.registry import ENGINES, engine_named
from voicepipe.errors import UsageError
from voicepipe.pipeline.permissions import consent_day, load_voices
from voicepipe.pipeline.project import input_error
from voicepipe.settings import load_settings

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.settings import Settings
    from voicepipe.voices.catalog import Catalog
    from voicepipe.voices.reference_checks import ClipFigures
    from voicepipe.voices.voice import AuxiliaryClip, ReferenceClip, Voice


@runtime_checkable
class _ChecksVoices(Protocol):
    """An engine that knows what a voice needs before any line is cast with it."""

    def check_voice(self, voice: Voice, languages: Sequence[str]) -> list[Diagnostic]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicesRead:
    """The voices of a project as their files and the notes of revocations say."""

    settings: Settings
    catalog: Catalog
    day: datetime.date
    """The one consent is asked for."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChecks:
    """What the reference clips of voices are like, and what is wrong with voices and clips."""

    voices: tuple[Voice, ...]
    clips: tuple[tuple[Voice, ClipFigures], ...]
    """Every clip that can be decoded, with whose it is."""
    diagnostics: tuple[Diagnostic, ...]


def read_voices(root: Path) -> VoicesRead:
    """Read the voices of a project, without looking into their clips.

    Args:
        root: The folder `voicepipe.yaml` is in.

    Raises:
        InputError: The settings cannot be used.
        EnvironmentFault: A note of a revocation is damaged or cannot be read.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    catalog, found = load_voices(root, settings)
    day = consent_day(root, settings)
    return VoicesRead(settings=settings, catalog=catalog, day=day, diagnostics=tuple(found))


def check_voices(root: Path, voice: str = "") -> VoiceChecks:
    """Measure every reference clip; say what is wrong with it, with models and with consent.

    Args:
        root: The folder `voicepipe.yaml` is in.
        voice: Only this one; empty: all.

    Raises:
        UsageError: There is no such voice.
        InputError: The settings cannot be used.
        EnvironmentFault: A note of a revocation is damaged or cannot be read.
    """
    # Decodes sound: not for whoever only reads the voices.
    from voicepipe.voices.reference_checks import check_reference  # noqa: PLC0415
    from voicepipe.voices.sound_checks import check_sound  # noqa: PLC0415

    read = read_voices(root)
    problems = list(read.diagnostics)
    chosen = _chosen(read.catalog, voice)
    if voice:
        path = f"{read.settings.voices}/{voice}.yaml"
        problems = [problem for problem in problems if problem.span.path == path]
    measured: list[tuple[Voice, ClipFigures]] = []
    for one in chosen:
        recordings: list[ReferenceClip | AuxiliaryClip] = [*one.clips, *one.auxiliary]
        for clip in recordings:
            figures, found = check_reference(root, clip)
            problems += found
            if figures is not None:
                measured.append((one, figures))
        for sound in one.sounds:
            figures, found = check_sound(root, sound)
            problems += found
            if figures is not None:
                measured.append((one, figures))
        problems += _model_problems(root, one, read.settings)
        problems += _consent_problems(one, read.settings, read.day)
    return VoiceChecks(voices=tuple(chosen), clips=tuple(measured), diagnostics=tuple(problems))


def spoken_languages(voice: Voice, settings: Settings) -> tuple[str, ...]:
    """List the languages of the project that a voice may speak."""
    return tuple(tag for tag in settings.languages if not voice.languages or tag in voice.languages)


def _chosen(catalog: Catalog, name: str) -> Sequence[Voice]:
    chosen = [voice for voice in catalog.voices.values() if name in ("", voice.id)]
    if name and not chosen and name not in catalog.broken:
        known = sorted({*catalog.voices, *catalog.broken})
        raise UsageError(
            f'there is no voice "{name}"{did_you_mean(name, known)}',
            remedy=f"voices are {', '.join(known)}" if known else "there are none yet",
        )
    return chosen


def _model_problems(root: Path, voice: Voice, settings: Settings) -> list[Diagnostic]:
    is_revoked = voice.consent is not None and voice.consent.revoked is not None
    if is_revoked or voice.engine not in ENGINES:
        return []  # the consent is told of anyway; of an unknown engine `check` tells
    engine = engine_named(voice.engine, root=root)
    if not isinstance(engine, _ChecksVoices):
        return []
    return engine.check_voice(voice, spoken_languages(voice, settings))


def _consent_problems(voice: Voice, settings: Settings, day: datetime.date) -> list[Diagnostic]:
    found: dict[str, Diagnostic] = {}
    for tag in spoken_languages(voice, settings):
        problem = consent_problem(
            voice.consent,
            voice=voice.id,
            bank=settings.bank,
            language=tag,
            today=day,
            voice_span=voice.span,
            territories=settings.territories,
            is_new=False,
        )
        if problem is not None:
            found.setdefault(problem.message, problem)
    return list(found.values())

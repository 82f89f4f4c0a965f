"""One sentence in one voice, or one line of the script: for trying by ear.

The same consent, checks, engine and finishing as a render; nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.post_settings import post_settings, settings_for
from voicepipe.consent.gate import consent_problem
from voicepipe.diagnostics import SourceSpan, did_you_mean, has_errors
from voicepipe.documents.asked_names import refuse_unknown
from voicepipe.engines.registry import ENGINES, engine_named
from voicepipe.errors import SynthesisError, UsageError
from voicepipe.pipeline.permissions import consent_day, in_force, load_voices
from voicepipe.pipeline.project import input_error, load_project, usable_settings
from voicepipe.pipeline.render.clip_requests import outer_pauses
from voicepipe.pipeline.render.store_notes import noted_anywhere, noted_in_store
from voicepipe.screenplay.inline_tags import parse_inline_tags, plain_text, tag_places
from voicepipe.screenplay.line import Line, LineText
from voicepipe.screenplay.syntax import Language, LineId, SpeakerId
from voicepipe.synthesis.delivery import line_level_db
from voicepipe.synthesis.request import seed_for, seed_of_attempt
from voicepipe.voices.casting import choose_clip, delivery_of
from voicepipe.voices.prosody_file import load_prosody
from voicepipe.voices.voice import NEUTRAL, CastLine
from voicepipe.workers.places import first_device

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.audio.postprocess import FinishedClip
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.engines.protocol import Engine, Rendered
    from voicepipe.settings import Settings
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.voices.prosody import ProsodyTable
    from voicepipe.voices.voice import Voice

LINE_ID = "said"
CLONING = "gpt-sovits"
"""The engine that speaks with models."""
_SPAN = SourceSpan(path="(text)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SayRequest:
    """What is to be said, and how."""

    text: str
    """Inline tags are followed."""
    voice: str
    language: str = ""
    """Empty: the first of the project's that the voice speaks."""
    emotion: str = ""
    seed: int | None = None
    """None: from the text."""
    device: str = ""
    """Empty: as the settings say."""
    model: Mapping[str, str] = field(default_factory=dict)
    """Models in place of those in the voice's file; empty: the voice as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayResult:
    """A finished clip and its making."""

    clip: FinishedClip
    request: SynthesisRequest
    """With the seed that succeeded."""
    remarks: tuple[Diagnostic, ...]
    """Warnings and notes about voice and text."""


def say_text(
    root: Path, say_request: SayRequest, *, engines: Mapping[str, str] = ENGINES
) -> SayResult:
    """Render one text and finish it like any clip of the project.

    Args:
        root: The project.
        say_request: What to say.
        engines: Name → `module:class`.

    Raises:
        UsageError: No such voice or language.
        InputError: The text, the voice's file or its consent stands in the way.
        SynthesisError: Every attempt failed.
        EnvironmentFault: Models or device are not here.
    """
    settings = usable_settings(root)
    voice, found = voice_named(root, settings, say_request.voice)
    if say_request.model:
        voice = replace(voice, engine=CLONING, model=say_request.model)
    language = _language(settings, voice, say_request.language)
    segments, mark_findings = parse_inline_tags(say_request.text, _SPAN)
    prosody, prosody_findings = load_prosody(root, settings)
    cast = _cast(
        voice,
        language,
        say_request,
        LineText(
            plain=plain_text(segments),
            segments=segments,
            tag_places=tag_places(say_request.text, _SPAN),
            span=_SPAN,
        ),
        prosody,
    )
    found += [*mark_findings, *prosody_findings]
    seed = say_request.seed
    if seed is None:
        seed = seed_for(say_request.text, language, 1)
    engine = engine_named(voice.engine, engines, root=root)
    return _said(root, settings, cast, engine, seed, found, device=say_request.device)


def say_line(
    root: Path,
    line: str,
    *,
    language: str = "",
    seed: int | None = None,
    device: str = "",
    engines: Mapping[str, str] = ENGINES,
) -> SayResult:
    """Say a line as the script has it: its text, voice and delivery, and the take it has now.

    What is wrong with other lines does not stand in the way.

    Args:
        root: The project.
        line: Its id; of a line with variants, the variant's.
        language: Empty: the source language.
        seed: None: that of the line's take.
        device: Empty: as the settings say.
        engines: Name → `module:class`.

    Raises:
        UsageError: There is no such line in this language.
        InputError: The line, its voice's file or its consent stands in the way.
        SynthesisError: Every attempt failed.
        EnvironmentFault: Models or device are not here.
    """
    project = load_project(root, engines=engines)
    settings = project.settings
    tag = language or settings.source_language
    refuse_unknown("the project", "language", {tag}, settings.languages)
    known = {str(one.line.id): one for one in project.cast if one.language == tag}
    if line not in known and has_errors(project.diagnostics):
        project.require_valid()  # it may be one of those that cannot be read or cast
    refuse_unknown("the project", f'line in "{tag}" called', {line}, known)
    # The catalog's voice, and not the cast's: notes of revocations stand in it.
    voices = in_force(project.catalog, noted_in_store(settings)).voices
    cast = replace(known[line], voice=voices[known[line].voice.id])
    if seed is None:
        decision = project.decisions.of(line, tag)
        drawn = seed_for(line, tag, decision.take)
        seed = drawn if decision.seed is None else decision.seed
    engine = project.engines[cast.voice.engine]
    return _said(root, settings, cast, engine, seed, [], device=device)


def _said(
    root: Path,
    settings: Settings,
    cast: CastLine,
    engine: Engine,
    seed: int,
    found: Sequence[Diagnostic],
    *,
    device: str,
) -> SayResult:
    """Say a cast line, unless its voice, its text or its consent stands in the way."""
    found = [
        *found,
        *consent_findings(root, settings, cast.voice, cast.language),
        *engine.check([cast]),
    ]
    if has_errors(found):
        raise input_error(root, found)
    spoken = _spoken(settings, engine, engine.request(cast, seed), device)
    return SayResult(
        clip=_finished(settings, cast, engine, spoken),
        request=spoken.request,
        remarks=tuple(found),
    )


def voice_named(root: Path, settings: Settings, name: str) -> tuple[Voice, list[Diagnostic]]:
    """Read one voice, with what there is to say about its file.

    What the shared store says of it stands, too.

    Raises:
        UsageError: There is none of that name.
        InputError: Its file cannot be read as a voice.
        EnvironmentFault: The shared store cannot be reached.
    """
    catalog, problems = load_voices(root, settings, noted_anywhere(root, settings))
    path = f"{settings.voices}/{name}.yaml"
    mine = [problem for problem in problems if problem.span.path == path]
    voice = next((voice for voice in catalog.voices.values() if voice.id == name), None)
    if voice is not None:
        return voice, mine
    if has_errors(mine):
        raise input_error(root, mine)
    known = sorted(catalog.voices)
    raise UsageError(
        f'there is no voice "{name}"{did_you_mean(name, known)}',
        remedy=f"voices are {', '.join(known)}" if known else f"add {path}",
    )


def _language(settings: Settings, voice: Voice, asked: str) -> Language:
    spoken = [tag for tag in settings.languages if not voice.languages or tag in voice.languages]
    if not asked and spoken:
        return Language(spoken[0])
    if asked and (not voice.languages or asked in voice.languages):
        return Language(asked)
    tags = ", ".join(voice.languages)
    raise UsageError(
        f'voice "{voice.id}" speaks {tags}, not "{asked or ", ".join(settings.languages)}"',
        remedy=f"give --lang with one of {tags}",
    )


def _cast(
    voice: Voice,
    language: Language,
    say_request: SayRequest,
    text: LineText,
    prosody: ProsodyTable,
) -> CastLine:
    line = Line(
        id=LineId(LINE_ID),
        base_id=LineId(LINE_ID),
        scene=LINE_ID,
        node="",
        position=0,
        speaker=SpeakerId(voice.id),
        emotion=say_request.emotion,
        texts={language: text},
        span=text.span,
    )
    choice = choose_clip(voice, language, say_request.emotion)
    if not choice.is_declared:
        known = sorted({*(clip.emotion for clip in voice.clips), *voice.fallback})
        raise UsageError(
            f'voice "{voice.id}" has no clip and no fallback for the emotion '
            f'"{say_request.emotion}"{did_you_mean(say_request.emotion, known)}',
            remedy=f"it has {', '.join(known)}",
        )
    return CastLine(
        line=line,
        language=language,
        text=text,
        voice=voice,
        delivery=delivery_of(choice, say_request.emotion or NEUTRAL, voice.speed, prosody),
        reference=choice.clip,
        prosody=prosody,
    )


def consent_findings(
    root: Path, settings: Settings, voice: Voice, language: str
) -> Sequence[Diagnostic]:
    """Say why a voice may not speak a language today, if it may not."""
    problem = consent_problem(
        voice.consent,
        voice=voice.id,
        bank=settings.bank,
        language=language,
        today=consent_day(root, settings),
        voice_span=voice.span,
        territories=settings.territories,
    )
    return () if problem is None else (problem,)


def _spoken(settings: Settings, engine: Engine, request: SynthesisRequest, device: str) -> Rendered:
    renderer = engine.open(first_device(device or settings.render.device))
    try:
        draw = attempt = 1
        while True:
            tried = replace(request, seed=seed_of_attempt(request.seed, draw))
            outcome = next(iter(renderer.render([tried])))
            if not outcome.can_be_tried_again or attempt >= settings.render.attempts:
                return outcome
            attempt += 1
            draw += not outcome.is_interrupted
    finally:
        renderer.close()


def _finished(settings: Settings, cast: CastLine, engine: Engine, spoken: Rendered) -> FinishedClip:
    from voicepipe.audio.postprocess import finish_clip  # noqa: PLC0415 - NumPy

    if spoken.clip is None:
        raise spoken.error or SynthesisError("the engine gave neither sound nor a reason")
    opening, closing = outer_pauses(cast.text)
    post = settings_for(
        post_settings(settings.audio),
        loudness_lufs=cast.voice.loudness_lufs,
        level_db=line_level_db(cast),
        opening_pause_ms=opening,
        closing_pause_ms=closing,
    )
    consent = cast.voice.consent
    metadata = ClipMetadata(
        line=cast.line.id,
        text=cast.text.plain,
        speaker=cast.line.speaker,
        voice=cast.voice.id,
        language=cast.language,
        source=engine.source.value,
        engine=engine.name,
        consent=consent.id if consent is not None else "",
    )
    return finish_clip(spoken.clip, post, metadata, dither_seed=spoken.request.seed)

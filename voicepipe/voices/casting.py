"""From lines to cast lines: which voice, which clip, which pace.

A hundred thousand lines ask the same few questions, so each question (speaker, language, emotion)
is answered once. Nothing here touches the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.findings import Findings
from voicepipe.screenplay.syntax import Language
from voicepipe.voices.codes import (
    ACROSS_LANGUAGES,
    LANGUAGE_NOT_SPOKEN,
    NEVER_SPEAKS,
    NO_CLIP_FOR_EMOTION,
    NOT_CAST,
)
from voicepipe.voices.prosody import NO_PROSODY
from voicepipe.voices.voice import NEUTRAL, CastLine, Delivery, VoiceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.line import Line, LineText
    from voicepipe.screenplay.syntax import SpeakerId
    from voicepipe.voices.catalog import Catalog
    from voicepipe.voices.prosody import ProsodyTable
    from voicepipe.voices.voice import ReferenceClip, Voice

CLIPLESS_ENGINES: Final = frozenset({"scratch"})
"""Engines that shape emotions themselves and listen to no recording."""


_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipChoice:
    """The clip a delivery is taken from."""

    emotion: str
    """After the fallback chain; for a voice without clips, the emotion as it was asked for."""
    clip: ReferenceClip | None
    is_declared: bool
    """The voice's file says what to do with the emotion that was asked for."""

    def is_of(self, emotion: str) -> bool:
        """Tell whether the clip itself speaks with an emotion."""
        return self.clip is not None and self.emotion == emotion


def choose_clip(voice: Voice, language: str, emotion: str) -> ClipChoice:
    """Choose a voice's clip for an emotion in a language.

    The emotion is looked for first, along the fallback chain: an angry clip in another language
    carries more of the direction than a calm one in the right language. Within an emotion, a clip
    in the language itself wins; then the file's order decides.

    Args:
        voice: With its clips and fallbacks, which are free of circles.
        language: Of the line.
        emotion: As asked for; empty means neutral.
    """
    wanted = emotion or NEUTRAL
    if not voice.clips or voice.engine in CLIPLESS_ENGINES:
        return ClipChoice(emotion=wanted, clip=None, is_declared=True)
    recorded = {clip.emotion for clip in voice.clips}
    chosen = wanted
    steps = {wanted}
    while chosen not in recorded:
        chosen = voice.fallback.get(chosen, NEUTRAL)
        if chosen in steps:
            return ClipChoice(emotion=chosen, clip=None, is_declared=False)
        steps.add(chosen)
    clips = [clip for clip in voice.clips if clip.emotion == chosen]
    clip = next((clip for clip in clips if clip.language == language), clips[0])
    is_declared = wanted in recorded or wanted in voice.fallback
    return ClipChoice(emotion=chosen, clip=clip, is_declared=is_declared)


def delivery_of(choice: ClipChoice, asked: str, pace: float, table: ProsodyTable) -> Delivery:
    """Say how a line is spoken.

    Args:
        choice: Of the clip.
        asked: The emotion as the script says it, or neutral.
        pace: Speed of line and voice.
        table: Of the project.
    """
    row = table.of(asked, has_clip=choice.is_of(asked))
    return Delivery(
        emotion=asked, resolved_emotion=choice.emotion, speed=pace * row.speed, prosody=row
    )


def cast_lines(
    lines: Sequence[Line],
    catalog: Catalog,
    languages: Sequence[str],
    unnamed: Iterable[tuple[SpeakerId, SourceSpan]] = (),
    prosody: ProsodyTable = NO_PROSODY,
) -> tuple[tuple[CastLine, ...], tuple[Diagnostic, ...]]:
    """Give every line its voice and delivery, in every language it has a text in.

    Args:
        lines: Resolved, in script order; those that are not voiced are passed over.
        catalog: Of the project.
        languages: The project's; a line without a text in one of them is left out there.
        unnamed: Speakers of lines that have no id yet, with the lines' places: whether they have
            a voice is asked too.
        prosody: What emotions do to speech.

    Returns:
        Cast lines by line, then by language as the project orders them. Lines whose speaker has no
        voice, or none for the language, are reported once a speaker and left out.
    """
    casting = _CastingRun(catalog, prosody)
    tags = [Language(tag) for tag in languages]
    cast = [
        cast_line
        for line in lines
        if line.is_voiced
        for language in tags
        if (text := line.texts.get(language)) is not None
        and (cast_line := casting.cast(line, language, text)) is not None
    ]
    for speaker, span in unnamed:
        casting.note_unnamed(speaker, span)
    return tuple(cast), casting.diagnostics()


def voice_of(catalog: Catalog, speaker: str, language: str, emotion: str) -> Voice | None:
    """Find who speaks such lines; None: nobody.

    Args:
        catalog: Of the project.
        speaker: Of the line.
        language: Of its text.
        emotion: As asked for; empty means neutral.
    """
    voice = catalog.voices.get(_voice_id(catalog, speaker, language, emotion or NEUTRAL))
    is_able = voice is not None and (not voice.languages or language in voice.languages)
    return voice if is_able else None


def _voice_id(catalog: Catalog, speaker: str, language: str, emotion: str) -> VoiceId:
    casting = catalog.cast.get(speaker)
    return VoiceId(speaker) if casting is None else casting.voice_for(language, emotion)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What lines with the same speaker, language and emotion share."""

    voice: Voice
    choice: ClipChoice
    asked: str


class _CastingRun:
    """The questions already answered, and who could not be cast, with the first line it hit."""

    def __init__(self, catalog: Catalog, prosody: ProsodyTable) -> None:
        self._catalog = catalog
        self._prosody = prosody
        self._answers: dict[tuple[str, str, str], _Answer | None] = {}
        self._deliveries: dict[tuple[str, str, bool, float], Delivery] = {}
        self._speakers: set[str] = set()
        self._uncast: dict[str, tuple[SourceSpan, int]] = {}
        self._unspoken: dict[tuple[VoiceId, str], tuple[SourceSpan, int]] = {}
        self._improvised: dict[tuple[VoiceId, str, str], tuple[SourceSpan, int]] = {}
        self._crossings: dict[tuple[VoiceId, str], ReferenceClip] = {}

    def cast(self, line: Line, language: Language, text: LineText) -> CastLine | None:
        key = (line.speaker, language, line.emotion)
        try:
            answer = self._answers[key]
        except KeyError:
            answer = self._answers[key] = self._answer(*key)
        if answer is None:
            self._note_missing(line, language)
            return None
        if not answer.choice.is_declared:
            place = (answer.voice.id, answer.asked, answer.choice.emotion)
            _count(self._improvised, place, line.span)
        for segment in text.segments:
            if segment.emotion and segment.emotion != line.emotion:
                self._check_segment(answer.voice, language, segment.emotion, text.span)
        return CastLine(
            line=line,
            language=language,
            text=text,
            voice=answer.voice,
            delivery=self._delivery(answer, line.speed),
            reference=answer.choice.clip,
            prosody=self._prosody,
        )

    def note_unnamed(self, speaker: SpeakerId, span: SourceSpan) -> None:
        """Ask whether the speaker of a line without an id has a voice at all."""
        self._speakers.add(speaker)
        voice_id = _voice_id(self._catalog, speaker, "", NEUTRAL)
        if voice_id not in self._catalog.voices:
            self._note_uncast(speaker, voice_id, span)

    def _answer(self, speaker: str, language: str, emotion: str) -> _Answer | None:
        self._speakers.add(speaker)
        voice = voice_of(self._catalog, speaker, language, emotion)
        if voice is None:
            return None
        choice = choose_clip(voice, language, emotion)
        clip = choice.clip
        if clip is not None and clip.language != language:
            self._crossings.setdefault((voice.id, language), clip)
        asked = emotion or NEUTRAL
        if self._is_cast_by_emotion(speaker, language, asked):
            choice = replace(choice, is_declared=True)
        return _Answer(voice=voice, choice=choice, asked=asked)

    def _is_cast_by_emotion(self, speaker: str, language: str, emotion: str) -> bool:
        casting = self._catalog.cast.get(speaker)
        return (
            casting is not None
            and emotion in casting.emotions
            and language not in casting.languages
        )

    def _delivery(self, answer: _Answer, speed: float) -> Delivery:
        pace = speed * answer.voice.speed
        choice = answer.choice
        key = (answer.asked, choice.emotion, choice.is_of(answer.asked), pace)
        known = self._deliveries.get(key)
        if known is None:
            known = delivery_of(choice, answer.asked, pace, self._prosody)
            self._deliveries[key] = known
        return known

    def _check_segment(self, voice: Voice, language: str, emotion: str, span: SourceSpan) -> None:
        choice = choose_clip(voice, language, emotion)
        if not choice.is_declared:
            _count(self._improvised, (voice.id, emotion, choice.emotion), span)

    def _note_missing(self, line: Line, language: str) -> None:
        voice_id = _voice_id(self._catalog, line.speaker, language, line.emotion or NEUTRAL)
        if voice_id in self._catalog.voices:
            _count(self._unspoken, (voice_id, language), line.span)
        else:
            self._note_uncast(line.speaker, voice_id, line.span)

    def _note_uncast(self, speaker: str, voice_id: VoiceId, span: SourceSpan) -> None:
        if speaker not in self._catalog.cast and voice_id not in self._catalog.broken:
            _count(self._uncast, speaker, span)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was found, each once, at the first line it concerns."""
        findings = Findings()
        self._report_uncast(findings)
        self._report_languages(findings)
        for (voice_id, asked, used), (span, count) in self._improvised.items():
            message = (
                f'voice "{voice_id}" has no "{asked}" clip and no fallback for it: "{used}" is '
                f"used {_times(count)}{did_you_mean(asked, self._emotions(voice_id))}"
            )
            remedy = f"record one, or add to its file: fallback: {{{asked}: {used}}}"
            findings.add(NO_CLIP_FOR_EMOTION, span, message, remedy)
        for speaker, casting in self._catalog.cast.items():
            if speaker not in self._speakers:
                message = f'"{speaker}" is cast but never speaks'
                hint = did_you_mean(speaker, self._speakers)
                findings.add(
                    NEVER_SPEAKS, casting.span, message + hint, "correct the name, or remove it"
                )
        return findings.diagnostics()

    def _report_uncast(self, findings: Findings) -> None:
        known: Mapping[VoiceId, object] = self._catalog.voices
        for speaker, (span, count) in self._uncast.items():
            message = f'speaker "{speaker}" is not cast ({_lines(count)})'
            remedy = f"voicepipe voices new {speaker}, or cast {speaker} in voices/cast.yaml"
            findings.add(NOT_CAST, span, message + did_you_mean(speaker, known), remedy)

    def _report_languages(self, findings: Findings) -> None:
        for (voice_id, language), (span, count) in self._unspoken.items():
            spoken = ", ".join(self._catalog.voices[voice_id].languages)
            message = f'voice "{voice_id}" speaks {spoken}, not "{language}" ({_lines(count)})'
            remedy = f'add "{language}" to its languages, or cast another voice for it'
            findings.add(LANGUAGE_NOT_SPOKEN, span, message, remedy)
        for (voice_id, language), clip in self._crossings.items():
            message = f'voice "{voice_id}" speaks {language} with this clip in {clip.language}'
            findings.add(ACROSS_LANGUAGES, clip.span, message, f"record a clip in {language}")

    def _emotions(self, voice_id: VoiceId) -> set[str]:
        voice = self._catalog.voices[voice_id]
        return {clip.emotion for clip in voice.clips} | set(voice.fallback)


def _count(seen: dict[_Key, tuple[SourceSpan, int]], key: _Key, span: SourceSpan) -> None:
    first, count = seen.get(key, (span, 0))
    seen[key] = (first, count + 1)


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"

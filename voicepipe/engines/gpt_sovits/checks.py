"""What stands in the way of a cast, said before anything renders."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from voicepipe.diagnostics import Diagnostic, Severity
from voicepipe.documents.findings import Findings
from voicepipe.engines.gpt_sovits.codes import (
    BAD_SAMPLING,
    BAD_SPELLING,
    GUESSED_WORD,
    MODEL_AWAY,
    NO_CLIP,
    NO_FEATURES,
    NO_MODEL,
    OUT_OF_PACE,
    UNKNOWN_MODEL,
    UNREADABLE_TRANSCRIPT,
    WRONG_MODEL,
)
from voicepipe.synthesis.by_identity import ByIdentity
from voicepipe.synthesis.delivery import (
    FASTEST,
    SLOWEST,
    latent_speed,
    spoken_line,
)
from voicepipe.synthesis.prosody_limits import (
    PAUSES,
    RANGE,
    STRESS,
    refused_tags,
    unfollowed,
    unheard_stress,
)
from voicepipe.synthesis.take_settings import setting_faults
from voicepipe.synthesis.voice_models import BERT, GPT
from voicepipe.text.languages import Language, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.engines.gpt_sovits.kept_takes import KeptTakes, PlainLines
    from voicepipe.engines.gpt_sovits.readings import Readings
    from voicepipe.synthesis.delivery import SpokenLine
    from voicepipe.synthesis.text_readings import LineReading
    from voicepipe.synthesis.voice_models import VoiceModels
    from voicepipe.voices.voice import CastLine, ReferenceClip, Voice

_FAULT_CODES = {
    "key": NO_MODEL,
    "unnamed": NO_MODEL,
    "unknown": UNKNOWN_MODEL,
    "original": UNKNOWN_MODEL,
    "family": WRONG_MODEL,
    "pair": WRONG_MODEL,
}


class CheckedLine(NamedTuple):
    """What was found of a line nothing is wrong with."""

    line: CastLine
    reading: LineReading
    spoken: SpokenLine


def check_cast(
    cast: Sequence[CastLine],
    readings: Readings,
    models_of: Callable[[Voice], VoiceModels],
    kept: KeptTakes,
    kept_of: Callable[[Sequence[CheckedLine]], PlainLines],
) -> list[Diagnostic]:
    """Find everything that keeps lines from being spoken.

    Args:
        cast: Lines of this engine's voices.
        readings: Reads lines and transcripts.
        models_of: Finds a voice's files.
        kept: What earlier runs found out; what is found out now is added.
        kept_of: Describes lines nothing is wrong with.

    Returns:
        What is wrong with a voice once, what is wrong with a line at the line; a word that had to
        be guessed, and what nothing can say, once, at its first line.
    """
    return _Check(readings, models_of).findings(cast, kept, kept_of)


def check_voice_models(
    voice: Voice,
    languages: Sequence[str],
    readings: Readings,
    models_of: Callable[[Voice], VoiceModels],
) -> list[Diagnostic]:
    """Find what a voice lacks before any line of it is looked at.

    Args:
        voice: Of this engine.
        languages: That it may speak.
        readings: Reads lines and transcripts.
        models_of: Finds a voice's files.

    Returns:
        Models that are not named, do not fit each other or are not on this machine, with the
        command that brings them; settings that cannot be used; and that no clip is there.
    """
    return _Check(readings, models_of).voice_findings(voice, languages)


class _Check:
    def __init__(self, readings: Readings, models_of: Callable[[Voice], VoiceModels]) -> None:
        self._readings = readings
        self._models_of = models_of
        self._findings = Findings()
        self._clips: set[tuple[str, str]] = set()
        self._heard_clips: ByIdentity[bool] = ByIdentity()
        self._reads_chinese: set[str] = set()
        self._without_clip: set[str] = set()
        self._guessed: dict[tuple[str, str], SourceSpan] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._unread: dict[str, SourceSpan] = {}
        self._unread_counts: Counter[str] = Counter()
        self._unlearned: dict[tuple[str, str], list[CastLine]] = {}

    def findings(
        self,
        cast: Sequence[CastLine],
        kept: KeptTakes,
        kept_of: Callable[[Sequence[CheckedLine]], PlainLines],
    ) -> list[Diagnostic]:
        if cast:
            self._findings.extend(self._readings.lexicon_findings)
        voices = list({line.voice.id: line.voice for line in cast}.values())
        for voice in voices:
            self._check_voice(voice)
        self._check_lines(cast, kept, kept_of)
        self._readings.keep()
        kept.keep()
        for voice in voices:
            self._check_away(voice)
        pitchless = {voice.id for voice in voices if not self._models_of(voice).has_own_pitch}
        others = [line for line in cast if line.voice.id in pitchless]
        self._findings.extend(unfollowed(others, follows=frozenset({PAUSES})))
        for (voice_id, language), lines in self._unlearned.items():
            self._report_unlearned(voice_id, language, lines)
        self._report_words()
        return list(self._findings.diagnostics())

    def _check_lines(
        self,
        cast: Sequence[CastLine],
        kept: KeptTakes,
        kept_of: Callable[[Sequence[CheckedLine]], PlainLines],
    ) -> None:
        stretches = kept.look_up(cast, self._models_of, self._readings.reading_keys())
        self._look_up([line for one in stretches if one.kept is None for line in one.lines])
        for stretch in stretches:
            if stretch.kept is not None:
                self._note_kept(stretch.lines, stretch.kept)
                continue
            checked = [self._check_line(line) for line in stretch.lines]
            plain = [line for line in checked if line is not None]
            if len(plain) == len(checked):
                kept.note(stretch, kept_of(plain))

    def _report_words(self) -> None:
        for (word, language), span in self._guessed.items():
            count = self._counts[word, language]
            times = "" if count == 1 else f" ({count} lines)"
            message = f'no dictionary has "{word}": its sound is guessed{times}'
            remedy = f'voicepipe pronounce "{word}" --lang {language}; settle it in the lexicon'
            self._findings.add(GUESSED_WORD, span, message, remedy)
        for lost, span in self._unread.items():
            count = self._unread_counts[lost]
            times = "" if count == 1 else f" ({count} lines)"
            message = f'nothing here can be read of "{lost}": it is left out{times}'
            remedy = f"take it out, or write how it sounds: [say:…]{lost}[/say]"
            self._findings.add(GUESSED_WORD, span, message, remedy)

    def voice_findings(self, voice: Voice, languages: Sequence[str]) -> list[Diagnostic]:
        self._check_voice(voice)
        if not voice.clips:
            self._report_no_clip(voice)
        models = self._models_of(voice)
        if models.family is not None and models.reads_characters and _has_chinese(languages):
            self._check_bert(voice, models)
        self._check_away(voice)
        return list(self._findings.diagnostics())

    def _look_up(self, cast: Sequence[CastLine]) -> None:
        asked = ((line, self._models_of(line.voice)) for line in cast if line.reference is not None)
        self._readings.look_up(
            (line, models.symbols) for line, models in asked if models.family is not None
        )

    def _check_voice(self, voice: Voice) -> None:
        models = self._models_of(voice)
        for fault in models.faults:
            message = f'voice "{voice.id}": {fault.message}'
            self._findings.add(_FAULT_CODES[fault.kind], voice.span, message, fault.remedy)
        for message in setting_faults(voice.sampling, can_choose=models.can_choose):
            remedy = "voicepipe explain VP617 lists them"
            self._findings.add(BAD_SAMPLING, voice.span, f'voice "{voice.id}": {message}', remedy)

    def _check_away(self, voice: Voice) -> None:
        away = [
            file.name
            for file in self._models_of(voice).away
            if file.role != BERT or voice.id in self._reads_chinese
        ]
        if away:
            message = f'voice "{voice.id}": not on this machine: {", ".join(away)}'
            remedy = f"voicepipe models pull {' '.join(away)}, or import them again"
            self._findings.add(MODEL_AWAY, voice.span, message, remedy)

    def _check_line(self, line: CastLine) -> CheckedLine | None:
        """Look at a line; gives what was found of it where nothing is wrong with it."""
        if line.reference is None:
            self._report_no_clip(line.voice)
            return None
        models = self._models_of(line.voice)
        if models.family is None:
            return None  # nothing is known of its symbols; the voice has been reported
        read = self._readings.line(line, models.symbols)
        if not self._is_readable(line, read):
            return None
        language = language_of(line.language).value
        if models.languages is not None and language not in models.languages:
            self._unlearned.setdefault((line.voice.id, language), []).append(line)
            return None
        spoken = spoken_line(line, read.parts, has_own_pitch=models.has_own_pitch)
        self._check_characters(line.voice, spoken.clips, needs_characters=read.needs_characters)
        n_found = len(self._findings)
        self._check_pace(line, spoken)
        self._check_tags(line, read, models)
        is_plain = len(self._findings) == n_found and not (read.sounds or models.faults)
        self._note_words(
            line, read.unknown, [lost for part in read.parts for lost in part.text.dropped]
        )
        return CheckedLine(line, read, spoken) if is_plain else None

    def _note_kept(self, lines: Sequence[CastLine], kept: PlainLines) -> None:
        """Find of lines that were looked at by an earlier run what they have a share in."""
        asked: set[tuple[int, tuple[int, ...], bool]] = set()
        for line, one in zip(lines, kept.lines, strict=True):
            voice = line.voice
            question = (id(voice), one.clips, one.needs_characters)
            if question not in asked:
                asked.add(question)
                clips = [voice.clips[place] for place in one.clips]
                self._check_characters(voice, clips, needs_characters=one.needs_characters)
            if one.unknown or one.dropped:
                self._note_words(line, one.unknown, one.dropped)

    def _check_characters(
        self, voice: Voice, clips: Sequence[ReferenceClip], *, needs_characters: bool
    ) -> None:
        """Look at the clips of a line, and whether BERT is there if they or it need it."""
        models = self._models_of(voice)
        # Each clip is looked at, even where one already asks for BERT.
        asked = [needs_characters, *[self._heard(clip, models.symbols) for clip in clips]]
        if any(asked) and models.reads_characters:
            self._check_bert(voice, models)

    def _report_unlearned(self, voice_id: str, language: str, lines: list[CastLine]) -> None:
        """Refuse, once a voice, lines in a language whose phonemes its models never heard."""
        models = self._models_of(lines[0].voice)
        learned, name = sorted(models.languages or ()), models.files[GPT].name
        times = "" if len(lines) == 1 else f" ({len(lines)} lines)"
        message = (
            f'voice "{voice_id}": its model {name} never learned "{language}"{times}; '
            f"it speaks {', '.join(learned)}"
        )
        remedy = f'cast a voice whose models speak "{language}", or take it out of languages'
        self._findings.extend([_error("VP601", lines[0].text.span, message, remedy)])

    def _is_readable(self, line: CastLine, read: LineReading) -> bool:
        span = line.text.span
        if read.language_fault:
            self._findings.extend([_error("VP601", span, read.language_fault, read.remedy)])
        elif read.spelling_fault:
            self._findings.add(BAD_SPELLING, span, read.spelling_fault, read.remedy)
        elif not read.parts:
            message = f'line "{line.line.id}" has nothing to say: "{line.text.plain}"'
            remedy = "write a word, or give the sound a reading with [say:…]"
            self._findings.extend([_error("VP602", span, message, remedy)])
        return bool(read.parts)

    def _heard(self, clip: ReferenceClip, symbols: str) -> bool:
        """Look at a clip once, and say whether BERT has to look at its transcript.

        A clip's voice has one symbol table.
        """
        return self._heard_clips.get((clip,), lambda: self._check_clip(clip, symbols))

    def _check_clip(self, clip: ReferenceClip, symbols: str) -> bool:
        read = self._readings.transcript(clip, symbols)
        place = (clip.sha256, str(clip.span))
        if read.said is None and place not in self._clips:
            remedy = "write what is said in the clip, in a language the engine reads"
            message = f'"{clip.path}": {read.fault}'
            self._findings.add(UNREADABLE_TRANSCRIPT, clip.span, message, remedy)
        if read.said is not None and place not in self._clips:
            self._note_unread(read.said.dropped, clip.span)
        self._clips.add(place)
        return read.needs_characters

    def _check_pace(self, line: CastLine, spoken: SpokenLine) -> None:
        for said in spoken.parts:
            stretched = latent_speed(said.speed, said.pitch_semitones)
            if not SLOWEST <= stretched <= FASTEST:
                message = (
                    f"speed {said.speed:g} with pitch {said.pitch_semitones:+g} st stretches "
                    f"speech to {stretched:.2f}; {SLOWEST:g} to {FASTEST:g} can be spoken"
                )
                remedy = "bring the speeds of voice, line, inline tag and prosody closer to 1"
                self._findings.add(OUT_OF_PACE, line.text.span, message, remedy)

    def _check_tags(self, line: CastLine, read: LineReading, models: VoiceModels) -> None:
        follows = {RANGE: models.has_own_pitch, STRESS: models.can_stress}
        able = frozenset(tag for tag, is_able in follows.items() if is_able)
        self._findings.extend(refused_tags(line, follows=able))
        if any(first == end for part in read.parts for first, end in part.stressed):
            self._findings.extend([unheard_stress(line)])

    def _note_words(self, line: CastLine, unknown: Sequence[str], dropped: Sequence[str]) -> None:
        for word in unknown:
            self._counts[word, line.language] += 1
            self._guessed.setdefault((word, line.language), line.text.span)
        self._note_unread(dropped, line.text.span)

    def _note_unread(self, dropped: Sequence[str], span: SourceSpan) -> None:
        for lost in dropped:
            self._unread_counts[lost] += 1
            self._unread.setdefault(lost, span)

    def _report_no_clip(self, voice: Voice) -> None:
        if voice.id not in self._without_clip:
            self._without_clip.add(voice.id)
            message = f'voice "{voice.id}" has no reference clip to speak from'
            remedy = "add one under clips:, 3 to 10 seconds with its transcript"
            self._findings.add(NO_CLIP, voice.span, message, remedy)

    def _check_bert(self, voice: Voice, models: VoiceModels) -> None:
        if voice.id in self._reads_chinese:
            return
        self._reads_chinese.add(voice.id)
        if BERT not in models.files:
            message = f'voice "{voice.id}" speaks Chinese, and the project has no BERT model'
            self._findings.add(NO_FEATURES, voice.span, message, "voicepipe models pull roberta")


def _has_chinese(languages: Sequence[str]) -> bool:
    return any(tag.partition("-")[0] == Language.ZH.value for tag in languages)


def _error(code: str, span: SourceSpan, message: str, remedy: str) -> Diagnostic:
    return Diagnostic(code=code, severity=Severity.ERROR, span=span, message=message, help=remedy)

"""What analysers are told of a line: its text as it should be heard, its voice, the others."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from voicepipe.errors import UsageError
from voicepipe.pipeline.slots import own_slot
from voicepipe.qc.analyser import LineFacts, VoiceClip, VoiceFacts
from voicepipe.qc.examining import Expectation
from voicepipe.qc.standards import standard_for
from voicepipe.screenplay.line import spoken_stretches
from voicepipe.settings_qc import NEVER
from voicepipe.text.frontend import utterance
from voicepipe.text.lexicon import EMPTY_LEXICON, load_lexicon
from voicepipe.text.records import ReadingStyle
from voicepipe.text.spelling import SpellingError

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.pipeline.render.clip_requests import ClipRequest
    from voicepipe.qc.verdicts import Standard
    from voicepipe.screenplay.line import LineText
    from voicepipe.settings import Settings
    from voicepipe.synthesis.slot import Slot
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import Utterance
    from voicepipe.voices.catalog import Catalog
    from voicepipe.voices.voice import CastLine, Voice


class Expectations:
    """Describes the lines of one project to analysers.

    Args:
        root: The project's folder.
        settings: Of the project.
        catalog: Its voices.
    """

    def __init__(self, root: Path, settings: Settings, catalog: Catalog) -> None:
        self._root = root
        self._settings = settings
        self._catalog = catalog
        self._standards: dict[tuple[str, str], Standard] = {}

    def of_clip(self, wanted: ClipRequest) -> Expectation:
        """Say what a clip of the bank should be."""
        settings = self._settings.qc
        return Expectation(
            line=self._facts(
                wanted.cast,
                is_recording=wanted.recording is not None,
                sample_rate=wanted.post.sample_rate,
                loudness_lufs=wanted.post.loudness_lufs,
                slot=wanted.slot,
            ),
            standard=self._standard(wanted.cast.language, wanted.cast.voice.id),
            retakes=settings.retakes,
            retake_above=1.0 if settings.retake_above == NEVER else float(settings.retake_above),
        )

    def of_recording(self, cast: CastLine) -> Expectation:
        """Say what a recording of a line should be that nobody has levelled yet."""
        return Expectation(
            line=self._facts(
                cast,
                is_recording=True,
                slot=own_slot(self._settings, cast.line, cast.language),
            ),
            standard=self._standard(cast.language, cast.voice.id),
        )

    def _standard(self, language: str, voice: str) -> Standard:
        key = (language, voice)
        found = self._standards.get(key)
        if found is None:
            found = standard_for(self._settings.qc, language=language, voice=voice)
            self._standards[key] = found
        return found

    def _facts(
        self,
        cast: CastLine,
        *,
        is_recording: bool,
        sample_rate: int | None = None,
        loudness_lufs: float | None = None,
        slot: Slot | None = None,
    ) -> LineFacts:
        pauses_ms = [segment.pause_after_ms for segment in cast.text.segments]
        return LineFacts(
            line=cast.line.id,
            language=cast.language,
            text=cast.text.plain,
            said=self._said(cast.text, cast.language, cast.line.speaker),
            lexicon=self._lexicon,
            speaker=cast.line.speaker,
            voice=self._voices[cast.voice.id],
            other_voices=tuple(
                facts for id_, facts in self._voices.items() if id_ != cast.voice.id and facts.clips
            ),
            is_recording=is_recording,
            has_sounds=not is_recording and any(one.sound for one in cast.text.segments),
            speed=cast.delivery.speed,
            pause_s=max(pauses_ms, default=0) / 1000,
            sample_rate=sample_rate,
            loudness_lufs=loudness_lufs,
            slot=slot,
        )

    def _said(self, text: LineText, language: str, speaker: str) -> Utterance | None:
        stretches = [one for one in spoken_stretches(text.segments) if any(one)]
        try:
            return utterance(
                stretches,
                language,
                lexicon=self._lexicon,
                speaker=speaker,
                style=ReadingStyle.SPOKEN,
                pads_short=False,
            )
        except (UsageError, SpellingError):
            return None  # no front end reads this language, and no analyser its words

    @cached_property
    def _lexicon(self) -> Lexicon:
        root, path = self._root, self._settings.lexicon
        return load_lexicon(root, path)[0] if (root / path).exists() else EMPTY_LEXICON

    @cached_property
    def _voices(self) -> dict[str, VoiceFacts]:
        voices = self._catalog.voices.values()
        return {voice.id: _voice_facts(voice, self._root) for voice in voices}


def _voice_facts(voice: Voice, root: Path) -> VoiceFacts:
    spoken = [
        VoiceClip(
            path=root / clip.path,
            sha256=clip.sha256,
            transcript=clip.transcript,
            language=clip.language,
        )
        for clip in voice.clips
    ]
    others = [VoiceClip(path=root / clip.path, sha256=clip.sha256) for clip in voice.auxiliary]
    sounds = [VoiceClip(path=root / clip.path, sha256=clip.sha256) for clip in voice.sounds]
    return VoiceFacts(id=voice.id, clips=(*spoken, *others), sounds=tuple(sounds))

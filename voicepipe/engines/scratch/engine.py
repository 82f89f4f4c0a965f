"""The half that plans: which lines espeak-ng can say, and requests that describe a take fully."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voicepipe.diagnostics import Diagnostic, Severity, did_you_mean
from voicepipe.engines.scratch.host import wheel_version
from voicepipe.engines.scratch.kana import kana_version
from voicepipe.engines.scratch.languages import SPOKEN, spoken_language
from voicepipe.engines.scratch.prosody import prosody_of
from voicepipe.engines.scratch.timbre import timbre_faults, timbre_of
from voicepipe.engines.scratch.wording import (
    n_speakable,
    plain_words,
    respelled,
    unreadable_letters,
)
from voicepipe.model.acoustic.voicing import STRESS_DB, STRESS_LENGTH, STRESS_SEMITONES
from voicepipe.synthesis.chosen_sounds import chosen_sound
from voicepipe.synthesis.delivery import line_level_db, part_prosody
from voicepipe.synthesis.prosody_limits import RANGE, STRESS, WHISPERING, refused_tags, unfollowed
from voicepipe.synthesis.request import Source, SynthesisRequest
from voicepipe.voices.prosody import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.engines.protocol import Renderer
    from voicepipe.engines.scratch.languages import SpokenLanguage
    from voicepipe.hashing import Json
    from voicepipe.screenplay.line import Segment
    from voicepipe.voices.prosody import Prosody
    from voicepipe.voices.voice import CastLine, SoundClip, Voice

REVISION = 1
"""Raised when the same request would sound different: all scratch takes render again."""

_FOLLOWED = frozenset({RANGE, WHISPERING})
_TAGS = frozenset({RANGE, STRESS})
_S_PER_LETTER = 0.07  # alphabets, at speed 1
_S_PER_SYLLABLE_SIGN = 0.22  # Han, kana, hangul: one sign is a syllable or more
_FIRST_SYLLABLE_SIGN = "\u3040"  # the East Asian blocks follow here


class ScratchEngine:
    """espeak-ng behind the engine protocol.

    Args:
        root: The project, where sounds lie; None: the current folder.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = Path.cwd() if root is None else root
        self._revisions: dict[bool, dict[str, Json]] = {}
        self._timbres: dict[str, tuple[Mapping[str, float | int | str], dict[str, Json]]] = {}

    @classmethod
    def for_project(cls, root: Path) -> ScratchEngine:
        """Make the engine of a project."""
        return cls(root)

    @property
    def name(self) -> str:
        """As voice files spell it."""
        return "scratch"

    @property
    def source(self) -> Source:
        """Scratch takes are placeholders, and manifests say so."""
        return Source.SCRATCH

    def check(self, cast: Sequence[CastLine]) -> list[Diagnostic]:
        """Find the lines espeak-ng cannot say.

        Returns:
            VP601 for a language it does not speak, VP602 for a line without a word, VP603 for
            letters its voice cannot read, VP604 for a timbre it does not have, VP334 for what of
            the prosody table it cannot follow; the last two once a voice.
        """
        found: list[Diagnostic] = []
        voices: dict[str, Voice] = {}
        for line in cast:
            voices.setdefault(line.voice.id, line.voice)
            found += _line_findings(line)
            found += refused_tags(line, follows=_TAGS)
        for voice in voices.values():
            faults = timbre_faults(voice.timbre)
            found += (_error("VP604", voice.span, fault, _TIMBRE_HELP) for fault in faults)
        found += unfollowed(cast, follows=_FOLLOWED)
        return found

    def request(self, cast_line: CastLine, seed: int) -> SynthesisRequest:
        """Describe the take: words, delivery, timbre and the versions of what speaks.

        Raises:
            EnvironmentFault: espeak-ng is not installed, so its version cannot be part of the key.
        """
        segments = cast_line.text.segments
        sounds = [
            (number, chosen_sound(cast_line, segment.sound, seed, number), segment.energy_db)
            for number, segment in enumerate(segments)
            if segment.sound
        ]
        return SynthesisRequest(
            line_id=cast_line.line.id,
            language=cast_line.language,
            engine="scratch",
            voice_id=cast_line.voice.id,
            seed=seed,
            inputs={
                "text": {"segments": [_text_facts(segment) for segment in segments]},
                "delivery": {
                    "segments": [_delivery_facts(segment, cast_line) for segment in segments],
                    **_sound_facts(sounds),
                },
                "voice": self._timbre_facts(cast_line.voice),
                "engine": self._engine_facts(is_japanese=cast_line.language[:2] == "ja"),
            },
            files={sound.sha256: sound.path for _, sound, _ in sounds},
        )

    def cost(self, request: SynthesisRequest) -> float:
        """Estimate the seconds of speech from letters, speed and pauses."""
        texts: Mapping[str, Sequence[Mapping[str, str | int]]] = request.inputs["text"]  # type: ignore[assignment]
        deliveries: Mapping[str, Sequence[Mapping[str, float]]] = request.inputs["delivery"]  # type: ignore[assignment]
        total = 0.0
        for text, delivery in zip(texts["segments"], deliveries["segments"], strict=True):
            words = str(text["say"] or text["text"])
            is_alphabetic = words.isascii()
            n_signs = 0 if is_alphabetic else sum(s >= _FIRST_SYLLABLE_SIGN for s in words)
            reading_s = n_signs * _S_PER_SYLLABLE_SIGN + (len(words) - n_signs) * _S_PER_LETTER
            total += reading_s / delivery["rate"] + int(text["pause_after_ms"]) / 1000
        return total

    def open(
        self,
        device: str,  # noqa: ARG002 -- espeak-ng knows no devices
        *,
        lines_at_once: int = 0,  # noqa: ARG002 -- it is always one
    ) -> Renderer:
        """Start the espeak-ng program.

        Raises:
            EnvironmentFault: The wheel is not installed, or does not start.
        """
        from voicepipe.engines.scratch.renderer import ScratchRenderer  # noqa: PLC0415 -- NumPy

        return ScratchRenderer(root=self._root)

    def _timbre_facts(self, voice: Voice) -> dict[str, Json]:
        known = self._timbres.get(voice.id)
        if known is not None and known[0] is voice.timbre:
            return known[1]
        timbre = timbre_of(voice.id, voice.timbre)
        facts: dict[str, Json] = {
            "pitch": timbre.pitch,
            "rate": timbre.rate,
            "variant": timbre.variant,
            "whisper": timbre.whisper,
        }
        self._timbres[voice.id] = (voice.timbre, facts)
        return facts

    def _engine_facts(self, *, is_japanese: bool) -> dict[str, Json]:
        facts = self._revisions.get(is_japanese)
        if facts is None:
            facts = {"espeak": wheel_version(), "revision": REVISION}
            if is_japanese:
                facts["kana"] = kana_version()
            self._revisions[is_japanese] = facts
        return facts


def _text_facts(segment: Segment) -> dict[str, Json]:
    # A respelling replaces the text in the mouth: the written word is then no part of the sound.
    return {
        "pause_after_ms": segment.pause_after_ms,
        "say": segment.say,
        "text": "" if segment.say else segment.text,
    }


def _sound_facts(sounds: Sequence[tuple[int, SoundClip, float]]) -> dict[str, Json]:
    """Describe sounds by the segments they stand for; without any the key is as it always was."""
    facts: list[Json] = [
        {"segment": number, "sha256": sound.sha256, "gain_db": gain_db}
        for number, sound, gain_db in sounds
    ]
    return {"sounds": facts} if facts else {}


def _delivery_facts(segment: Segment, cast_line: CastLine) -> dict[str, Json]:
    delivery = cast_line.delivery
    row = part_prosody(cast_line, segment.emotion)
    if row != PLAIN:
        return _directed_facts(segment, cast_line, row)
    mood = prosody_of(segment.emotion or delivery.emotion)
    loudest = max(one.energy_db for one in cast_line.text.segments)
    level_db = segment.energy_db - loudest + _stress_db(segment, cast_line)
    return {
        "is_whispered": mood.is_whispered,
        "pitch_semitones": mood.pitch_semitones + _raised(segment),
        "range": mood.range * segment.range,
        "rate": mood.rate * delivery.speed / delivery.prosody.speed * _rate(segment),
        "volume": mood.volume * _factor(level_db),
    }


def _directed_facts(segment: Segment, cast_line: CastLine, row: Prosody) -> dict[str, Json]:
    """Follow the project's table in place of the voice's own moods."""
    delivery = cast_line.delivery
    level_db = row.level_db + segment.energy_db + _stress_db(segment, cast_line)
    return {
        "is_whispered": row.is_voiceless,
        "pitch_semitones": row.pitch_semitones + _raised(segment),
        "range": row.range * segment.range,
        "rate": delivery.speed * row.speed / delivery.prosody.speed * _rate(segment),
        # No more than 1: espeak-ng clips above. The line as a whole is levelled later.
        "volume": min(1.0, _factor(level_db - line_level_db(cast_line))),
    }


def _raised(segment: Segment) -> float:
    return segment.pitch_semitones + (STRESS_SEMITONES if segment.is_stressed else 0.0)


def _rate(segment: Segment) -> float:
    return segment.speed / STRESS_LENGTH if segment.is_stressed else segment.speed


def _stress_db(segment: Segment, cast_line: CastLine) -> float:
    """Turn what is not stressed down, for nothing can be louder than full volume."""
    is_there = any(one.is_stressed for one in cast_line.text.segments)
    return -STRESS_DB if is_there and not segment.is_stressed else 0.0


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))


_LANGUAGE_HELP = "cast the speaker with another engine for this language, or leave it out"
_NOTHING_HELP = "write a word, or give the sound a reading with [say:…]"
_LETTERS_HELP = "spell it in the language's own script, or add [say:…]"
_TIMBRE_HELP = "timbre takes gender, variant, pitch (0–99) and rate (80–450 words a minute)"


def _line_findings(line: CastLine) -> list[Diagnostic]:
    span = line.text.span
    language = spoken_language(line.language)
    if language is None:
        message = f'the scratch engine does not speak "{line.language}"'
        hint = did_you_mean(line.language, SPOKEN)
        return [_error("VP601", span, message + hint, _LANGUAGE_HELP)]
    words = [_spoken(segment, language) for segment in line.text.segments]
    if not any(map(n_speakable, words)):
        message = f'line "{line.line.id}" has no letter or digit to say: "{line.text.plain}"'
        return [_error("VP602", span, message, _NOTHING_HELP)]
    if letters := unreadable_letters("".join(words), language):
        message = f'the scratch voice for "{line.language}" cannot read "{letters}"'
        return [_error("VP603", span, message, _LETTERS_HELP)]
    return []


def _spoken(segment: Segment, language: SpokenLanguage) -> str:
    return respelled(segment.say, language)[1] if segment.say else plain_words(segment.text)


def _error(code: str, span: SourceSpan, message: str, help_text: str) -> Diagnostic:
    return Diagnostic(
        code=code, severity=Severity.ERROR, span=span, message=message, help=help_text
    )

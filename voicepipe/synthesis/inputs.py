"""What a request says, read back by the half that sounds: plain facts ↔ typed records (torch-free).

Everything that can change the sound is in the facts; where its files lie is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicepipe.model.acoustic.voicing import Voicing
from voicepipe.synthesis.chosen_sounds import PlacedSound
from voicepipe.synthesis.closing import CLOSING_FACT
from voicepipe.synthesis.take_settings import TakeSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.hashing import Json
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.synthesis.text_readings import FeatureRun, PartReading, TextReading
    from voicepipe.voices.voice import ReferenceClip


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterRun:
    """Characters whose phonemes carry linguistic features."""

    start: int
    """First of their phonemes."""
    characters: tuple[str, ...]
    counts: tuple[int, ...]
    """Phonemes of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """Phonemes, and the characters that a language model has to read for some of them."""

    phoneme_ids: tuple[int, ...]
    runs: tuple[CharacterRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipToHear:
    """A reference clip as a request names it."""

    sha256: str
    transcript: str
    read: ReadText
    auxiliary: tuple[str, ...] = ()
    """sha256 of further recordings that timbre is averaged over, in the voice file's order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartToSay:
    """A part of a line as a request describes it."""

    read: ReadText
    clip: int
    """Which of the request's clips sets timbre and delivery."""
    speed: float
    pitch_semitones: float
    pause_after_ms: int
    pauses: float
    """Factor on the pauses inside the part."""
    gain_db: float
    """Against the line's loudest part."""
    voicing: Voicing | None
    """None: as the generator says the voice."""
    stressed: tuple[tuple[int, int], ...] = ()
    """Of its phonemes: the first stressed one, and the first after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToSay:
    """A whole request, typed."""

    parts: tuple[PartToSay, ...]
    clips: tuple[ClipToHear, ...]
    settings: TakeSettings
    models: Mapping[str, str]
    """Role → sha256."""
    sounds: tuple[PlacedSound, ...]
    closing_tokens: int
    """Of a pause, said after each part."""


def text_facts(said: TextReading, *, reads_characters: bool = True) -> dict[str, Json]:
    """Describe how a text is read: words, ids, and what BERT, if it is used, has to look at."""
    return {
        "text": said.normalized_text,
        "symbols": said.symbols,
        "phoneme_ids": list(said.phoneme_ids),
        "characters": [_run_facts(run) for run in said.characters] if reads_characters else [],
        "applied": [list(entry) for entry in said.applied],
    }


def part_facts(
    part: PartReading, pause_after_ms: int, *, reads_characters: bool = True
) -> dict[str, Json]:
    """Describe one part's text and the pause after it."""
    facts = text_facts(part.text, reads_characters=reads_characters)
    return {**facts, "pause_after_ms": pause_after_ms}


def clip_facts(
    clip: ReferenceClip, said: TextReading, *, reads_characters: bool = True
) -> dict[str, Json]:
    """Describe a reference clip, the reading of its transcript, and its auxiliary clips."""
    facts: dict[str, Json] = {
        "sha256": clip.sha256,
        "transcript": clip.transcript,
        "language": clip.language,
        **text_facts(said, reads_characters=reads_characters),
    }
    if clip.auxiliary:  # a clip by itself keeps the key it always had
        facts["auxiliary"] = [other.sha256 for other in clip.auxiliary]
    return facts


def needs_characters(facts: Mapping[str, Any]) -> bool:
    """Tell whether described texts need the BERT model."""
    return bool(facts["characters"])


def line_to_say(request: SynthesisRequest) -> LineToSay:
    """Read a request back."""
    facts: Mapping[str, Any] = request.inputs
    parts = tuple(
        PartToSay(
            read=_read(text),
            clip=delivery["clip"],
            speed=delivery["speed"] * request.pace,
            pitch_semitones=delivery["pitch_semitones"],
            pause_after_ms=text["pause_after_ms"],
            pauses=delivery.get("pauses", 1.0),
            gain_db=delivery.get("gain_db", 0.0),
            voicing=Voicing(**delivery["voicing"]) if "voicing" in delivery else None,
            stressed=tuple((first, end) for first, end in delivery.get("stressed", ())),
        )
        for text, delivery in zip(facts["text"]["parts"], facts["delivery"]["parts"], strict=True)
    )
    clips = tuple(
        ClipToHear(
            sha256=clip["sha256"],
            transcript=clip["transcript"],
            read=_read(clip),
            auxiliary=tuple(clip.get("auxiliary", ())),
        )
        for clip in facts["voice"]["clips"]
    )
    return LineToSay(
        parts=parts,
        clips=clips,
        settings=TakeSettings(**facts["sampling"]),
        models=facts["model"],
        sounds=placed_sounds(facts["delivery"]),
        closing_tokens=facts["engine"].get(CLOSING_FACT, 0),
    )


def placed_sounds(delivery: Mapping[str, Any]) -> tuple[PlacedSound, ...]:
    """Read the sounds of a line back."""
    return tuple(PlacedSound(**facts) for facts in delivery.get("sounds", ()))


def _run_facts(run: FeatureRun) -> dict[str, Json]:
    return {"start": run.start, "units": list(run.units), "counts": list(run.counts)}


def _read(facts: Mapping[str, Any]) -> ReadText:
    return ReadText(
        phoneme_ids=tuple(facts["phoneme_ids"]),
        runs=tuple(
            CharacterRun(
                start=run["start"], characters=tuple(run["units"]), counts=tuple(run["counts"])
            )
            for run in facts["characters"]
        ),
    )

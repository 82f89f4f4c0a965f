"""What `voices/<voice>.yaml` and `voices/cast.yaml` may say: keys, kinds, ranges.

Only the shape of the files; whether clips exist and casting makes sense is the catalog's business.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from voicepipe.documents.section import Section
from voicepipe.settings_values import LanguageTag, territory_problem
from voicepipe.voices.voice import NEUTRAL

MAX_AUXILIARY: Final = 32
"""Auxiliary clips of one list: more of them change an average no further."""

MAX_SOUNDS: Final = 100
"""Clips of one sound."""

_SOUND_NAME: Final = re.compile(r"[a-z](?:_?[a-z0-9])*")
_LONGEST_NAME: Final = 64
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}")
_REAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


def _day(value: object) -> object:
    # Pydantic alone would also take seconds since 1970, and half of ISO 8601.
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError(f'"{value}" is not a date such as 2026-03-01')
    return value


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _digest(text: str) -> str:
    if text and not _SHA256.fullmatch(text):
        raise ValueError(f'"{text[:80]}" is not a sha256: 64 digits 0-9 and a-f')
    return text


def _territory(code: str) -> str:
    problem = territory_problem(code)
    if problem:
        raise ValueError(problem)
    return code


def _sound_name(name: str) -> str:
    if not _SOUND_NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ValueError(f'"{name[:80]}" is not a name of a-z, 0-9 and _')
    return name


def _number(value: object) -> object:
    if not isinstance(value, str):
        return value
    if _WHOLE.fullmatch(value):
        return int(value)
    if _REAL.fullmatch(value):
        return float(value)
    raise ValueError(f'"{value}" is not a number')


def _number_or_word(value: object) -> object:
    is_number = isinstance(value, str) and (_WHOLE.fullmatch(value) or _REAL.fullmatch(value))
    return _number(value) if is_number else value


Day = Annotated[datetime.date, BeforeValidator(_day)]
Filled = Annotated[str, AfterValidator(_filled)]
Number = Annotated[int | float, BeforeValidator(_number)]
NumberOrWord = Annotated[int | float | str, BeforeValidator(_number_or_word)]


class ConsentEntry(Section):
    """What the person behind the voice has allowed."""

    id: Filled
    """Stable; stands in every manifest entry and WAV made under it."""
    kind: Literal["actor", "synthetic", "minor", "deceased", "public_figure"]
    """A real person, who signed something; nobody's voice; or a person whose voice needs more:
    `guardian` and an end for a minor, `estate` for one who has died, `purpose` for a public figure.
    """
    who: Filled
    """The person, or the origin of a synthetic voice."""
    scope: tuple[Filled, ...] = Field(min_length=1)
    """Banks this covers; "*" covers any."""
    languages: tuple[Annotated[str, Field(json_schema_extra={"examples": ["*", "en"]})], ...] = (
        Field(min_length=1)
    )
    """Languages this covers; "*" covers any."""
    valid_from: Day = Field(alias="from")
    """First day."""
    until: Day | None = None
    """Last day, included; open-ended when it is left out."""
    uses: tuple[Literal["prerender", "realtime", "training"], ...] = ()
    """What was agreed to; left out, banks, and training where `scope` holds the word."""
    territories: tuple[Annotated[str, AfterValidator(_territory)], ...] = Field(
        default=("*",), min_length=1, max_length=300
    )
    """Countries banks may go to, as two capital letters; "*" is anywhere."""
    terms: str = ""
    """Version of the terms that were agreed to."""
    notes: str = ""
    """Anything a person should know."""
    guardian: str = ""
    """Who agreed for a minor."""
    estate: str = ""
    """Who agreed for a person who has died."""
    purpose: str = ""
    """What a public figure's likeness is used for."""
    evidence: str = ""
    """Path of the signed paper from the project root; required for every person."""
    evidence_sha256: Annotated[str, AfterValidator(_digest)] = ""
    """Its sha256."""
    suspended: Day | None = None
    """Day of suspension; while it is written no new take is made."""
    revoked: Day | None = None
    """Day of revocation; once it is written nothing renders."""


SoundName = Annotated[str, AfterValidator(_sound_name)]
Sounds = Annotated[tuple[Filled, ...], Field(min_length=1, max_length=MAX_SOUNDS)]
Auxiliary = Annotated[tuple[Filled, ...], Field(max_length=MAX_AUXILIARY)]


class ClipEntry(Section):
    """A reference clip."""

    path: Filled
    """From the project root."""
    transcript: Filled
    """What is said in it, word for word."""
    language: LanguageTag
    """What it is said in."""
    emotion: Filled = NEUTRAL
    """How it is said."""
    auxiliary: Auxiliary | None = None
    """For this delivery, in place of the voice's own list; an empty list is none."""


class VoiceFile(Section):
    """A whole `voices/<voice>.yaml`."""

    engine: Filled
    """What renders the voice: `scratch` or `gpt-sovits`."""
    languages: tuple[LanguageTag, ...] = ()
    """Languages the voice may speak; any the engine can when it is left out."""
    model: dict[str, str] = Field(default={})
    """The engine's own: model files by part."""
    clips: tuple[ClipEntry, ...] = Field(default=(), max_length=1_000)
    """Reference clips, the preferred one first."""
    auxiliary: Auxiliary = ()
    """Paths of further clips that only shape timbre: no transcript, averaged with the clip."""
    sounds: dict[SoundName, Sounds] = Field(default={}, max_length=100)
    """Clips without words by name, `laughs: [voices/noah/laugh.wav]`: what `[laughs]` and
    `[sound:…]` play; of several one is chosen by the line's seed."""
    sampling: dict[str, Number] = Field(default={})
    """The engine's own sampling numbers."""
    timbre: dict[str, NumberOrWord] = Field(default={})
    """For scratch: gender, variant, pitch, rate."""
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    """Pace of everything this voice says."""
    loudness_lufs: float | None = Field(default=None, ge=-40.0, le=-5.0)
    """The voice's own loudness; the project's when it is left out."""
    fallback: dict[str, Filled] = Field(default={})
    """Emotion without a clip → emotion to use in its place; every chain ends in neutral."""
    consent: ConsentEntry | None = None
    """Nothing renders without it."""
    note: str = ""


class CastEntry(Section):
    """Who renders one speaker."""

    voice: Filled
    """The voice for everything not said below."""
    languages: dict[LanguageTag, Filled] = Field(default={})
    """Language → voice: another actor for the dub."""
    emotions: dict[Filled, Filled] = Field(default={})
    """Emotion → voice, in languages without a voice of their own."""


def voice_json_schema() -> dict[str, Any]:
    """Describe a voice file for editors that complete and check YAML."""
    return VoiceFile.model_json_schema(by_alias=True)


def cast_json_schema() -> dict[str, Any]:
    """Describe `cast.yaml`: each speaker is a voice, or a mapping with more to say."""
    return TypeAdapter(dict[str, str | CastEntry]).json_schema()

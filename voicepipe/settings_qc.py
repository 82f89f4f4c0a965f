"""`qc:` in `voicepipe.yaml`: what finished clips are held to, and how often a line is retaken."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, PlainValidator, WithJsonSchema

from voicepipe.documents.section import Section

ANALYSERS: Final = ("signal", "intelligibility", "speaker", "naturalness")
"""Who judges clips, in the order in which they listen."""
SIGNAL_ONLY: Final = ("signal",)
"""Who judges with `--qc signal`."""
NEVER: Final = "never"
"""In place of a limit: this is no fault."""
LIMIT_RANGE: Final = (-1_000.0, 1_000_000.0)

AnalyserName = Literal["signal", "intelligibility", "speaker", "naturalness"]
Extent = Literal["full", "signal", "off"]
EXTENTS: Final[tuple[Extent, ...]] = get_args(Extent)


def _limit(text: object) -> float | str:
    if text == NEVER:
        return NEVER
    least, most = LIMIT_RANGE
    try:
        value = float(str(text))
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise ValueError(f'"{text}" is neither a number nor {NEVER}')
    return value


LimitValue = Annotated[
    float | str,
    PlainValidator(_limit),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": LIMIT_RANGE[0], "maximum": LIMIT_RANGE[1]},
                {"const": NEVER},
            ]
        }
    ),
]


def _share(text: object) -> float | str:
    value = _limit(text)
    if value != NEVER and not 0 <= float(value) <= 1:
        raise ValueError(f'"{text}" is neither a share from 0 to 1 nor {NEVER}')
    return value


ShareValue = Annotated[
    float | str,
    PlainValidator(_share),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"const": NEVER}]}),
]


class QcLimits(Section):
    """How much of each fault is tolerated; `never`: it is no fault. Absent: the default."""

    silent: LimitValue | None = None
    """Share of the clip without sound."""
    clipped: LimitValue | None = None
    """Share of samples in flattened peaks."""
    clicks: LimitValue | None = None
    """Clicks."""
    offset: LimitValue | None = None
    """Of full scale."""
    gap: LimitValue | None = None
    """Seconds of silence inside."""
    cut_off: LimitValue | None = None
    """Decibels of the end under the loudest speech."""
    start_buzz: LimitValue | None = None
    """Seconds of steady tone at the start."""
    too_short: LimitValue | None = None
    """Phonemes a second: more of them is too short."""
    too_long: LimitValue | None = None
    """Phonemes a second: fewer of them is too long."""
    too_quiet: LimitValue | None = None
    """LU under what the clip was levelled to."""
    too_loud: LimitValue | None = None
    """LU over what the clip was levelled to."""
    off_slot: LimitValue | None = None
    """Share of its slot by which a line misses it, beyond the tolerance of `timing:`."""
    noise: LimitValue | None = None
    """Decibels of the room under speech."""
    hum: LimitValue | None = None
    """Decibels of the hum under speech."""
    missing_words: LimitValue | None = None
    """Sounds of a word that is not heard."""
    added_words: LimitValue | None = None
    """Sounds of a word that is not in the text."""
    repeated_words: LimitValue | None = None
    """Sounds that are heard twice."""
    wrong_words: LimitValue | None = None
    """Share of the line's sounds that are others."""
    reference_leak: LimitValue | None = None
    """Sounds of a reference clip's transcript."""
    wrong_language: LimitValue | None = None
    """Probability of another language."""
    unlike_voice: LimitValue | None = None
    """Likeness to the voice's own clips: less of it is a fault."""
    other_voice: LimitValue | None = None
    """Likeness more to another voice of the project than to its own."""
    unnatural: LimitValue | None = None
    """Mean opinion score from 1 to 5: less of it is a fault."""

    def named(self) -> dict[str, float | str]:
        """Give the limits that are set, by reason."""
        return {name: value for name, value in self if value is not None}


class QcPart(Section):
    """What differs for one language or one voice."""

    limits: QcLimits = QcLimits()
    """Over those of the whole project."""
    analysers: tuple[AnalyserName, ...] | None = Field(default=None, min_length=1, max_length=4)
    """Who has to pass a clip here."""


class QcSettings(Section):
    """What finished clips are held to, and how often a line that fails is retaken."""

    retakes: int = Field(default=3, ge=0, le=20)
    """How often a line that fails is made again, with the next seed; the best is kept."""
    retake_above: ShareValue = 0.05
    """Share of a line's words that are misheard, from 0 to 1, or `never`: above it a line is made
    again although it passes."""
    analysers: tuple[AnalyserName, ...] = Field(default=ANALYSERS, min_length=1, max_length=4)
    """Who has to pass a clip. Where one is missing, or does not know the language, the clip is
    not judged."""
    release: Extent = "full"
    """What a release needs of every clip: `full`, passed by all analysers; `signal`, passed by
    the signal's alone; `off`, nothing."""
    limits: QcLimits = QcLimits()
    """How much of each fault is tolerated, in every language and voice."""
    languages: Mapping[str, QcPart] = Field(default={}, max_length=64)
    """By language tag: what differs there."""
    voices: Mapping[str, QcPart] = Field(default={}, max_length=10_000)
    """By voice: what differs there, over what its language says."""

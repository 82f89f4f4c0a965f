"""`timing:` in `voicepipe.yaml`: how long lines may be, so that they fit a picture that is cut."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from voicepipe.documents.section import Section

SLOWEST: Final = 0.85
FASTEST: Final = 1.2
"""How far speech can be slowed down and sped up before listeners notice it as such."""
TOLERANCE: Final = 0.1
MOST_TOLERANCE: Final = 0.5

Fit = Literal["source", "slot", "off"]

_PERCENT: Final = re.compile(r"\s*([0-9]{1,2}(?:\.[0-9]{1,2})?)\s*%\s*")


def _tolerance(written: object) -> float:
    match = _PERCENT.fullmatch(str(written))
    try:
        value = float(match[1]) / 100 if match else float(str(written))
    except ValueError:
        value = -1.0
    if not 0.01 <= value <= MOST_TOLERANCE:
        raise ValueError(f'"{written}" is no share from 1% to {MOST_TOLERANCE:.0%}, such as 10%')
    return value


Tolerance = Annotated[
    float,
    PlainValidator(_tolerance),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0.01, "maximum": MOST_TOLERANCE},
                {"type": "string", "pattern": r"^[0-9]{1,2}(\.[0-9]{1,2})?%$"},
            ]
        }
    ),
]
Pace = Annotated[float, Field(ge=0.5, le=2.0)]


class TimingPart(Section):
    """What differs for one language."""

    fit: Fit | None = None
    """As for the whole project."""
    tolerance: Tolerance | None = None
    """As for the whole project."""
    slowest: Pace | None = None
    """As for the whole project."""
    fastest: Pace | None = None
    """As for the whole project."""


class TimingSettings(Section):
    """How long lines may be, and how far they are sped up or slowed down to be it."""

    fit: Fit = "slot"
    """What sets how long a line speaks: `slot`, its own `slot:` in the script, if it has one;
    `source`, where it has none the clip in the source language; `off`, nothing."""
    tolerance: Tolerance = TOLERANCE
    """How much longer or shorter than its slot a line may be, as a share of it: `10%`."""
    slowest: Pace = SLOWEST
    """How far a line is slowed down to fill its slot; 1 is its own pace."""
    fastest: Pace = FASTEST
    """How far a line is sped up to fit into its slot."""
    languages: Mapping[str, TimingPart] = Field(default={}, max_length=64)
    """By language tag: what differs there."""

    def of(self, language: str) -> TimingRules:
        """Give what holds in a language."""
        part = self.languages.get(language)
        if part is None:
            return TimingRules(
                fit=self.fit,
                tolerance=self.tolerance,
                slowest=self.slowest,
                fastest=self.fastest,
            )
        return TimingRules(
            fit=part.fit or self.fit,
            tolerance=part.tolerance or self.tolerance,
            slowest=part.slowest or self.slowest,
            fastest=part.fastest or self.fastest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingRules:
    """What holds in one language."""

    fit: Fit
    tolerance: float
    slowest: float
    fastest: float

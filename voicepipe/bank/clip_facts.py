"""What is known of a clip: what is asked for, how it is made, what is measured on it.

The only place where these facts are declared. What a render wants (`plan.ClipSpec`), what the store
remembers (`records.TakeRecord`, `records.ClipRecord`) and what a version publishes
(`manifest.ManifestEntry`) are made of these groups, and `fields_of` carries a group from one to the
next. A new fact is one field here, declared with `added`, and its value:

- in `ClipListing`: set by `pipeline/render/clip_requests.py`; where it differs from the latest
  version, a render publishes anew without making sound;
- in `ClipMaking`: set there too, and by `workers/finishing.py` for what the store keeps;
- in `ClipVerdicts`: set by `pipeline/stored_verdicts.py` from what is stored about a clip;
- in `ClipRetakes`: set by `workers/choosing.py`, and by `workers/finishing.py` for what is kept;
- in `ClipMeasurements`: a field of the same name in `audio.postprocess.FinishedClip`.

Reading, writing, the table, the JSON Schema and the difference of two versions follow by themselves
(`make schemas` writes the schema again).
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from voicepipe.bank.record_fields import (
    BitDepth,
    Count,
    Decibels,
    Factor,
    SampleRate,
    Seconds,
    added,
    field_names,
)

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_JUDGED: Final = "not judged"
"""How a clip stands."""

# The groups have no slots of their own, so that a record may be made of several of them; records
# declare `slots=True`, which gives them one slot for every field.


@dataclass(frozen=True, kw_only=True)
class TextListing:
    """A line in a language, as the script lists it, spoken or not."""

    __slots__ = ()

    line: str
    base_line: str
    """The id in the script, without variant or group suffix."""
    language: str
    speaker: str
    text: str
    """As a subtitle shows it."""
    note: str
    scene: str
    node: str
    bark_set: str
    position: Count
    tags: tuple[str, ...]
    variant: Mapping[str, str]
    before: tuple[str, ...]
    after: tuple[str, ...]
    script: str
    """`file:line:column` of the text."""
    stale: bool
    """The translation is older than its source text, or the recording speaks an earlier text."""
    placeholders: tuple[str, ...] = added(default=())
    """Variables that `text` shows as `{name}`, for the game to fill in."""


@dataclass(frozen=True, kw_only=True)
class ClipListing(TextListing):
    """What is asked for: a line in a language, as script and casting list it."""

    __slots__ = ()

    emotion: str
    file: str
    """Relative to the version's folder: `<lang>/<scene>/<line>.wav`."""
    slot_s: Seconds | None = added(None)  # noqa: RUF009 - a field
    """How long its speech lasts in the picture; None: as long as it likes."""


@dataclass(frozen=True, kw_only=True)
class ClipMaking:
    """What a take is made from. A pinned take answers for itself, whatever is asked for now."""

    __slots__ = ()

    voice: str
    source: str
    """`scratch`, `synthetic` or `recorded`."""
    engine: str
    """Empty for recordings."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Model file → sha256."""
    seed: Count
    consent: str
    """Id of the consent record; empty for recordings without one."""
    inputs: Mapping[str, str]
    """Input group → short fingerprint, to say later why something must be rendered again."""


@dataclass(frozen=True, kw_only=True)
class ClipRetakes:
    """What it took to make a take, where somebody listened to the clips made of it."""

    __slots__ = ()

    retakes: Count = added(default=0)  # noqa: RUF009 - a field
    """How often the line was made again, when its take was made, because a clip of it failed."""
    first_error: float | None = added(default=None)
    """Share of the line's words that were misheard before it was made again; None: it was not, or
    nobody can say."""
    pace: Factor = added(default=1.0)  # noqa: RUF009 - a field
    """Factor on its own pace at which it was spoken, to fit its slot."""


@dataclass(frozen=True, kw_only=True)
class ClipMeasurements:
    """What is measured on the finished clip."""

    __slots__ = ()

    duration_s: Seconds
    sample_rate: SampleRate
    bit_depth: BitDepth
    loudness_lufs: Decibels | None
    """Integrated, None when the clip is too short or too quiet to gate."""
    peak_dbtp: Decibels
    speech_s: Seconds | None = added(None)  # noqa: RUF009 - a field
    """From its first sound to its last; None: measured by an earlier release, that did not."""
    watermark: str = added(default="")
    """Name of the watermark that was read back from the clip; `too short` where it cannot hold
    one; empty: none was asked for."""


@dataclass(frozen=True, kw_only=True)
class ClipVerdicts:
    """What was found out by listening to the finished clip, as the settings of its day held it."""

    __slots__ = ()

    verdict: str = added(NOT_JUDGED)
    """`passed`, `failed` or `not judged`: an analyser that is asked for is missing, or does not
    know the language."""
    judged: Mapping[str, str] = added({})
    """Analyser → its verdict, of those that judged."""
    reasons: tuple[str, ...] = added(())
    """Kinds of the faults that count, each once."""
    scores: Mapping[str, float] = added({})
    """Measurements by name."""
    verdict_basis: str = added("")
    """Fingerprint of what the verdict follows from: findings and limits."""


def fields_of(record: object, group: type) -> dict[str, Any]:
    """Give the facts of one group, to make another record of.

    Args:
        record: Has a field for each of the group's, as every record that is made of it.
        group: `ClipListing`, `ClipMaking`, `ClipMeasurements` or `ClipVerdicts`.
    """
    names = field_names(group)
    return dict(zip(names, attrgetter(*names)(record), strict=True))

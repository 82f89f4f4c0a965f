"""What a worker is handed and what it hands back: plain frozen data that crosses processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.qc.judge import DEFAULT_JUDGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.audio.post_settings import PostSettings
    from voicepipe.labels.plan import LabelPlan
    from voicepipe.qc.examining import ExaminerSetup, Expectation
    from voicepipe.qc.retakes import Tried
    from voicepipe.qc.verdicts import ClipVerdict
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.synthesis.slot import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipJob:
    """One clip to make: a line in one language, from an engine or from a recording."""

    line_id: str
    language: str
    script: str
    """`file:line:column` of the text, for whoever has to mend it."""
    clip_key: str
    """Where the clip goes: 64 hex digits. Its first digits seed the dither."""
    take_key: str
    """Which take it is made from: the request's key, or that of an older take a person has pinned;
    for a recording, the sha256 of its bytes."""
    voice: str
    source: str
    """`scratch`, `synthetic` or `recorded`."""
    request: SynthesisRequest | None
    """What to render when the take is not stored; None for a recording."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Model file → sha256, for the take's record."""
    recording: str = ""
    """Path of the human recording; empty for takes."""
    recording_name: str = ""
    """What messages call it: its path from the project root."""
    recording_sha256: str = ""
    """What its bytes were when the clip key was made."""
    post: PostSettings
    """Fitted to this line."""
    metadata: ClipMetadata
    labels: LabelPlan | None = None
    """What the file says of being made by a machine; None: nothing beyond its metadata."""
    cost_s: float = 0.0
    """Expected seconds of speech: longer jobs start first."""
    expected: Expectation | None = None
    """What the clip is held to; None: it is not listened to."""
    slot: Slot | None = None
    """What its speech has to fit; None: nothing."""
    pace: float = 1.0
    """With `slot`: the factor on its own pace at which it is spoken first."""


Numbered = tuple[int, ClipJob]
"""A job and its number in this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What holds for all jobs of a worker."""

    out: Path
    """The output folder."""
    journals: Path | None = None
    """Folder for in-flight journals, this run's own; None: nobody could read them."""
    engines: Mapping[str, str]
    """Name → `module:class`."""
    device: str
    """`cpu`, `cuda:0` …"""
    root: Path | None = None
    """The project, where models and clips lie; None: the current folder."""
    attempts: int = 1
    """How often a line may be tried, while its engine or its judge asks for another attempt."""
    judge: str = DEFAULT_JUDGE
    """`module:class` of what decides which sounds become takes."""
    examiner: ExaminerSetup | None = None
    """Who listens to finished clips; None: nobody."""
    lines_at_once: int = 0
    """Lines in flight in an engine at most; 0: as many as the engine likes. Lowered where memory
    ran out."""
    finishers: int = 0
    """Processes beside the worker that finish its clips; 0: it does so itself."""
    cpu_finishers: int = 0
    """The same, of a worker on the processor: it finishes clips itself unless they are listened
    to, which takes long enough for its engine to go on meanwhile."""
    recycle_lines: int = 0
    """A worker leaves after so many lines, for a fresh one to go on; 0: never."""
    recycle_growth_mb: int = 0
    """A worker leaves once its memory has grown by this much since its first lines; 0: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAgain:
    """One job whose line is to be made once more, with the next seed or at another pace."""

    tried: tuple[Tried, ...] = ()
    """What was made for it and could become its take."""
    is_retake: bool
    """A clip of it failed; False: there was none, or its judge wants another."""
    pace: float | None = None
    """The same seed is used again, at this pace: the answer does not fit its slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one job."""

    number: int
    """The job's number in this run."""
    audio_s: float = 0.0
    was_rendered: bool = False
    """False: the take was there, or it is a recording."""
    note: str = ""
    """What a listener should know, with figures: a missed loudness target, or a missed slot."""
    verdict: ClipVerdict | None = None
    """What was found out about the clip; None: nobody listened."""
    retakes: int = 0
    """How often the line was made again because a clip of it failed."""
    first_error: float | None = None
    pace: float = 1.0
    """As `ClipRetakes`."""
    failure: str = ""
    """Why there is no clip; empty when there is one."""
    fault: str = ""
    """Set when the machine is to blame and the other lines would fail as well."""
    remedy: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Stage → seconds of the worker's time that went into this line. Stages are `front end`,
    `prompt`, `prefill`, `semantic`, `decoder`, `judge`, `post`, `listen`, `store` and `waiting`
    (for work)."""

"""What happens during a render, as frozen events. Nobody prints here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.qc.verdicts import ClipVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderStarted:
    """The plan is known and work begins."""

    lines: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDone:
    """One clip is in the store."""

    line_id: str
    language: str
    audio_s: float
    was_rendered: bool
    """False: only post-processing was done."""
    note: str = ""
    """What a listener should know, with figures: a missed loudness target, or a missed slot."""
    verdict: ClipVerdict | None = None
    """What was found out about it; None: nobody listened."""
    retakes: int = 0
    """How often the line was made again because a clip of it failed."""
    first_error: float | None = None
    pace: float = 1.0
    """As `ClipRetakes`."""
    script: str = ""
    """`file:line:column`."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Stage → seconds of a worker's time, as in `jobs.Outcome`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFailed:
    """One line has no clip, and why."""

    line_id: str
    language: str
    script: str
    """`file:line:column`."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDied:
    """A worker process ended by itself; its lines are tried again on their own."""

    lines: tuple[str, ...]
    lines_at_once: int = 0
    """How many lines its successor takes at once, when memory may have been short; 0: as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreNote:
    """Something about the shared store that a person should know."""

    message: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectNote:
    """What a render wrote into the project, for a person to know."""

    message: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRead:
    """The project has no errors, or is as it was when it had none."""

    bank: str
    n_warnings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetakeNoted:
    """A line gets its next take, and what that does besides."""

    line_id: str
    language: str
    lets_pin_go: bool
    """It was pinned, and is no longer."""
    hidden_by: str
    """The recording that goes on standing in for any take; empty: none."""


RenderEvent = (
    ProjectRead
    | ProjectNote
    | RetakeNoted
    | RenderStarted
    | ClipDone
    | LineFailed
    | WorkerDied
    | StoreNote
)

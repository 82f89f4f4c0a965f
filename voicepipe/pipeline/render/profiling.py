"""Where the time of a render went: the workers' seconds by stage, and the rest of the clock."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.workers.events import ClipDone, RenderStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicepipe.hashing import Json
    from voicepipe.workers.events import RenderEvent

ORDER: Final = (
    "front end",
    "prompt",
    "prefill",
    "semantic",
    "decoder",
    "judge",
    "post",
    "store",
    "waiting",
)
"""Stages as a line passes through them; any others follow by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """One stage of all lines together."""

    stage: str
    worker_s: float
    """Seconds on the workers' clocks."""
    share: float
    """Of all that the stages took, waiting included: 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderTimes:
    """Where the time of a render went."""

    stages: tuple[StageTime, ...]
    audio_s: float
    """Of the clips that were made."""
    lines: int
    workers: int
    wall_s: float
    """From the first look at the project to the published version."""
    working_s: float
    """Of that, from the first worker's call to the last clip; starting the workers is in it."""

    @property
    def stages_s(self) -> float:
        """All stages together, on the workers' clocks."""
        return sum(each.worker_s for each in self.stages)

    @property
    def elsewhere_s(self) -> float:
        """Workers' time that no line accounts for: starting, loading libraries, failed lines."""
        return max(0.0, self.working_s * self.workers - self.stages_s)

    def document(self) -> dict[str, Json]:
        """Give it as plain JSON values."""
        return {
            "wall_s": round(self.wall_s, 3),
            "working_s": round(self.working_s, 3),
            "workers": self.workers,
            "lines": self.lines,
            "audio_s": round(self.audio_s, 3),
            "elsewhere_s": round(self.elsewhere_s, 3),
            "stages": {
                each.stage: {
                    "worker_s": round(each.worker_s, 4),
                    "share": round(each.share, 4),
                    "s_per_audio_s": round(each.worker_s / self.audio_s, 5)
                    if self.audio_s
                    else None,
                }
                for each in self.stages
            },
        }


class RenderProfile:
    """Listens to a render and adds up.

    Args:
        now: A clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._began = self._last = now()
        self._started: float | None = None
        self._spent: dict[str, float] = defaultdict(float)
        self._audio_s = 0.0
        self._lines = self._workers = 0

    def note(self, event: RenderEvent) -> None:
        """Count one event."""
        if isinstance(event, RenderStarted):
            # Lines that have to fit others come in a second part.
            self._started = self._now() if self._started is None else self._started
            self._workers = max(self._workers, event.workers)
        self._last = self._now()
        if isinstance(event, ClipDone):
            self._lines += 1
            self._audio_s += event.audio_s
            for stage, seconds in event.seconds.items():
                self._spent[stage] += seconds

    def times(self) -> RenderTimes:
        """Say where the time went until now."""
        whole = sum(self._spent.values())
        known = [stage for stage in ORDER if stage in self._spent]
        others = sorted(set(self._spent) - set(ORDER))
        return RenderTimes(
            stages=tuple(
                StageTime(
                    stage=stage,
                    worker_s=self._spent[stage],
                    share=self._spent[stage] / whole if whole else 0.0,
                )
                for stage in (*known, *others)
            ),
            audio_s=self._audio_s,
            lines=self._lines,
            workers=self._workers,
            wall_s=self._now() - self._began,
            working_s=0.0 if self._started is None else self._last - self._started,
        )

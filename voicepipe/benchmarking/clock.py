"""Seconds of a core and seconds on the clock, stage by stage."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voicepipe.benchmarking.report import StageCost, StageCosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFILL, SEMANTIC, DECODER = STAGES = ("prefill", "semantic", "decoder")


class StageMeter:
    """Adds up what stages take, and over how much speech.

    Args:
        settle: Waits until the device has done what it was given; called before each reading.
    """

    def __init__(self, settle: Callable[[], object]) -> None:
        self._settle = settle
        self.core_s = dict.fromkeys(STAGES, 0.0)
        self.wall_s = dict.fromkeys(STAGES, 0.0)
        self.audio_s = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def timed(self, stage: str, audio_s: float) -> Iterator[None]:
        """Count what happens inside; it serves so many seconds of speech."""
        self._settle()
        wall, core = time.perf_counter(), time.process_time()
        yield
        self._settle()
        self.core_s[stage] += time.process_time() - core
        self.wall_s[stage] += time.perf_counter() - wall
        self.audio_s[stage] += audio_s

    def costs(self) -> StageCosts:
        """Give what a second of speech takes; every stage must have served some."""
        core = {stage: self.core_s[stage] / self.audio_s[stage] for stage in STAGES}
        wall = {stage: self.wall_s[stage] / self.audio_s[stage] for stage in STAGES}
        each = {
            stage: StageCost(core_s_per_audio_s=core[stage], real_time_factor=wall[stage])
            for stage in STAGES
        }
        total = StageCost(
            core_s_per_audio_s=sum(core.values()), real_time_factor=sum(wall.values())
        )
        return StageCosts(
            prefill=each[PREFILL], semantic=each[SEMANTIC], decoder=each[DECODER], total=total
        )

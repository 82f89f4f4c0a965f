"""How fast a step learns: functions of the step alone, so nothing about them is saved."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmupCosine:
    """Up in a straight line, down along half a cosine (the semantic stage upstream, as written).

    Upstream's file then pins the rate to a constant for its own optimizer; here it does what its
    settings say.
    """

    peak: float = 6e-5
    start: float = 1e-6
    end: float = 6e-6
    warmup_steps: int = 50
    total_steps: int = 2000

    def at(self, step: int) -> float:
        """Give the rate of a step, from 0."""
        if step < self.warmup_steps:
            return self.start + (self.peak - self.start) * step / self.warmup_steps
        span = max(1, self.total_steps - self.warmup_steps)
        progress = min(1.0, (step - self.warmup_steps) / span)
        return self.end + (self.peak - self.end) * 0.5 * (1 + math.cos(math.pi * progress))


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochDecay:
    """A constant factor an epoch (the acoustic stage upstream)."""

    peak: float = 1e-4
    factor: float = 0.999875
    steps_per_epoch: int = 100

    def at(self, step: int) -> float:
        """Give the rate of a step, from 0."""
        return float(self.peak * self.factor ** (step // self.steps_per_epoch))


Schedule = WarmupCosine | EpochDecay

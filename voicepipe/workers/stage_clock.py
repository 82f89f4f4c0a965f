"""How long each stage of a line takes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

POST, STORE, JUDGE, LISTEN = "post", "store", "judge", "listen"
"""Stages without an engine, as `Outcome.seconds` calls them."""


@dataclass(slots=True)
class StageClock:
    """Adds up the seconds of every stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Count what happens inside as a stage's."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent_s = time.perf_counter() - started
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent_s

"""What a judging is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.engines.registry import ENGINES
from voicepipe.pipeline.selection import EVERYTHING, Selection
from voicepipe.qc.retakes import badness
from voicepipe.qc.verdicts import ClipVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.settings_qc import Extent
    from voicepipe.workers.events import LineFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """What a person asks of one judging."""

    selection: Selection = EVERYTHING
    qc: Extent | None = None
    """Who listens: `full` or `signal`; None: whoever is installed."""
    jobs: int = 0
    """Processes; 0: as the settings say, and one a core when they say 0."""
    store: str = ""
    """Address of the shared store, or `off`; empty: as the environment and the settings say."""
    engines: Mapping[str, str] = field(default_factory=lambda: ENGINES)
    """Name → `module:class`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLine:
    """How one clip or recording stands."""

    line: str
    language: str
    speaker: str
    voice: str
    scene: str
    text: str
    script: str
    """`file:line:column`."""
    file: str
    """In the version's folder, or in that of the recordings."""
    verdict: ClipVerdict
    retakes: int = 0
    first_error: float | None = None
    pace: float = 1.0
    """As `ClipRetakes`."""

    @property
    def rank(self) -> tuple[object, ...]:
        """Worst first: what failed, what nobody judged, what passed."""
        found = self.verdict
        order = (Verdict.FAILED, Verdict.NOT_JUDGED, Verdict.PASSED).index(found.verdict)
        bad = badness(reasons=found.reasons, scores=found.scores)
        return (order, tuple(-value for value in bad), self.language, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of a judging."""

    lines: tuple[JudgedLine, ...]
    """Worst first."""
    listened: int
    """Clips that were listened to now; the others were known."""
    version: str = ""
    """Of the bank, with the verdicts in it; empty for a folder of recordings."""
    failed: tuple[LineFailed, ...] = ()
    """Clips nobody could listen to, and why."""

    def counts(self) -> dict[str, int]:
        """Count the lines by verdict."""
        verdicts = [one.verdict.verdict for one in self.lines]
        return {verdict.value: verdicts.count(verdict) for verdict in Verdict}

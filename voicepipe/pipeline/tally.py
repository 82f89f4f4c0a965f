"""What came of a render so far, as its events tell it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from voicepipe.bank.plan import Action
from voicepipe.errors import EnvironmentFault
from voicepipe.qc.retakes import ERROR_SCORE
from voicepipe.workers.events import ClipDone, LineFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.bank.lock import HeldLock
    from voicepipe.bank.plan import PlanStep
    from voicepipe.workers.events import RenderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Misheard:
    """How much of the lines that were rendered is misheard: means over those that were heard."""

    lines: int
    retaken: int
    """Lines among them that were made again."""
    first: float
    """Share of the words in the first takes."""
    kept: float
    """The same in those that were kept."""


class Tally:
    """Counts what happens and passes it on, as long as the output folder is the locked one.

    Args:
        on_event: Told of everything.
        held: The output folder's lock.
    """

    def __init__(self, on_event: Callable[[RenderEvent], None], held: HeldLock) -> None:
        self._on_event = on_event
        self._done: set[tuple[str, str]] = set()
        self.held = held
        self.rendered = 0
        self.post_processed = 0
        self.audio_s = 0.0
        self.pulled = 0
        self.pulled_clips = 0
        self.retakes = 0
        self.failed: list[LineFailed] = []
        self._errors: list[tuple[float, float]] = []
        self._retaken = 0

    def note(self, event: RenderEvent) -> None:
        """Count an event.

        Raises:
            EnvironmentFault: The output folder was removed or replaced.
        """
        if isinstance(event, LineFailed):
            self.failed.append(event)
        elif isinstance(event, ClipDone):
            self._done.add((event.line_id, event.language))
            self.rendered += event.was_rendered
            self.post_processed += not event.was_rendered
            self.audio_s += event.audio_s
            if event.was_rendered:
                self._note_take(event)
        self._on_event(event)
        self.held.require()

    def _note_take(self, event: ClipDone) -> None:
        self.retakes += event.retakes
        kept = None if event.verdict is None else event.verdict.scores.get(ERROR_SCORE)
        if kept is not None:
            self._errors.append((kept if event.first_error is None else event.first_error, kept))
            self._retaken += event.retakes > 0

    def misheard(self) -> Misheard | None:
        """Compare first takes with those that were kept; None: nobody heard what was said."""
        if not self._errors:
            return None
        firsts, kept = zip(*self._errors, strict=True)
        return Misheard(
            lines=len(kept), retaken=self._retaken, first=fmean(firsts), kept=fmean(kept)
        )

    def note_pulled(self, n_clips: int, n_takes: int) -> None:
        """Count what came from the shared store."""
        self.pulled += n_clips + n_takes
        self.pulled_clips += n_clips

    def require_kept(self, missing: Sequence[PlanStep]) -> None:
        """Refuse to pass over clips that were there, or were made, a moment ago.

        Args:
            missing: Steps whose clip is not in the store.

        Raises:
            EnvironmentFault: The store has lost some while the render ran.
        """
        lost = [
            step
            for step in missing
            if step.action is Action.KEEP or (step.line, step.language) in self._done
        ]
        if lost:
            raise EnvironmentFault(
                f"nothing was published: {len(lost)} finished clips vanished from {self.held.out}"
                f" while the render ran, the first of them {lost[0].line} ({lost[0].language})",
                remedy="run it again; leave the output folder alone while a command writes to it",
            )

"""Jobs worked off by one worker, in this process."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING

from voicepipe.workers.jobs import Outcome
from voicepipe.workers.worker import serve

if TYPE_CHECKING:
    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import ClipJob, Numbered, Orders


def served(orders: Orders, *jobs: ClipJob) -> dict[int, Outcome]:
    """Give the one outcome of every job, by its number."""
    inbox: SimpleQueue[tuple[Numbered, ...] | None] = SimpleQueue()
    inbox.put(tuple(enumerate(jobs)))
    outcomes: list[Outcome] = []

    def tell(report: Report | Outcome) -> None:
        if isinstance(report, Outcome):
            outcomes.append(report)
            if len(outcomes) == len(jobs):
                inbox.put(None)

    serve(orders, inbox, tell)
    assert sorted(outcome.number for outcome in outcomes) == list(range(len(jobs)))
    return {outcome.number: outcome for outcome in outcomes}

"""The seam between who hands out work and who does it.

A backend is a number of places, each with at most one worker: a process of this machine
(`processes.ProcessBackend`), an actor of a cluster. It starts workers, carries messages and tells
of deaths; it decides nothing. Which job goes where, what a death means for the lines held, how many
lines are in flight after memory ran out: `scheduler.work_off` decides that, for every kind of
backend alike. Inside a worker, wherever it runs, `worker.serve(orders, inbox, tell)` does the work:
pieces of work come out of `inbox` (a `queue.SimpleQueue`, fed from another thread), None says that
there will be no more, and reports go to `tell`. A worker says `Ready` when it has room, and is then
handed a piece as soon as there is one for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.workers.jobs import Numbered, Orders, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A worker has room for more. Said once for every piece, and before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """A worker is gone, and every report of its own has been given before this one."""

    cause: str = ""
    """How it died: `SIGKILL(-9)`, `EXIT(1)`; empty when it left of its own accord (released, or
    after as many lines as its orders allow)."""
    begun: tuple[int, ...] | None = None
    """Numbers of the jobs it had begun and not ended; None: unknown, so all it was handed."""


Report = Ready | Exited
"""What a worker says besides the outcomes of its jobs."""


class WorkerBackend(Protocol):
    """Whoever works jobs off."""

    @property
    def places(self) -> tuple[str, ...]:
        """The device at every place; places are numbered from 0."""
        ...

    def start_worker(self, place: int, orders: Orders) -> None:
        """Start a worker at a vacant place; returns at once.

        Args:
            place: Vacant: never filled, or `Exited` was reported.
            orders: The worker's own, with the device of its place.

        Raises:
            EnvironmentFault: No worker can be started there.
        """
        ...

    def submit(self, place: int, jobs: Sequence[Numbered]) -> None:
        """Give a worker a piece of work. Must not wait for the worker; a dead one loses it."""
        ...

    def release(self, place: int) -> None:
        """Tell a worker that nothing more comes; it ends what it has begun, then leaves."""
        ...

    def reports(self, timeout_s: float) -> Sequence[tuple[int, Report | Outcome]]:
        """Wait for reports.

        Args:
            timeout_s: The longest to wait when there are none.

        Returns:
            Place and report, in every worker's own order; empty after the timeout.
        """
        ...

    def close(self) -> None:
        """End all workers now, whatever they are doing, and wait until they are gone."""
        ...

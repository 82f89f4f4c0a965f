"""Work handed out to a backend until it is done, whatever happens to the workers.

When a worker dies, what it had ended is in the store and known; each line it had begun is tried
once more, alone, and fails by name if that worker dies as well; everything else goes on. A worker
that was killed, as Linux does when memory runs out, is followed by one with half as many lines
in flight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault
from voicepipe.workers.backend import Exited, Ready
from voicepipe.workers.jobs import Outcome
from voicepipe.workers.places import CPU

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from voicepipe.workers.backend import Report, WorkerBackend
    from voicepipe.workers.jobs import Orders
    from voicepipe.workers.workload import Workload

_IDLE_DEATHS = 3
"""Workers that may die one after the other without having begun a line before the machine is
blamed."""
_TICK_S = 0.2
"""How long a one to stop may go unnoticed while nothing is reported."""
_KILLED = "SIGKILL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """A worker died by itself; what it held is tried again."""

    held: tuple[int, ...]
    """Numbers of the jobs it had begun."""
    cause: str
    lines_at_once: int = 0
    """How many lines its successor will have in flight at most; 0: as before."""


RunEvent = Outcome | Death


def work_off(
    work: Workload, backend: WorkerBackend, orders: Orders, *, is_stopped: Callable[[], bool]
) -> Generator[RunEvent, None, None]:
    """Hand out every job and yield what becomes of it.

    Args:
        work: The jobs, for as many workers as the backend has places.
        backend: Whoever works them off; closed by the caller.
        orders: What holds for every worker; each gets the device of its place.
        is_stopped: Asked often; once it says yes, nothing new begins and what is in hand is ended.
            What it raises is passed on.

    Yields:
        One `Outcome` for every job that was begun, as it comes, and `Death` in between.

    Raises:
        EnvironmentFault: Workers die again and again before they begin a line.
    """
    yield from _Scheduler(work, backend, orders, is_stopped).run_events()


def _orders_at(device: str, orders: Orders) -> Orders:
    # A worker on the processor has a core of its own, and finishes on it what nobody listens to.
    finishers = orders.cpu_finishers if device == CPU else orders.finishers
    return replace(orders, device=device, finishers=finishers)


class _Scheduler:
    def __init__(
        self, work: Workload, backend: WorkerBackend, orders: Orders, is_stopped: Callable[[], bool]
    ) -> None:
        self._work = work
        self._backend = backend
        self._is_stopped = is_stopped
        self._orders = [_orders_at(device, orders) for device in backend.places]
        self._present: set[int] = set()
        self._useful: set[int] = set()  # places whose worker has ended a job
        self._wanting: set[int] = set()
        self._idle_deaths = 0
        self._is_ending = False

    def run_events(self) -> Generator[RunEvent, None, None]:
        while not self._work.is_done and not self._is_stopped():
            self._fill_vacancies()
            self._serve()
            yield from self._listen()
        self._is_ending = True
        for place in self._present:
            self._backend.release(place)
        while not self._work.is_done and self._present:
            self._is_stopped()
            yield from self._listen()

    def _fill_vacancies(self) -> None:
        n_idle = sum(not self._work.held(place) for place in self._present)
        n_wanted = self._work.n_waiting - n_idle
        for place, orders in enumerate(self._orders):
            if place not in self._present and n_wanted > 0:
                self._backend.start_worker(place, orders)
                self._present.add(place)
                self._useful.discard(place)
                n_wanted -= 1

    def _serve(self) -> None:
        for place in sorted(self._wanting, key=lambda place: -self._work.room_s(place)):
            piece = self._work.take(place)
            if piece:
                self._wanting.discard(place)
                self._backend.submit(place, piece)

    def _listen(self) -> Generator[RunEvent, None, None]:
        for place, report in self._backend.reports(_TICK_S):
            if isinstance(report, Outcome):
                self._idle_deaths = 0
                self._useful.add(place)
                if self._work.end(place, report.number) is not None:
                    yield report
            else:
                yield from self._note(place, report)

    def _note(self, place: int, report: Report) -> Generator[RunEvent, None, None]:
        if isinstance(report, Ready):
            self._wanting.add(place)
            return
        self._present.discard(place)
        self._wanting.discard(place)
        if report.cause:
            yield from self._on_death(place, report)
        else:
            self._work.give_back(place)
            self._blame_machine(report, was_idle=place not in self._useful)

    def _on_death(self, place: int, report: Exited) -> Generator[RunEvent, None, None]:
        held = self._work.held(place)
        begun = held if report.begun is None else tuple(n for n in held if n in report.begun)
        fewer = 0
        if _KILLED in report.cause and len(begun) > 1:
            fewer = len(begun) // 2
            self._orders[place] = replace(self._orders[place], lines_at_once=fewer)
        guilty = self._work.give_back(place, begun)
        if not guilty:
            yield Death(held=begun, cause=report.cause, lines_at_once=fewer)
        for number in guilty:
            failure = f"the worker process died on this line twice ({report.cause})"
            self._work.end(place, number)
            yield Outcome(number=number, failure=failure)
        self._blame_machine(report, was_idle=not begun)

    def _blame_machine(self, report: Exited, *, was_idle: bool) -> None:
        """Give up when one worker after the other is of no use."""
        self._idle_deaths = self._idle_deaths + 1 if was_idle else 0
        if self._idle_deaths >= _IDLE_DEATHS and not self._is_ending:
            raise EnvironmentFault(
                "worker processes die before they begin a line "
                f"({report.cause or 'without an error'})",
                remedy="look at memory and at the system's log; try --jobs 1",
            )

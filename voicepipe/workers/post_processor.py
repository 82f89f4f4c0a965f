"""Where takes are judged and finished: in the worker itself, or in processes beside it.

On the processor a worker finishes its own clips: there is one process a core, and nothing waits.
A device of another kind would stand still meanwhile, so there the finishing, its hashes and its
files are the work of processes of their own; only so many takes wait for them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from voicepipe.memory import FreedMemory
from voicepipe.workers.finishing import Finisher
from voicepipe.workers.finishing_processes import fresh_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future

    from voicepipe.engines.protocol import Rendered
    from voicepipe.qc.retakes import Tried
    from voicepipe.workers.choosing import FinisherSetup
    from voicepipe.workers.jobs import ClipJob, MakeAgain, Outcome

ResultT = TypeVar("ResultT")

_GROWTH_MB = 8.0
"""What listening to a clip takes besides models, about: little beside them to look through."""
_WAITING_EACH = 4
"""Takes that wait for each finishing process at most: half a second of work, a few megabytes."""


class PostProcessor(Protocol):
    """Finishes jobs and says what became of each, in another thread perhaps.

    Of a job without a take whose stored one was damaged it says None.
    """

    def keep(
        self,
        number: int,
        job: ClipJob,
        attempts: Sequence[Rendered],
        then: Callable[[Outcome | MakeAgain], None],
        *,
        n_left: int,
        tried: tuple[Tried, ...] = (),
    ) -> None:
        """Judge what was made, store the take and finish its clip, as `Finisher.keep`."""
        ...

    def without_engine(
        self, number: int, job: ClipJob, then: Callable[[Outcome | None], None]
    ) -> None:
        """Finish what is stored or recorded, as `Finisher.without_engine`."""
        ...

    def drain(self) -> None:
        """Wait until everything that was handed over is done."""
        ...

    def close(self) -> None:
        """Wait until everything is done, and hand over nothing more."""
        ...


class InlinePostProcessor:
    """Everything at once, in this process."""

    def __init__(self, finisher: Finisher) -> None:
        self._finisher = finisher

    def keep(
        self,
        number: int,
        job: ClipJob,
        attempts: Sequence[Rendered],
        then: Callable[[Outcome | MakeAgain], None],
        *,
        n_left: int,
        tried: tuple[Tried, ...] = (),
    ) -> None:
        """Judge what was made, store the take and finish its clip."""
        then(self._finisher.keep(number, job, attempts, n_left=n_left, tried=tried))

    def without_engine(
        self, number: int, job: ClipJob, then: Callable[[Outcome | None], None]
    ) -> None:
        """Finish what is stored or recorded."""
        then(self._finisher.without_engine(number, job))

    def drain(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Nothing is left to do."""


class PooledPostProcessor:
    """Processes beside this one.

    Args:
        setup: What each of them makes its finisher with.
        n_processes: At least 1.
        executor: They are at the other end of it; shut down when the work is done.
    """

    def __init__(self, setup: FinisherSetup, n_processes: int, executor: Executor) -> None:
        self._setup = setup
        self._n_free = _WAITING_EACH * n_processes
        self._n_places = self._n_free
        self._changed = threading.Condition()
        self._executor = executor

    def keep(
        self,
        number: int,
        job: ClipJob,
        attempts: Sequence[Rendered],
        then: Callable[[Outcome | MakeAgain], None],
        *,
        n_left: int,
        tried: tuple[Tried, ...] = (),
    ) -> None:
        """Judge, store and finish; waits while too many are waiting."""
        self._take_place()
        future = self._executor.submit(_keep, self._setup, number, job, attempts, n_left, tried)
        future.add_done_callback(lambda done: self._done(done, then))

    def without_engine(
        self, number: int, job: ClipJob, then: Callable[[Outcome | None], None]
    ) -> None:
        """Finish what is stored or recorded; waits while too many are waiting."""
        self._take_place()
        future = self._executor.submit(_without_engine, self._setup, number, job)
        future.add_done_callback(lambda done: self._done(done, then))

    def drain(self) -> None:
        """Wait until everything that was handed over is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._n_free == self._n_places)

    def close(self) -> None:
        """Wait until everything is done, and end the processes."""
        self.drain()
        self._executor.shutdown(wait=True)

    def _take_place(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._n_free > 0)
            self._n_free -= 1

    def _done(self, future: Future[ResultT], then: Callable[[ResultT], None]) -> None:
        if future.exception() is not None:
            _die()  # a process beside us was killed: whoever looks after us looks after both
        then(future.result())
        with self._changed:
            self._n_free += 1
            self._changed.notify_all()


def post_processor_for(
    finisher: Finisher, n_processes: int, beside: Executor | None = None
) -> PostProcessor:
    """Make the post-processor of a worker; without processes it is its own.

    Args:
        finisher: The worker's; processes make theirs with the same setup.
        n_processes: 0: none.
        beside: So many processes, where they were started already.
    """
    if n_processes:
        executor = fresh_processes(n_processes) if beside is None else beside
        return PooledPostProcessor(finisher.setup, n_processes, executor)
    return InlinePostProcessor(finisher)


@lru_cache(maxsize=1)
def _finisher(setup: FinisherSetup) -> Finisher:
    return Finisher(setup)


@lru_cache(maxsize=1)
def _freed() -> FreedMemory:
    return FreedMemory(_GROWTH_MB)


def _keep(
    setup: FinisherSetup,
    number: int,
    job: ClipJob,
    attempts: Sequence[Rendered],
    n_left: int,
    tried: tuple[Tried, ...],
) -> Outcome | MakeAgain:
    freed = _freed()
    outcome = _finisher(setup).keep(number, job, attempts, n_left=n_left, tried=tried)
    freed.give_back()
    return outcome


def _without_engine(setup: FinisherSetup, number: int, job: ClipJob) -> Outcome | None:
    return _finisher(setup).without_engine(number, job)


def _die() -> None:
    if sys.platform == "win32":
        os._exit(1)
    os.kill(os.getpid(), signal.SIGKILL)

"""Where takes are finished: in the worker itself, or in processes beside it.

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
from typing import TYPE_CHECKING, Protocol

from loky import ProcessPoolExecutor

from voicepipe.workers.finishing import Finisher
from voicepipe.workers.lifeline import ENVIRONMENT, tie_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.workers.jobs import ClipJob, Outcome

_WAITING_EACH = 4
"""Takes that wait for each finishing process at most: half a second of work, a few megabytes."""


class PostProcessor(Protocol):
    """Finishes jobs and says when each is done, in another thread perhaps."""

    def keep(
        self,
        number: int,
        job: ClipJob,
        spoken: SynthesisRequest,
        clip: AudioClip,
        then: Callable[[Outcome | None], None],
    ) -> None:
        """Store a take and finish its clip, as `Finisher.keep`."""
        ...

    def without_engine(
        self, number: int, job: ClipJob, then: Callable[[Outcome | None], None]
    ) -> None:
        """Finish what is stored or recorded, as `Finisher.without_engine`."""
        ...

    def close(self) -> None:
        """Wait until everything is done."""
        ...


class InlinePostProcessor:
    """Everything at once, in this process."""

    def __init__(self, finisher: Finisher) -> None:
        self._finisher = finisher

    def keep(
        self,
        number: int,
        job: ClipJob,
        spoken: SynthesisRequest,
        clip: AudioClip,
        then: Callable[[Outcome | None], None],
    ) -> None:
        """Store a take and finish its clip."""
        then(self._finisher.keep(number, job, spoken, clip))

    def without_engine(
        self, number: int, job: ClipJob, then: Callable[[Outcome | None], None]
    ) -> None:
        """Finish what is stored or recorded."""
        then(self._finisher.without_engine(number, job))

    def close(self) -> None:
        """Nothing is left to do."""


class PooledPostProcessor:
    """Processes beside this one.

    Args:
        out: The output folder.
        n_processes: At least 1.
    """

    def __init__(self, out: Path, n_processes: int) -> None:
        self._out = out
        self._n_free = _WAITING_EACH * n_processes
        self._n_places = self._n_free
        self._changed = threading.Condition()
        self._executor = ProcessPoolExecutor(
            max_workers=n_processes,
            env=ENVIRONMENT,
            initializer=tie_to_parent,
            initargs=(os.getpid(),),
        )

    def keep(
        self,
        number: int,
        job: ClipJob,
        spoken: SynthesisRequest,
        clip: AudioClip,
        then: Callable[[Outcome | None], None],
    ) -> None:
        """Store a take and finish its clip; waits while too many are waiting."""
        self._take_place()
        future = self._executor.submit(_keep, self._out, number, job, spoken, clip)
        future.add_done_callback(lambda done: self._done(done, then))

    def without_engine(
        self, number: int, job: ClipJob, then: Callable[[Outcome | None], None]
    ) -> None:
        """Finish what is stored or recorded; waits while too many are waiting."""
        self._take_place()
        future = self._executor.submit(_without_engine, self._out, number, job)
        future.add_done_callback(lambda done: self._done(done, then))

    def close(self) -> None:
        """Wait until everything is done, and end the processes."""
        with self._changed:
            self._changed.wait_for(lambda: self._n_free == self._n_places)
        self._executor.shutdown(wait=True)

    def _take_place(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._n_free > 0)
            self._n_free -= 1

    def _done(self, future: Future[Outcome | None], then: Callable[[Outcome | None], None]) -> None:
        if future.exception() is not None:
            _die()  # a process beside us was killed: whoever looks after us looks after both
        then(future.result())
        with self._changed:
            self._n_free += 1
            self._changed.notify_all()


def post_processor_for(out: Path, finisher: Finisher, n_processes: int) -> PostProcessor:
    """Make the post_processor of a worker; without processes it is its own."""
    return PooledPostProcessor(out, n_processes) if n_processes else InlinePostProcessor(finisher)


@lru_cache(maxsize=1)
def _finisher(out: Path) -> Finisher:
    return Finisher(out)


def _keep(
    out: Path, number: int, job: ClipJob, spoken: SynthesisRequest, clip: AudioClip
) -> Outcome:
    return _finisher(out).keep(number, job, spoken, clip)


def _without_engine(out: Path, number: int, job: ClipJob) -> Outcome | None:
    return _finisher(out).without_engine(number, job)


def _die() -> None:
    if sys.platform == "win32":
        os._exit(1)
    os.kill(os.getpid(), signal.SIGKILL)

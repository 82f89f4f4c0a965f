"""Worker processes of this machine: one a place, started through loky, which joblib runs on.

Each has two pipes' ends of its own, so that the death of one leaves the others at work.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from loky.backend.context import get_context

from voicepipe.child_processes import ENVIRONMENT
from voicepipe.workers.backend import Exited
from voicepipe.workers.entry import attend
from voicepipe.workers.inflight_journal import collect_inflight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import Numbered, Orders, Outcome

_LAST_WORDS_S = 5.0
"""How long a process may take to be gone after its pipe has closed."""
_FAREWELL_S = 2.0
"""How long a worker that was released may take to end the processes beside it: else the locks it
shares with them are left to others to remove, who complain of it."""


class ProcessBackend:
    """Processes of this machine.

    Args:
        places: The device at every place.
        spare: A process that was started ahead: it becomes the first worker.
    """

    def __init__(self, places: Sequence[str], spare: SpareWorker | None = None) -> None:
        self._places = tuple(places)
        self._spare = spare
        self._workers: dict[int, _Worker] = {}

    @property
    def places(self) -> tuple[str, ...]:
        """The device at every place."""
        return self._places

    def start_worker(self, place: int, orders: Orders) -> None:
        """Start a process at a vacant place."""
        assert place not in self._workers, "one worker a place"
        worker = None if self._spare is None else self._spare.take()
        self._workers[place] = worker or _Worker()
        self._workers[place].begin(orders)

    def submit(self, place: int, jobs: Sequence[Numbered]) -> None:
        """Give a worker a piece of work; a dead one loses it."""
        self._workers[place].send(tuple(jobs))

    def release(self, place: int) -> None:
        """Tell a worker that nothing more comes."""
        self._workers[place].send(None)

    def reports(self, timeout_s: float) -> Sequence[tuple[int, Report | Outcome]]:
        """Wait for reports, at most for a time; see `WorkerBackend.reports`."""
        ready = set(wait([worker.connection for worker in self._workers.values()], timeout_s))
        places = [place for place, worker in self._workers.items() if worker.connection in ready]
        return [(place, self._report(place)) for place in places]

    def _report(self, place: int) -> Report | Outcome:
        try:
            report: Report | Outcome = self._workers[place].connection.recv()
        except (EOFError, OSError):  # it is gone, in the midst of a message perhaps
            return self._workers.pop(place).buried()
        return report

    def close(self) -> None:
        """Kill all workers and wait until they are gone."""
        while self._workers:
            self._workers.popitem()[1].kill()


class SpareWorker:
    """A process that loads what it will need while its work is still being planned.

    Args:
        modules: What it loads.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._worker: _Worker | None = _Worker(modules)

    @property
    def pid(self) -> int | None:
        """Of the process, until somebody takes it."""
        return None if self._worker is None else self._worker.pid

    def take(self) -> _Worker | None:
        """Give the process away, once."""
        worker, self._worker = self._worker, None
        return worker

    def close(self) -> None:
        """End the process if nobody took it."""
        worker = self.take()
        if worker is not None:
            worker.kill()


class _Worker:
    def __init__(self, modules: Sequence[str] = ()) -> None:
        context = get_context("loky")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self._orders: Orders | None = None
        self._is_released = False
        self._process: BaseProcess = context.Process(
            target=attend, args=(theirs, os.getpid(), tuple(modules)), env=ENVIRONMENT
        )
        self._process.start()
        theirs.close()  # or the end of the process would not end the pipe

    @property
    def pid(self) -> int | None:
        """Of the process."""
        return self._process.pid

    def begin(self, orders: Orders) -> None:
        """Give a process its orders, before any work."""
        self._orders = orders
        with contextlib.suppress(OSError):  # it has died, which its pipe will tell
            self.connection.send(orders)

    def send(self, message: tuple[Numbered, ...] | None) -> None:
        self._is_released |= message is None
        with contextlib.suppress(OSError):  # it has died, which its pipe will tell
            self.connection.send(message)

    def buried(self) -> Exited:
        """See off a process that has closed its pipe."""
        self._process.join(_LAST_WORDS_S)
        self._end()
        assert self._orders is not None, "whoever reports was given orders"
        folder, begun = self._orders.journals, None
        if folder is not None:
            begun = collect_inflight(folder, self._process.pid)
        # Who leaves in order has ended what it began, whatever its exit code.
        cause = cause_of_death(self._process.exitcode) or ("EXIT(0)" if begun else "")
        return Exited(cause=cause, begun=begun)

    def kill(self) -> None:
        """End it whatever it is doing, and wait until it is gone."""
        if self._is_released and self._orders is not None and self._orders.finishers:
            self._process.join(_FAREWELL_S)
        self._end()

    def _end(self) -> None:
        if self._process.exitcode is None:
            if sys.platform == "win32":
                self._process.terminate()
            else:  # loky's processes have no `kill`
                assert self._process.pid is not None
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        self.connection.close()


def cause_of_death(code: int | None) -> str:
    """Say how a process ended: `SIGSEGV(-11)`, `EXIT(1)`; empty when it ended well."""
    if not code:
        return ""
    if code > 0:
        return f"EXIT({code})"
    try:
        return f"{signal.Signals(-code).name}({code})"
    except ValueError:  # a real-time signal
        return f"SIGNAL({code})"

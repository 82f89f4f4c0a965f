"""Worker processes of this machine: one a place.

Each has two pipes' ends of its own, so that the death of one leaves the others at work.
"""

from __future__ import annotations

import contextlib
import signal
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from voicepipe.workers.backend import Exited
from voicepipe.workers.fork_server import CAN_FORK, ForkServer
from voicepipe.workers.inflight_journal import collect_inflight
from voicepipe.workers.places import CPU
from voicepipe.workers.spawning import SpawnedProcess, Spawner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import Numbered, Orders, Outcome
    from voicepipe.workers.spawning import ProcessStarter, WorkerProcess

_LAST_WORDS_S = 5.0
"""How long a process may take to be gone after its pipe has closed."""
_FAREWELL_S = 2.0
"""How long a worker that was released may take to end the processes beside it: else the locks it
shares with them are left to others to remove, who complain of it."""


def process_starter(modules: Sequence[str]) -> ProcessStarter:
    """Begin to load what workers on the processor need.

    Args:
        modules: What takes long to load.
    """
    return ForkServer(modules) if CAN_FORK else Spawner(modules)


class ProcessBackend:
    """Processes of this machine.

    Args:
        places: The device at every place.
        modules: What workers on the processor need and takes long to load.
        starter: Of workers on the processor, where one was begun ahead; closed by whoever began it.
    """

    def __init__(
        self,
        places: Sequence[str],
        *,
        modules: Sequence[str] = (),
        starter: ProcessStarter | None = None,
    ) -> None:
        self._places = tuple(places)
        self._modules = tuple(modules)
        self._starter = starter
        self._closed = contextlib.ExitStack()
        self._workers: dict[int, _Worker] = {}

    @property
    def places(self) -> tuple[str, ...]:
        """The device at every place."""
        return self._places

    def start_worker(self, place: int, orders: Orders) -> None:
        """Start a process at a vacant place."""
        assert place not in self._workers, "one worker a place"
        self._workers[place] = _Worker(self._started(self._places[place]), orders)

    def _started(self, device: str) -> WorkerProcess:
        if device != CPU:  # its libraries start threads of their own
            return SpawnedProcess()
        if self._starter is None:
            self._starter = process_starter(self._modules)
            self._closed.callback(self._starter.close)
        return self._starter.start()

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
        self._closed.close()


class _Worker:
    def __init__(self, process: WorkerProcess, orders: Orders) -> None:
        self._process = process
        self._orders = orders
        self._is_released = False
        with contextlib.suppress(OSError):  # it has died, which its pipe will tell
            self.connection.send(orders)

    @property
    def connection(self) -> Connection:
        """Of the process."""
        return self._process.connection

    def send(self, message: tuple[Numbered, ...] | None) -> None:
        self._is_released |= message is None
        with contextlib.suppress(OSError):  # it has died, which its pipe will tell
            self.connection.send(message)

    def buried(self) -> Exited:
        """See off a process that has closed its pipe."""
        ended = self._process.end(_LAST_WORDS_S)
        folder, begun = self._orders.journals, None
        if folder is not None and ended.pid is not None:
            begun = collect_inflight(folder, ended.pid)
        # Who leaves in order has ended what it began, whatever its exit code.
        cause = cause_of_death(ended.code) or ("EXIT(0)" if begun else "")
        return Exited(cause=cause, begun=begun)

    def kill(self) -> None:
        """End it whatever it is doing, and wait until it is gone."""
        self._process.end(_FAREWELL_S if self._is_released and self._orders.finishers else 0.0)


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

"""Worker processes that are started each by itself, through loky, which joblib runs on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

from loky.backend.context import get_context

from voicepipe.child_processes import ENVIRONMENT
from voicepipe.workers.entry import attend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess


class Ended(NamedTuple):
    """What is known of a process that is gone."""

    pid: int | None
    """None: unknown."""
    code: int | None
    """Negative: the signal it died of; None: unknown."""


class WorkerProcess(Protocol):
    """A worker's process, however it was started."""

    connection: Connection
    """Closed by the other side when the process ends, whatever it ended by."""

    def end(self, within_s: float) -> Ended:
        """Let it end for a time, then kill it, and wait until it is gone."""
        ...


class ProcessStarter(Protocol):
    """Starts workers' processes. One is begun ahead: it loads while work is still planned."""

    @property
    def pid(self) -> int | None:
        """Of the process that was begun ahead, while it is there."""
        ...

    def start(self) -> WorkerProcess:
        """Start a process that takes orders; returns at once."""
        ...

    def close(self) -> None:
        """End what was begun ahead; workers it gave are ended by who has them."""
        ...


def begin_process(
    target: Callable[..., None], *args: object, modules: Sequence[str]
) -> tuple[BaseProcess, Connection]:
    """Start a process of a fresh interpreter with a pipe to this one.

    Args:
        target: Called over there with its end of the pipe, our process id, the modules, and:
        args: More.
        modules: What it is to load.

    Returns:
        The process, and our end.
    """
    context = get_context("loky")
    ours, theirs = context.Pipe()
    process: BaseProcess = context.Process(
        target=target, args=(theirs, os.getpid(), tuple(modules), *args), env=ENVIRONMENT
    )
    process.start()
    theirs.close()  # or the end of the process would not end the pipe
    return process, ours


def end_process(process: BaseProcess, within_s: float = 0.0) -> None:
    """Let a child of ours end for a time, then kill it, and wait until it is gone."""
    process.join(within_s)
    if process.exitcode is None:
        if sys.platform == "win32":
            process.terminate()
        else:  # loky's processes have no `kill`
            assert process.pid is not None
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
    process.join()


class SpawnedProcess:
    """A process of a fresh interpreter.

    Args:
        modules: What it loads while it has no orders.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self.connection: Connection
        self._process, self.connection = begin_process(attend, modules=modules)

    @property
    def pid(self) -> int | None:
        """Of the process."""
        return self._process.pid

    def end(self, within_s: float) -> Ended:
        """Let it end for a time, then kill it, and wait until it is gone."""
        end_process(self._process, within_s)
        self.connection.close()
        return Ended(self._process.pid, self._process.exitcode)


class Spawner:
    """Starts a process of a fresh interpreter for each worker.

    Args:
        modules: What the first one loads while it has no orders.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._first: SpawnedProcess | None = SpawnedProcess(modules)

    @property
    def pid(self) -> int | None:
        """Of the process that was begun ahead, until it is a worker."""
        return None if self._first is None else self._first.pid

    def start(self) -> SpawnedProcess:
        """Start a process that takes orders, the one begun ahead first."""
        first, self._first = self._first, None
        return first or SpawnedProcess()

    def close(self) -> None:
        """End what was begun ahead and is no worker."""
        if self._first is not None:
            self._first.end(0.0)
            self._first = None

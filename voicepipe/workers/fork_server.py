"""Worker processes that are forked from one that has loaded what they need.

Libraries and their tables are then in memory once, and loaded once: a worker of its own takes a
second or two, and 300 MiB that no other process shares. The server computes nothing, has one
thread, and never touches a device, so a fork of it is a process like any other.

Parent and server talk over a pipe of theirs. A server whose parent is gone ends its workers and
itself; a worker whose server is gone ends itself (`entry.attend_forked`).
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from voicepipe.workers.entry import attend_forked
from voicepipe.workers.spawning import Ended, begin_process, end_process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess

CAN_FORK: Final = sys.platform == "linux"
"""Elsewhere libraries start threads when they are loaded (macOS), or there is no fork (Windows)."""
_LOOK_EVERY_S = 0.5
_GONE_WITHIN_S = 10.0
"""How long a worker may take to notice that its server is gone."""


class _End(NamedTuple):
    """What the parent asks for; a fork is asked for by None, and a handle that follows."""

    number: int
    """Workers count from 0."""
    within_s: float


class ForkServer:
    """A process that has loaded what workers need, and forks one whenever it is asked to.

    Args:
        modules: What it loads. One that does not load is left to the workers, who say why.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._modules = tuple(modules)
        self._server = _Server(self._modules)

    @property
    def pid(self) -> int | None:
        """Of the server, until it is gone."""
        return self._server.pid

    def start(self) -> ForkedProcess:
        """Ask for a process that takes orders; it begins as soon as the server has loaded."""
        if self._server.pid is None:  # killed by somebody
            self._server.close()
            self._server = _Server(self._modules)
        return ForkedProcess(self._server)

    def close(self) -> None:
        """End the server, and with it workers that are left."""
        self._server.close()


class ForkedProcess:
    """A process that a server forks for us."""

    def __init__(self, server: _Server) -> None:
        self.connection: Connection
        self._server = server
        self._number, self.connection = server.fork()

    def end(self, within_s: float) -> Ended:
        """Let it end for a time, then kill it, and wait until it is gone."""
        try:
            ended = self._server.end(self._number, within_s)
        except (EOFError, OSError):  # the server is gone, and with it all its workers
            with contextlib.suppress(EOFError, OSError):
                while self.connection.poll(_GONE_WITHIN_S):
                    self.connection.recv_bytes()
            ended = Ended(None, self._server.closed())
        self.connection.close()
        return ended


class _Server:
    """A server, as long as it lives."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._process, self._control = begin_process(serve_forks, modules=modules)
        self._n_forked = 0
        self._has_loaded = False

    @property
    def pid(self) -> int | None:
        """None: it is gone."""
        return self._process.pid if self._process.exitcode is None else None

    def fork(self) -> tuple[int, Connection]:
        ours, theirs = multiprocessing.Pipe()
        assert self._process.pid is not None
        with contextlib.suppress(OSError):  # it has died, which the worker's pipe will tell
            self._control.send(None)
            send_handle(self._control, theirs.fileno(), self._process.pid)
        theirs.close()
        self._n_forked += 1
        return self._n_forked - 1, ours

    def end(self, number: int, within_s: float) -> Ended:
        if not self._has_loaded and not within_s and not self._control.poll():
            self.close()  # it has no workers yet, and nobody waits until it has
        if not self._has_loaded:
            self._control.recv()
            self._has_loaded = True
        self._control.send(_End(number, within_s))
        ended: Ended = self._control.recv()
        return ended

    def closed(self) -> int | None:
        """End it; gives its exit code."""
        self._control.close()
        end_process(self._process)
        return self._process.exitcode

    def close(self) -> None:
        self.closed()


def serve_forks(control: Connection, parent: int, modules: Sequence[str]) -> None:
    """Load modules, then fork workers until the parent is gone.

    Args:
        control: What is asked for comes in; that it has loaded goes out, and how workers ended.
        parent: Process id of whoever asks.
        modules: What workers need.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # workers are ended by the parent, in order
    gc.disable()  # what is loaded is no garbage, and looking at it takes a tenth of the time
    import_module("voicepipe.workers.worker")
    for module in modules:
        with contextlib.suppress(ImportError):  # a worker imports it again, and says why not
            import_module(module)
    # The collector writes to whatever it looks at, and each process would get a copy of it.
    gc.collect()
    gc.freeze()
    gc.enable()
    control.send(None)
    workers: list[BaseProcess] = []
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        while _is_awaited(control, parent):
            asked: _End | None = control.recv()
            if asked is None:
                workers.append(_forked(control, Connection(recv_handle(control))))
            else:
                worker = workers[asked.number]
                end_process(worker, asked.within_s)
                control.send(Ended(worker.pid, worker.exitcode))
    for worker in workers:
        end_process(worker)


def _is_awaited(control: Connection, parent: int) -> bool:
    """Wait until something is asked for; False: the parent is gone."""
    while not control.poll(_LOOK_EVERY_S):
        if os.getppid() != parent:
            return False
    return True


def _forked(control: Connection, connection: Connection) -> BaseProcess:
    # A library that has started threads may hold locks in them: then a fresh interpreter is used.
    is_alone = len(list(Path("/proc/self/task").iterdir())) == 1
    context: Any = multiprocessing.get_context("fork" if is_alone else "loky")
    worker: BaseProcess = context.Process(target=_attend, args=(control, connection, os.getpid()))
    worker.start()
    connection.close()
    return worker


def _attend(control: Connection, connection: Connection, server: int) -> None:
    control.close()  # or the server's end would not end the pipe
    attend_forked(connection, server)

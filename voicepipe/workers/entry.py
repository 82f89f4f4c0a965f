"""The door into a worker process: cheap to import for whoever only hands out work."""

from __future__ import annotations

import threading
from importlib import import_module
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from voicepipe.child_processes import tie_to_parent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from voicepipe.workers.jobs import Orders

    Inbox = SimpleQueue[Any]
    """The orders, then `tuple[Numbered, ...]`; None: there will be no more."""


def attend(connection: Connection, parent: int, modules: Sequence[str] = ()) -> None:
    """Work as a process until released; what computes is imported over here.

    Args:
        connection: The worker's orders come in, then pieces of work; reports go out.
        parent: Process id of whoever hands out the work.
        modules: Loaded while the orders are still awaited.
    """
    tie_to_parent(parent)
    # Read at once, whatever the engine is at: the parent must never wait for one worker.
    inbox = _filled_from(connection)
    from voicepipe.workers.worker import serve  # noqa: PLC0415 -- seconds, not in the parent

    for module in modules:
        import_module(module)
    orders: Orders | None = inbox.get()
    if orders is not None:  # otherwise there was nothing to do
        serve(orders, inbox, connection.send)


def attend_forked(connection: Connection, parent: int) -> None:
    """Work as `attend`, as a process that was forked from one that has loaded everything.

    Processes beside it are forked from it in turn, before it has threads or memory of its own.
    """
    try:
        orders: Orders | None = connection.recv()
    except (EOFError, OSError):  # there was nothing to do
        return
    from voicepipe.workers.finishing_processes import forked_processes  # noqa: PLC0415
    from voicepipe.workers.worker import serve  # noqa: PLC0415

    assert orders is not None, "nobody is released before he has orders"
    beside = forked_processes(orders.finishers, connection) if orders.finishers else None
    tie_to_parent(parent)
    serve(orders, _filled_from(connection), connection.send, beside)


def _filled_from(connection: Connection) -> Inbox:
    inbox: Inbox = SimpleQueue()
    threading.Thread(target=_read, args=(connection, inbox), daemon=True).start()
    return inbox


def _read(connection: Connection, inbox: Inbox) -> None:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):  # the parent is gone; the lifeline ends this process
            message = None
        inbox.put(message)
        if message is None:
            return

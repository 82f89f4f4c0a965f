"""The door into a worker process: cheap to import for whoever only hands out work."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from voicepipe.child_processes import tie_to_parent

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from voicepipe.workers.jobs import Numbered, Orders

    Inbox = SimpleQueue[tuple[Numbered, ...] | None]


def attend(orders: Orders, connection: Connection, parent: int) -> None:
    """Work as a process until released; what computes is imported over here.

    Args:
        orders: The worker's own.
        connection: Pieces of work come in, reports go out.
        parent: Process id of whoever hands out the work.
    """
    tie_to_parent(parent)
    inbox: Inbox = SimpleQueue()
    # Read at once, whatever the engine is at: the parent must never wait for one worker.
    threading.Thread(target=_read, args=(connection, inbox), daemon=True).start()
    from voicepipe.workers.worker import serve  # noqa: PLC0415 -- seconds, not in the parent

    serve(orders, inbox, connection.send)


def _read(connection: Connection, inbox: Inbox) -> None:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):  # the parent is gone; the lifeline ends this process
            message = None
        inbox.put(message)
        if message is None:
            return

"""A worker's end of the line: pieces of work as they come, asked for before they run out."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from voicepipe.workers.backend import Ready

if TYPE_CHECKING:
    from collections.abc import Callable
    from queue import SimpleQueue

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import Numbered

_LEFT_WHEN_ASKING = 1
"""Jobs still here when the next piece is asked for: an engine never waits for an answer, and
little lies about that another worker could begin."""


class Feed:
    """Jobs one by one.

    Args:
        inbox: Pieces of work, filled by other threads; None: there will be no more.
        tell: Takes the worker's requests for more.
    """

    def __init__(
        self, inbox: SimpleQueue[tuple[Numbered, ...] | None], tell: Callable[[Report], None]
    ) -> None:
        self._inbox = inbox
        self._tell = tell
        self._here: deque[Numbered] = deque()
        self._has_asked = False
        self._is_closed = False
        self._is_woken = False
        self._waited_s = 0.0

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes."""
        return self._is_closed

    def next(self, *, wait: bool) -> Numbered | None:
        """Give a job.

        Args:
            wait: Until there is one, or there will be none, or `wake` is called.

        Returns:
            None: there is none now, or, once the feed is closed, none ever.
        """
        self._receive()
        started = time.perf_counter()
        while wait and not (self._here or self._is_closed or self._is_woken):
            self._accept(self._inbox.get())
        self._is_woken = False
        self._waited_s += time.perf_counter() - started
        job = self._here.popleft() if self._here else None
        self._ask()
        return job

    def put_back(self, job: Numbered) -> None:
        """Have a job come next again."""
        self._here.appendleft(job)

    def again(self, job: Numbered) -> None:
        """Have a job come again some time; from any thread."""
        self._inbox.put((job,))

    def wake(self) -> None:
        """Have whoever waits for a job look at what else there is to do; from any thread."""
        self._inbox.put(())

    def close(self) -> None:
        """Give nothing more; what is here goes to another worker. From any thread."""
        self._inbox.put(None)

    def waited_s(self) -> float:
        """Seconds spent waiting for work since this was last asked."""
        waited_s, self._waited_s = self._waited_s, 0.0
        return waited_s

    def _receive(self) -> None:
        self._ask()
        while not (self._is_closed or self._inbox.empty()):  # nobody else takes from it
            self._accept(self._inbox.get())

    def _accept(self, piece: tuple[Numbered, ...] | None) -> None:
        if piece is None:
            self._is_closed = True
            self._here.clear()
            return
        if not piece:
            self._is_woken = True
            return
        self._here.extend(piece)
        self._has_asked = False
        self._ask()

    def _ask(self) -> None:
        if len(self._here) <= _LEFT_WHEN_ASKING and not (self._has_asked or self._is_closed):
            self._has_asked = True
            self._tell(Ready())

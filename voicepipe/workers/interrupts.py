"""Ctrl-C that is not lost.

Python raises `KeyboardInterrupt` wherever the main thread happens to be. In a destructor or a
callback of the collector it is printed and dropped, and a long render would go on as if nobody
had asked it to stop.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


@contextlib.contextmanager
def remembered_interrupts() -> Iterator[Callable[[], None]]:
    """Remember signals that ask to stop while this is open.

    Yields:
        A function that raises `KeyboardInterrupt` once one has come, wherever it got lost.
    """
    asked = threading.Event()

    def raise_if_asked() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    is_main = threading.current_thread() is threading.main_thread()
    wrapped = [number for number, handler in before.items() if is_main and callable(handler)]
    for number in wrapped:
        signal.signal(number, _remembering(before[number], asked))
    try:
        yield raise_if_asked
    finally:
        for number in wrapped:
            signal.signal(number, before[number])


def _remembering(
    handler: object, asked: threading.Event
) -> Callable[[int, FrameType | None], None]:
    def note(number: int, frame: FrameType | None) -> None:
        asked.set()
        assert callable(handler)
        handler(number, frame)

    return note

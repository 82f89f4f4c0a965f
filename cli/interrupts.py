"""Being told to stop by something other than a keyboard."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextlib.contextmanager
def stopping_politely() -> Iterator[None]:
    """Take the signals of a job that is cancelled, or of a closed terminal, for Ctrl-C.

    Otherwise the process would fall where it stands: worker processes, locks and temporary
    folders are only put away on the way out.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may ask for signals
        return
    wanted = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")]
    # One that is ignored already, as under nohup, stays ignored.
    numbers = [n for n in wanted if n is not None and signal.getsignal(n) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

"""Child processes: how many, with what environment, and that none outlives its parent.

A killed parent cannot tell its children; they look for themselves.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

ENVIRONMENT = {
    # One thread a process: bit-equal sums, and no fight over cores.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    # Threads that wait sleep: spinning would take the cores of the other workers.
    "OMP_WAIT_POLICY": "PASSIVE",
    "KMP_BLOCKTIME": "0",
}
"""What every child that computes is started with."""
_LOOK_EVERY_S = 0.5


def n_cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def tie_to_parent(parent: int) -> None:
    """Prepare a fresh worker process.

    Ctrl-C is left to the parent, which ends the workers in an orderly way; when the parent is
    gone, this process ends at once, and with it (their pipes close) the programs it started.

    Args:
        parent: Process id of whoever hands out the jobs.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch = _wait_on_windows if sys.platform == "win32" else _wait_on_posix
    threading.Thread(target=_follow, args=(watch, parent), daemon=True).start()


def _follow(watch: object, parent: int) -> None:
    assert callable(watch)
    watch(parent)
    os._exit(1)


def _wait_on_posix(parent: int) -> None:
    while os.getppid() == parent:  # an orphan is given another parent
        time.sleep(_LOOK_EVERY_S)


def _wait_on_windows(parent: int) -> None:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 -- WinDLL exists there only

        kernel = ctypes.WinDLL("kernel32")
        synchronize, forever = 0x0010_0000, 0xFFFF_FFFF
        handle = kernel.OpenProcess(synchronize, False, parent)
        kernel.WaitForSingleObject(handle, forever)

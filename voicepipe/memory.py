"""Memory: how much a process has, whether it ran out, and what can be left or given back."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


_SHORTAGE: Final = (
    "defaultcpuallocator",
    "not enough memory",
    "out of memory",
    "cannot allocate memory",
    "can't allocate memory",
    "bad_alloc",
    "could not create a primitive",
    "could not create a memory object",
    "status_alloc_failed",
)
"""What libraries under torch say in a plain RuntimeError: its own allocator (also on Windows),
the system, C++, oneDNN, which names no cause, and cuBLAS and cuDNN."""


@contextmanager
def collection_paused() -> Iterator[None]:
    """Make millions of records without the collector walking them again and again.

    They hold no cycles and are not garbage: a third of the time at 100,000 lines would go into
    passes that free nothing. Afterwards they are left out of later passes as well.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, on the processor or on another device."""
    # `torch.OutOfMemoryError` by its name: whoever asks need not import torch.
    is_named = any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__)
    if isinstance(error, MemoryError) or is_named:
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    said = str(error).casefold()
    return isinstance(error, RuntimeError) and any(words in said for words in _SHORTAGE)


def resident_mb() -> float:
    """Measure how much memory this process has now, in MiB.

    Returns:
        Its resident pages on Linux, the most it ever had elsewhere on POSIX, 0 on Windows.
    """
    if sys.platform == "win32":
        return 0.0
    pages = Path("/proc/self/statm")
    if pages.exists():
        n_pages = int(pages.read_text(encoding="ascii").split()[1])
        return n_pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    import resource  # noqa: PLC0415 -- POSIX only

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _PEAK_UNIT


def give_back_freed() -> None:
    """Give memory that was freed back to the system, where the C library would keep it.

    Between what is still in use it keeps all that was freed for what comes next, which after a
    model was loaded is as much as the model. Takes some 50 ms; nothing happens where the library
    is another one.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- only whoever loads models needs it

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's own
        if trim is not None:
            trim(0)


def give_back_contents(address: int, n_bytes: int) -> None:
    """Give memory whose contents nobody needs back to the system; it stays ours to write to.

    Args:
        address: Where it begins, in memory of this process alone.
        n_bytes: How much. What is left of its first and last page stays as it is; the rest reads
            as zeros. Nothing happens where the system is not Linux.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- only whoever loads models needs it

        page = os.sysconf("SC_PAGE_SIZE")
        begin, end = -(-address // page) * page, (address + n_bytes) // page * page
        if end > begin:
            madvise = ctypes.CDLL(None).madvise
            madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _DONTNEED)


class FreedMemory:
    """What large pieces of work leave behind, given back where it is worth the time.

    Args:
        growth_mb: By how much the process may grow before anything is done.
    """

    def __init__(self, growth_mb: float = 64.0) -> None:
        self._growth_mb = growth_mb
        self._usual_mb = resident_mb()

    def give_back(self) -> None:
        """Give back what is free, after a piece of work, if the process has grown much."""
        if resident_mb() - self._usual_mb > self._growth_mb:
            give_back_freed()
            self._usual_mb = resident_mb()


_DONTNEED = 4
"""Linux's `MADV_DONTNEED`: unlike `mmap`'s own, for memory that the C library gave."""
_PEAK_UNIT = 2**20
"""Bytes, as macOS counts them."""

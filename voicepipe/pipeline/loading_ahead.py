"""Having PyTorch's libraries in memory by the time they are asked for."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

from voicepipe.model_store.lock import LOCK_NAME

_LIBRARIES = (("libtorch_global_deps.so", ctypes.RTLD_GLOBAL), ("libtorch.so", ctypes.RTLD_LOCAL))
"""In the order and the manner in which PyTorch loads them itself: what all others need is visible
to them."""


def link_libraries(root: Path) -> None:
    """Begin to map and link PyTorch's libraries, where a project has models to speak with.

    That takes a third of a second, and Python can do other things meanwhile: it is the system's
    work. Where a library cannot be loaded nothing is said; PyTorch looks for it once more.

    Args:
        root: The project.
    """
    found = find_spec("torch") if sys.platform == "linux" and (root / LOCK_NAME).exists() else None
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "lib"
        threading.Thread(target=_link, args=(folder,), daemon=True).start()


def _link(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for name, mode in _LIBRARIES:
            ctypes.CDLL(str(folder / name), mode)

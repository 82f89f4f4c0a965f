"""Having what speaks with models in memory by the time it is asked for."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from voicepipe.engines.registry import ENGINES, modules_of
from voicepipe.model_store.lock import LOCK_NAME
from voicepipe.workers.places import CPU

if TYPE_CHECKING:
    from voicepipe.workers.spawning import ProcessStarter

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


def worker_starter(root: Path, devices: str) -> ProcessStarter | None:
    """Begin to load what workers on this machine need.

    Args:
        root: The project.
        devices: They are to work on.

    Returns:
        What starts them; None: the project has no models, or other devices are to render.
    """
    if devices != CPU or not (root / LOCK_NAME).exists():
        return None
    from voicepipe.workers.processes import process_starter  # noqa: PLC0415 -- loky

    return process_starter(modules_of(ENGINES.values()))


def _link(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for name, mode in _LIBRARIES:
            ctypes.CDLL(str(folder / name), mode)

"""The process that a command has to itself: how it begins, and how it ends."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import Final, NoReturn

_COLLECT_EVERY: Final = 50_000
"""New objects between two passes of the cycle collector, 700 otherwise: modules that are loaded
are no garbage, and passes over them take a tenth of the time that loading takes."""


class CommandProcess:
    """Ends with a code, and leaves what it has loaded to the system.

    Python would take it apart piece by piece, which takes half a second after PyTorch was loaded.
    What was to be done at the end is done before: whoever registers that after this was made.
    """

    def __init__(self) -> None:
        gc.set_threshold(_COLLECT_EVERY)
        self._code: int | None = None
        atexit.register(self._leave)

    def end(self, code: int) -> NoReturn:
        """End, once threads have ended and whoever asked to be told at the end was told."""
        self._code = code
        sys.exit(code)

    def _leave(self) -> None:
        if self._code is None:
            return  # something went wrong that Python has to show
        with suppress(OSError, ValueError):  # a stream that is gone, or was closed
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(self._code)

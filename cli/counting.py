"""Showing how far work on many clips has come: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from cli.output import stderr_console, warn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

_LOG_EVERY_S = 10.0


class Counting:
    """Counts what is done; use as a context manager and call for each."""

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        self._what = what
        self._total = total
        self._quiet = quiet
        self._done = 0
        self._logged = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Counting:
        if not self._quiet and sys.stderr.isatty():
            from rich.progress import Progress

            self._bar = Progress(console=stderr_console())
            self._task = self._bar.add_task(self._what, total=self._total)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, _: object) -> None:
        """Count one more."""
        self._done += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done)
        elif not self._quiet and time.monotonic() - self._logged >= _LOG_EVERY_S:
            self._logged = time.monotonic()
            warn(f"{self._what}: {self._done}/{self._total}")

"""Saying how far long work has come, where it is counted in things."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from cli.output import stderr_console, warn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

_LOG_EVERY_S = 10.0


class CountView:
    """A bar on a terminal, a line now and then in a log; use as a context manager.

    Args:
        what: The things, in the plural.
        total: How many there are.
        quiet: Say nothing.
    """

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        self._what, self._total, self._quiet = what, total, quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._logged = time.monotonic()

    def __enter__(self) -> CountView:
        if sys.stderr.isatty() and not self._quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Progress(*columns, console=stderr_console(), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=self._total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int) -> None:
        """Show that so many are done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done)
        elif not self._quiet and time.monotonic() - self._logged >= _LOG_EVERY_S:
            self._logged = time.monotonic()
            warn(f"{done} of {self._total} {self._what}")

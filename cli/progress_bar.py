"""How far a piece of work is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeVar

from cli.output import stderr_console, warn
from cli.printable import printable

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

BarT = TypeVar("BarT", bound="ProgressBar")
_LOG_EVERY_S = 10.0
"""In a log: often enough to see that it lives, seldom enough to read."""


class ProgressBar:
    """Follows work of one part or several; use as a context manager.

    Args:
        quiet: Show nothing, lines that are printed aside.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self.part = ""
        """What is done now."""
        self._beside = ""
        self.done = self._first = self._total = 0
        self._began = self._logged = 0.0
        self._is_logged = True

    def __enter__(self: BarT) -> BarT:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif not self._is_logged:
            self._log()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the part began."""
        return time.monotonic() - self._began

    def begin(self, part: str, total: int, done: int = 0) -> None:
        """Show a part of the work from now on.

        Args:
            part: What is done, such as `rendering`.
            total: Steps there are.
            done: Steps that were done before.
        """
        self.part, self._total = part, total
        self._first = self.done = done
        self._began = self._logged = time.monotonic()
        if self.quiet or not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.start()
        self._task = self._bar.add_task(part, total=total, completed=done, beside="")

    def update(self, done: int, beside: str = "") -> None:
        """Show how many steps are done, and something besides."""
        self.done, self._beside = done, beside
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, beside=beside)
        elif not self.quiet:
            self._is_logged = False
            if done >= self._total or time.monotonic() - self._logged >= _LOG_EVERY_S:
                self._log()

    def follow(self, part: str, done: int, total: int, beside: str = "") -> None:
        """Show how far a part is; it begins when it is named first."""
        if part != self.part:
            self.begin(part, total, done)
        self.update(done, beside)

    def count(self, _: object = None) -> None:
        """Show that one step more is done."""
        self.update(self.done + 1)

    def print(self, text: str) -> None:
        """Print a line above the bar."""
        if self._bar is not None:
            self._bar.console.print(printable(text), soft_wrap=True)
        else:
            warn(text)

    def _log(self) -> None:
        self._logged, self._is_logged = time.monotonic(), True
        how_far = f"{self.part} {self.done}/{self._total}"
        warn(" · ".join(filter(None, (how_far, self._beside, self._time_left()))))

    def _time_left(self) -> str:
        taken = self.done - self._first
        if taken <= 0 or self.done >= self._total:
            return ""
        seconds = self.elapsed_s / taken * (self._total - self.done)
        return f"{seconds / 60:.0f} min left" if seconds >= 60 else f"{seconds:.0f} s left"


def _new_bar() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", style="bold", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[beside]}", markup=False),
        TimeRemainingColumn(),
        console=stderr_console(),
    )

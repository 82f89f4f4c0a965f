"""Showing a render while it runs: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from cli.output import stderr_console, warn
from cli.printable import printable
from cli.projects import warnings_told
from voicepipe.reports import counted
from voicepipe.workers.events import (
    ClipDone,
    LineFailed,
    ProjectNote,
    ProjectRead,
    RenderStarted,
    RetakeNoted,
    StoreNote,
    WorkerDied,
)

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

    from voicepipe.workers.events import RenderEvent

_LOG_EVERY_S = 10.0
"""In a log: often enough to see that it lives, seldom enough to read."""


class RenderView:
    """Follows render events; use as a context manager and call for each event."""

    def __init__(self, *, quiet: bool, verbose: bool, what: str = "rendering") -> None:
        """Follow what is done.

        Args:
            quiet: Only what went wrong is shown.
            verbose: Every clip is shown.
            what: The work, in one word.
        """
        self._what = what
        self._quiet = quiet
        self._verbose = verbose
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._total = self._done = self._n_failed = self._n_retakes = 0
        self._audio_s = 0.0
        self._started = self._logged = time.monotonic()

    def __enter__(self) -> RenderView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._total and not self._quiet:
            self._log()

    def __call__(self, event: RenderEvent) -> None:
        """Show one event."""
        if isinstance(event, RenderStarted):
            self._start(event)
            return
        if isinstance(event, WorkerDied):
            held = ", ".join(event.lines) or "no line"
            fewer = f" with {event.lines_at_once} lines at once" if event.lines_at_once else ""
            self._print(f"warning: a worker process died while it held {held}; going on{fewer}")
            return
        if isinstance(event, StoreNote | ProjectNote | ProjectRead | RetakeNoted):
            self._tell(event)
            return
        self._done += 1
        if isinstance(event, LineFailed):
            self._n_failed += 1
            self._print(
                f"{event.script}: failed: {event.line_id} ({event.language}): {event.reason}"
            )
        elif isinstance(event, ClipDone):
            self._audio_s += event.audio_s
            self._n_retakes += event.retakes if event.was_rendered else 0
            self._tell_verdict(event)
            if event.note:
                self._print(f"note: {event.line_id} ({event.language}): {event.note}")
            elif self._verbose:
                self._print(f"done: {event.line_id} ({event.language}) {event.audio_s:.2f} s")
        self._advance()

    def _tell_verdict(self, event: ClipDone) -> None:
        if event.verdict is None or event.verdict.verdict.value != "failed" or self._quiet:
            return
        made = f" after {counted(event.retakes, 'retake')}" if event.retakes else ""
        reasons = ", ".join(event.verdict.reasons)
        name = f"{event.line_id} ({event.language})"
        self._print(f"{event.script}: failed quality control{made}: {name}: {reasons}")

    def _tell(self, event: StoreNote | ProjectNote | ProjectRead | RetakeNoted) -> None:
        if isinstance(event, RetakeNoted):
            self._tell_retake(event)
        elif isinstance(event, ProjectRead):
            if event.n_warnings and not self._quiet:
                self._print(warnings_told(event.n_warnings))
        elif event.is_warning:
            self._print(f"warning: {event.message}")
        elif not self._quiet:
            self._print(event.message)

    def _tell_retake(self, event: RetakeNoted) -> None:
        name = f"{event.line_id} ({event.language})"
        if event.lets_pin_go and not self._quiet:
            self._print(f"{name} was pinned; the retake lets it go")
        if event.hidden_by:
            self._print(
                f"{name} stays as recorded: its retake waits until {event.hidden_by} is gone"
            )

    def _start(self, event: RenderStarted) -> None:
        self._total = event.lines
        self._started = self._logged = time.monotonic()
        if self._quiet:
            return
        if not sys.stderr.isatty():
            clips, processes = counted(event.lines, "clip"), counted(event.workers, "process")
            warn(f"{self._what} {clips} in {processes}")
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn(self._what, style="bold"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", markup=False),
            TimeRemainingColumn(),
            console=stderr_console(),
        )
        self._task = self._bar.add_task("", total=event.lines, rate="")
        self._bar.start()

    def _rate(self) -> str:
        elapsed = max(time.monotonic() - self._started, 1e-6)
        failed = f" · {self._n_failed} failed" if self._n_failed else ""
        retakes = f" · {counted(self._n_retakes, 'retake')}" if self._n_retakes else ""
        pace = f"{self._done / elapsed:.1f} lines/s · {self._audio_s / elapsed:.1f} audio s/s"
        return f"{pace}{retakes}{failed}"

    def _advance(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, rate=self._rate())
        elif not self._quiet and time.monotonic() - self._logged >= _LOG_EVERY_S:
            self._log()

    def _log(self) -> None:
        self._logged = time.monotonic()
        warn(f"{self._done}/{self._total} · {self._rate()}")

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(printable(text), soft_wrap=True)
        else:
            warn(text)

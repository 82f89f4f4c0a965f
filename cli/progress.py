"""Showing a render while it runs: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cli.output import warn
from cli.progress_bar import ProgressBar
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
    from voicepipe.workers.events import RenderEvent


class RenderView(ProgressBar):
    """Follows render events; use as a context manager and call for each event."""

    def __init__(self, *, quiet: bool, verbose: bool, what: str = "rendering") -> None:
        """Follow what is done.

        Args:
            quiet: Only what went wrong is shown.
            verbose: Every clip is shown.
            what: The work, in one word.
        """
        super().__init__(quiet=quiet)
        self._what = what
        self._verbose = verbose
        self._n_failed = self._n_retakes = 0
        self._audio_s = 0.0

    def __call__(self, event: RenderEvent) -> None:
        """Show one event."""
        if isinstance(event, RenderStarted):
            self._start(event)
            return
        if isinstance(event, WorkerDied):
            held = ", ".join(event.lines) or "no line"
            fewer = f" with {event.lines_at_once} lines at once" if event.lines_at_once else ""
            self.print(f"warning: a worker process died while it held {held}; going on{fewer}")
            return
        if isinstance(event, StoreNote | ProjectNote | ProjectRead | RetakeNoted):
            self._tell(event)
            return
        self.done += 1
        if isinstance(event, LineFailed):
            self._n_failed += 1
            self.print(
                f"{event.script}: failed: {event.line_id} ({event.language}): {event.reason}"
            )
        elif isinstance(event, ClipDone):
            self._audio_s += event.audio_s
            self._n_retakes += event.retakes if event.was_rendered else 0
            self._tell_verdict(event)
            if event.note:
                self.print(f"note: {event.line_id} ({event.language}): {event.note}")
            elif self._verbose:
                self.print(f"done: {event.line_id} ({event.language}) {event.audio_s:.2f} s")
        self.update(self.done, self._rate())

    def _tell_verdict(self, event: ClipDone) -> None:
        if event.verdict is None or event.verdict.verdict.value != "failed" or self.quiet:
            return
        made = f" after {counted(event.retakes, 'retake')}" if event.retakes else ""
        reasons = ", ".join(event.verdict.reasons)
        name = f"{event.line_id} ({event.language})"
        self.print(f"{event.script}: failed quality control{made}: {name}: {reasons}")

    def _tell(self, event: StoreNote | ProjectNote | ProjectRead | RetakeNoted) -> None:
        if isinstance(event, RetakeNoted):
            self._tell_retake(event)
        elif isinstance(event, ProjectRead):
            if event.n_warnings and not self.quiet:
                self.print(warnings_told(event.n_warnings))
        elif event.is_warning:
            self.print(f"warning: {event.message}")
        elif not self.quiet:
            self.print(event.message)

    def _tell_retake(self, event: RetakeNoted) -> None:
        name = f"{event.line_id} ({event.language})"
        if event.lets_pin_go and not self.quiet:
            self.print(f"{name} was pinned; the retake lets it go")
        if event.hidden_by:
            self.print(
                f"{name} stays as recorded: its retake waits until {event.hidden_by} is gone"
            )

    def _start(self, event: RenderStarted) -> None:
        if not self.quiet and not sys.stderr.isatty():
            clips, processes = counted(event.lines, "clip"), counted(event.workers, "process")
            warn(f"{self._what} {clips} in {processes}")
        self.begin(self._what, event.lines)

    def _rate(self) -> str:
        elapsed = max(self.elapsed_s, 1e-6)
        failed = f" · {self._n_failed} failed" if self._n_failed else ""
        retakes = f" · {counted(self._n_retakes, 'retake')}" if self._n_retakes else ""
        pace = f"{self.done / elapsed:.1f} lines/s · {self._audio_s / elapsed:.1f} audio s/s"
        return f"{pace}{retakes}{failed}"

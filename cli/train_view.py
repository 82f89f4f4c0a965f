"""Showing recordings and trainings: tables, remarks, a bar on a terminal, plain lines in a log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cli.output import answer, answer_table, say, warn
from cli.progress_bar import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cli.output import Session
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.training.dataset.verdict import DatasetFigures, DatasetReport

_SHOWN_A_CODE = 3
"""Warnings of one kind listed without --verbose; a list of hundreds hides the others."""
_SHOWN_LOSSES = 3


def show_figures(report: DatasetReport) -> None:
    """Print a dataset's figures for people."""
    figures = report.figures
    answer_table(("recordings", ""), [*_amounts(figures), *_qualities(figures)])
    for covered in figures.sounds:
        missing = ", ".join(covered.missing) or "none"
        answer(f"sounds of {covered.language} that never occur: {missing}")


def _amounts(figures: DatasetFigures) -> list[tuple[str, str]]:
    from voicepipe.reports import counted

    covered = figures.coverage
    languages = ", ".join(
        f"{tag} {seconds / 60:.1f}" for tag, seconds in figures.duration_s_by_language.items()
    )
    cut = f", {counted(figures.cut, 'take')} cut at pauses" if figures.cut else ""
    clips = counted(figures.clips, "clip")
    return [
        ("usable", f"{figures.duration_s / 60:.1f} minutes in {clips}{cut}"),
        ("languages", languages or "none"),
        (
            "coverage",
            f"{counted(covered.recordings, 'file')}, {covered.without_text} without text; "
            f"{counted(covered.texts, 'text')}, {covered.without_recording} without file",
        ),
        ("left out", f"{figures.left_out} of {counted(figures.takes, 'take')}"),
    ]


def _qualities(figures: DatasetFigures) -> list[tuple[str, str]]:
    from voicepipe.training.dataset.verdict import figure_text

    loudness = figures.loudness_lufs
    correlation = figures.length_correlation
    return [
        ("sample rates", ", ".join(f"{rate} Hz" for rate in figures.sample_rates) or "none"),
        (
            "bandwidth",
            f"{figures.bandwidth_hz / 1000:.1f} kHz; telephone sound {figures.narrow_share:.0%}",
        ),
        ("signal to noise", f"{figure_text(figures.snr_db)} dB"),
        ("overloaded", f"{figures.overloaded_share:.0%} of the time"),
        (
            "loudness",
            "none"
            if loudness is None
            else f"{loudness:.1f} LUFS, spread {figures.loudness_spread_lu:.1f} LU",
        ),
        ("pace", f"{figures.phonemes_per_s:.1f} sounds a second"),
        (
            "text and duration",
            "too few to compare" if correlation is None else f"agree by {correlation:.2f} of 1",
        ),
    ]


def show_remarks(session: Session, report: DatasetReport) -> None:
    """Print what is wrong with a dataset: every error, and some of each kind of warning."""
    from voicepipe.diagnostics import Severity
    from voicepipe.reports import SourceLines, in_source_order, render_text, summary

    found = in_source_order(report.diagnostics)
    shown: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for diagnostic in found:
        seen[diagnostic.code] += 1
        is_error = diagnostic.severity is Severity.ERROR
        if is_error or session.verbose or seen[diagnostic.code] <= _SHOWN_A_CODE:
            shown.append(diagnostic)
    if shown:
        warn(render_text(shown, SourceLines(report.dataset.folder)))
    if len(shown) < len(found):
        say(session, f"… and {len(found) - len(shown)} more of these kinds; --verbose shows all")
    say(session, summary(found))


def show_diagnostics(found: Sequence[Diagnostic], root: Path) -> None:
    """Print diagnostics, with the lines they are about."""
    from voicepipe.reports import SourceLines, render_text

    if found:
        warn(render_text(found, SourceLines(root)))


class TrainingView(ProgressBar):
    """Follows a training; use as a context manager, and call for each advance."""

    def __call__(
        self, part: str, done: int, total: int, losses: Mapping[str, float] | None = None
    ) -> None:
        """Show how far one part of the work is.

        Args:
            part: What is being done, such as `semantic stage`.
            done: Steps taken.
            total: Steps there are.
            losses: Of the last step.
        """
        self.follow(part, done, total, _losses(losses or {}))

    def note(self, text: str) -> None:
        """Print a line above the bar, unless nothing is to be shown."""
        if not self.quiet:
            self.print(text)


def _losses(losses: Mapping[str, float]) -> str:
    chosen: Sequence[tuple[str, float]] = list(losses.items())[:_SHOWN_LOSSES]
    return ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in chosen)

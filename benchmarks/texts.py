"""How long the light commands take on a large script for cloned voices, and how much memory.

    python -m benchmarks texts [--lines 10000 100000] [--languages en zh ja] [--keep FOLDER]

Cold: nothing is kept of any text. Warm: every text was read aloud by an earlier run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cloned_cast import change_one_line, write_project
from benchmarks.scale import timed
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = (
    ("check", "cold"),
    ("check", "warm"),
    ("plan", "warm"),
    ("check", "one line changed"),
    ("plan", "the same again"),
)


def run(sizes: Sequence[int], languages: Sequence[str], keep: Path | None) -> None:
    """Measure each size in each language and print one line a command."""
    sys.stdout.write(f"{'lines':>8}  {'command':<24} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}\n")
    for language in languages:
        for n_lines in sizes:
            with tempfile.TemporaryDirectory() as folder:
                _measure((keep or Path(folder)) / f"{language}-{n_lines}", n_lines, language)


def _measure(root: Path, n_lines: int, language: str) -> None:
    write_project(root, n_lines, language)
    os.environ[CACHE_VARIABLE] = str(root.with_name(f"{root.name}-cache"))
    for place, (command, state) in enumerate(STEPS):
        if "changed" in state:
            change_one_line(root, place)
        row = timed(n_lines, root, f"{language} {command}, {state}", (command,))
        sys.stdout.write(
            f"{n_lines:>8}  {row.command:<24} {row.wall_s:>8.2f} {row.cpu_s:>8.2f}"
            f" {row.peak_mb:>8.0f}\n"
        )
        sys.stdout.flush()

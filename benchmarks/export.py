"""How long an export takes on a very large bank, beyond copying its clips, and how much memory.

    python -m benchmarks export [--lines 100000] [--targets generic renpy] [--keep FOLDER]

Every clip is a tiny file of its own, so that what is measured is what each clip costs whatever its
length. Copying is measured beside it: `cp -r` of the version's folder, and waiting for the disk.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.scale import fill_bank, timed
from benchmarks.screenplay import write_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.scale import Timing


def measure(n_lines: int, root: Path, targets: Sequence[str]) -> Iterator[Timing]:
    """Make a project with a full bank, and export it: first, again, and read back."""
    write_project(root, n_lines)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        elsewhere.submit(fill_bank, root).result()
    for target in targets:
        words = ("export", target, "--to", str(root.parent / f"to-{target}"))
        for name, more in (("first", ()), ("again", ()), ("check", ("--check",))):
            yield timed(n_lines, root, f"{target}, {name}", (*words, *more))


def copying(root: Path) -> float:
    """Copy the version by the system's own means; seconds."""
    (version,) = (root / "out/banks").glob("*/v*")
    started = time.monotonic()
    subprocess.run(["cp", "-r", str(version), str(root.parent / "copied")], check=True)
    subprocess.run(["sync", "-f", str(root.parent / "copied")], check=True)
    return time.monotonic() - started


def run(n_lines: int, targets: Sequence[str], keep: Path | None) -> None:
    """Measure and print one line a command."""
    sys.stdout.write(f"{'clips':>8}  {'command':<20} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}\n")
    with tempfile.TemporaryDirectory() as folder:
        root = (keep or Path(folder)) / f"lines-{n_lines}"
        for row in measure(n_lines, root, targets):
            sys.stdout.write(
                f"{row.n_lines:>8}  {row.command:<20} {row.wall_s:>8.2f} {row.cpu_s:>8.2f}"
                f" {row.peak_mb:>8.0f}\n"
            )
            sys.stdout.flush()
        sys.stdout.write(f"{n_lines:>8}  {'cp -r and sync':<20} {copying(root):>8.2f}\n")

"""How long commands take that have little to do: what starting costs.

    python -m benchmarks start PROJECT [--voice VOICE] [--times 5]

Medians of several runs, each a process of its own. With a voice, `say` is among them; its models
have to be on this machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.scale import timed

COMMANDS = {
    "--help": ("--help",),
    "explain": ("explain", "VP301"),
    "check": ("check",),
    "plan": ("plan",),
}


def run(project: Path, voice: str, times: int) -> None:
    """Measure each command and print one line for it."""
    with tempfile.TemporaryDirectory() as folder:
        wav = str(Path(folder) / "said.wav")
        asked = dict(COMMANDS)
        if voice:
            asked["say"] = ("say", "Who is there?", "--voice", voice, "-o", wav)
        sys.stdout.write(f"{'command':<10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}\n")
        for name, command in asked.items():
            timed(0, project, name, command)  # reads what is kept from then on
            rows = [timed(0, project, name, command) for _ in range(times)]
            wall_s = statistics.median(row.wall_s for row in rows)
            cpu_s = statistics.median(row.cpu_s for row in rows)
            peak_mb = statistics.median(row.peak_mb for row in rows)
            sys.stdout.write(f"{name:<10} {wall_s:>8.2f} {cpu_s:>8.2f} {peak_mb:>8.0f}\n")
            sys.stdout.flush()

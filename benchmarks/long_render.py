"""Memory and pace of a long render: thousands of short lines through models of tiny size.

One worker, so that what it and the command hold can be followed: resident memory after every so
many lines, and the pace since the last ones, in lines per second of processor time.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.render import write_project
from benchmarks.worker_memory import descendants
from voicepipe.formula_models.sizes import TINY_SIZES
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.settings import SETTINGS_FILE
from voicepipe.workers.events import ClipDone, RenderEvent

TINY = replace(TINY_SIZES, bert={"num_hidden_layers": 1, "intermediate_size": 32}, eos_gain=20.0)

ONE_WORKER = "render: {recycle_lines: 0}\n"
"""A fresh worker would hide what an old one holds."""


class Watch:
    """Notes memory and processor time of this process and its worker as lines end."""

    def __init__(self, every: int) -> None:
        self.rows: list[dict[str, Any]] = []
        self._every = every
        self._n = 0
        self._spent_s = 0.0

    def __call__(self, event: RenderEvent) -> None:
        """Note one event."""
        if not isinstance(event, ClipDone):
            return
        self._n += 1
        if self._n % self._every:
            return
        worker = max(descendants(), key=_resident_mb)
        spent_s = _processor_s(worker)
        row = {
            "lines": self._n,
            "worker_mb": round(_resident_mb(worker), 1),
            "command_mb": round(_resident_mb(os.getpid()), 1),
            "lines_per_processor_s": round(self._every / max(1e-9, spent_s - self._spent_s), 2),
        }
        self._spent_s = spent_s
        self.rows.append(row)
        print(json.dumps(row), flush=True)


def run(n_lines: int, every: int) -> None:
    """Render lines and print what was seen."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, n_lines, TINY, n_words=(2, 4))
        with (root / SETTINGS_FILE).open("a", encoding="utf-8") as stream:
            stream.write(ONE_WORKER)
        watch = Watch(every)
        render_project(load_project(root), RenderOptions(jobs=1), on_event=watch)
        first = next(row for row in watch.rows if row["lines"] >= min(500, n_lines // 2))
        later = [row["worker_mb"] / first["worker_mb"] - 1 for row in watch.rows]
        worst = max(later[watch.rows.index(first) :], key=abs)
        print(json.dumps({"largest_change_of_worker_memory": round(worst, 4)}))


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _processor_s(pid: int) -> float:
    stat = _stat(pid)
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK") if stat else 0.0


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

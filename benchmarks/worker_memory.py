"""Memory of a render's workers at full size, one and several: proportional, and when.

`python -m benchmarks memory`: weights from the formula at the size of v2. Every page that processes
share is counted by shares (PSS), so that figures of processes add up. Counted is every process that
the command has started, and the command by itself. Libraries that other programs of the machine
have mapped as well are counted by shares with them too: a quiet machine gives the larger figures.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.render import EOS_GAIN, write_project
from voicepipe.formula_models.sizes import V2_SIZES
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.settings import SETTINGS_FILE
from voicepipe.workers.events import ClipDone

if TYPE_CHECKING:
    from voicepipe.workers.events import RenderEvent

_LOOK_EVERY_S = 0.25


def run(n_lines: int, jobs: list[int], slots: int, precision: str, keep: Path | None) -> None:
    """Render with several numbers of processes and print what each took."""
    with tempfile.TemporaryDirectory() as folder:
        root = keep or Path(folder) / "project"
        if not (root / SETTINGS_FILE).exists():
            root.mkdir(parents=True, exist_ok=True)
            write_project(root, n_lines, replace(V2_SIZES, eos_gain=EOS_GAIN))
        settings = (root / SETTINGS_FILE).read_text("utf-8").partition("render:")[0]
        chosen = f"render: {{slots: {slots}, precision: {precision}}}\n"
        (root / SETTINGS_FILE).write_text(settings + chosen, "utf-8")
        for count in jobs:
            shutil.rmtree(root / "out", ignore_errors=True)
            before = _children_s()
            watch = _Watch(count)
            with watch:
                render_project(load_project(root), RenderOptions(jobs=count), on_event=watch.note)
            found = {"jobs": count, **watch.found(), "core_s": round(_children_s() - before, 1)}
            print(json.dumps(found), flush=True)


def proportional_mb(pid: int) -> float:
    """Measure a process, each page that others have as well by its share; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def descendants() -> list[int]:
    """List the processes that this one and its own have started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat[1])
    found: set[int] = set()
    fresh = {os.getpid()}
    while fresh:
        fresh = {pid for pid, above in parents.items() if above in fresh} - found
        found |= fresh
    return sorted(found)


class _Watch:
    """Looks at all processes all the time; what counts is when every worker is at work."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._n_ended = 0
        self._at_work: list[dict[int, float]] = []
        self._peak_mb = 0.0
        self._own_mb = 0.0
        self._end = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._looking.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._looking.join()

    def note(self, event: RenderEvent) -> None:
        """Count lines that ended."""
        self._n_ended += isinstance(event, ClipDone)

    def found(self) -> dict[str, object]:
        """Give MiB of all together: in the middle of the work, and at most."""
        middle = sorted(self._at_work, key=lambda seen: sum(seen.values()))
        usual = middle[len(middle) // 2]
        return {
            "at_work_mib": round(median(sum(seen.values()) for seen in self._at_work)),
            "each_mib": sorted((round(mb) for mb in usual.values()), reverse=True),
            "most_mib": round(self._peak_mb),
            "command_mib": round(self._own_mb),
        }

    def _look(self) -> None:
        while not self._end.wait(_LOOK_EVERY_S):
            seen = {pid: proportional_mb(pid) for pid in descendants()}
            total = sum(seen.values())
            self._peak_mb = max(self._peak_mb, total)
            self._own_mb = proportional_mb(os.getpid())
            # The first lines of every worker have ended, and the last are not begun.
            if self._n_ended >= 1:
                self._at_work.append(seen)


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system

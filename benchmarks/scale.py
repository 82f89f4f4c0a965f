"""How long the light commands take on a very large project, and how much memory.

    python -m benchmarks scale [--lines 10000 100000] [--keep FOLDER]

The bank is made without an engine: every clip is a tiny file of its own, stored, recorded and
published through the same rooms as real ones, so that planning has as much to look at.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.screenplay import write_project
from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.bank.entries import entry_for
from voicepipe.bank.plan import plan_bank
from voicepipe.bank.publish import publish
from voicepipe.bank.records import ClipRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.clip_requests import ClipRequests
from voicepipe.pipeline.render.planning import bank_facts
from voicepipe.pipeline.render.up_to_date import save_stamp, take_snapshot
from voicepipe.settings import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.pipeline.render.clip_requests import ClipRequest

AFTER_A_COMMENT = ", a comment added"
COMMANDS = {
    "check": ("check",),
    "plan": ("plan",),
    "render": ("render",),
    f"plan{AFTER_A_COMMENT}": ("plan",),
    f"render{AFTER_A_COMMENT}": ("render",),
}
"""Nothing is to do in any; a comment makes every line be read again to find that out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One command on one project."""

    n_lines: int
    command: str
    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(n_lines: int, root: Path, *, form: str = "yaml") -> list[Timing]:
    """Make a project with a full bank and time each command once, in a process of its own."""
    write_project(root, n_lines, form=form)
    # In a process of its own: a child's peak memory counts what its parent held at the fork.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        elsewhere.submit(fill_bank, root).result()
    timings = []
    for name, command in COMMANDS.items():
        if name.endswith(AFTER_A_COMMENT):
            with (root / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
                settings.write("# a comment\n")
        timings.append(timed(n_lines, root, name, command))
    return timings


def fill_bank(root: Path) -> None:
    """Publish a bank that holds every line, without rendering any."""
    os.fsync = lambda _: None  # type: ignore[assignment] # hours of waiting for a disk prove nothing
    snapshot = take_snapshot(root)
    project = load_project(root)
    wanted = [*ClipRequests(project, {}).values()]
    clips = [want.clip for want in wanted]
    take_store = TakeStore(project.out)
    records = {
        want.clip.clip_key: _store(take_store, want, number) for number, want in enumerate(wanted)
    }
    plan = plan_bank(clips, None, frozenset(), frozenset(records))
    entries = [
        entry_for(step, step.wanted, records[step.wanted.clip_key])
        for step in plan.steps
        if step.wanted is not None
    ]
    facts = bank_facts(project.settings)
    published = publish(project.out, facts, entries)
    assert snapshot is not None, "a project that was just written can be looked at"
    save_stamp(snapshot, project, published)


def _store(take_store: TakeStore, want: ClipRequest, number: int) -> ClipRecord:
    clip = want.clip
    record = ClipRecord(
        key=clip.clip_key,
        object_id=take_store.objects.put(_tiny_wav(number, want.metadata)),
        take_key=clip.take_key,
        voice=clip.voice,
        source=clip.source,
        sample_rate=8_000,
        bit_depth=16,
        duration_s=0.0005,
        loudness_lufs=-23.0,
        peak_dbtp=-3.0,
        created="2026-01-01T00:00:00Z",
    )
    take_store.clips.put(record)
    return record


def _tiny_wav(number: int, metadata: ClipMetadata) -> bytes:
    samples = np.frombuffer(number.to_bytes(4, "little") * 2, "<i2").astype(np.float32) / 32_768.0
    clip = AudioClip(samples=samples, sample_rate=8_000)
    return encode_wav(clip, bit_depth=16, metadata=metadata)


def timed(n_lines: int, root: Path, name: str, command: Sequence[str]) -> Timing:
    """Run one command of voicepipe in a process of its own."""
    arguments = [sys.executable, "-m", "cli.main", "-q", "-C", str(root), *command]
    started = time.monotonic()
    unheard = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(sys.executable, arguments, os.environ, file_actions=unheard)
    _, status, usage = os.wait4(pid, 0)
    wall_s = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{name} failed on {n_lines} lines")
    return Timing(
        n_lines=n_lines,
        command=name,
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
    )


def run(sizes: Sequence[int], keep: Path | None) -> None:
    """Measure each size and print one line a command."""
    sys.stdout.write(f"{'lines':>8}  {'command':<30} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}\n")
    for n_lines in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = (keep or Path(folder)) / f"lines-{n_lines}"
            for row in measure(n_lines, root):
                sys.stdout.write(
                    f"{row.n_lines:>8}  {row.command:<30} {row.wall_s:>8.2f} {row.cpu_s:>8.2f}"
                    f" {row.peak_mb:>8.0f}\n"
                )
                sys.stdout.flush()

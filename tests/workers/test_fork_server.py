"""Workers that are forked: what they share, when they are not, and who ends with whom."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from held_memory import HELD_MIB
from job_builders import ENGINES, job

from voicepipe.child_processes import ENVIRONMENT
from voicepipe.engines import registry
from voicepipe.workers.events import ClipDone, WorkerDied
from voicepipe.workers.fork_server import CAN_FORK, ForkServer
from voicepipe.workers.pool import run_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.workers.events import RenderEvent

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="workers are started each by itself")


def origins(tmp_path: Path, *modules: str, workers: int = 2) -> list[dict[str, int]]:
    """Render with a server that has loaded modules; how the worker of each line came to be."""
    told = tmp_path / "told"
    told.mkdir()
    jobs = [job(str(told), number, engine="origin") for number in range(1, 9)]
    server = ForkServer(modules)
    try:
        places, out = ["cpu"] * workers, tmp_path / "out"
        events = run_jobs(jobs, out=out, places=places, engines=ENGINES, starter=server)
        assert sum(isinstance(event, ClipDone) for event in events) == len(jobs)
    finally:
        server.close()
    return [json.loads(path.read_text()) for path in sorted(told.iterdir())]


def test_workers_have_what_their_server_loaded_and_its_memory(tmp_path: Path) -> None:
    found = origins(tmp_path, "held_memory")
    assert len({one["pid"] for one in found}) == 2
    (server,) = {one["parent"] for one in found}
    for one in found:
        assert one["made_by"] == server
        assert one["Rss"] > HELD_MIB << 9  # large pages may begin somewhat later
        assert one["Private_Clean"] + one["Private_Dirty"] < 1 << 10


def test_a_library_that_starts_a_thread_is_not_forked(tmp_path: Path) -> None:
    (one, *_) = origins(tmp_path, "held_thread", workers=1)
    assert one["made_by"] == 0  # a fresh interpreter has loaded nothing


def test_what_does_not_load_is_left_to_the_workers(tmp_path: Path) -> None:
    assert len(origins(tmp_path, "no_such_module", workers=1)) == 8


def test_nobody_waits_for_a_server_that_is_still_loading(tmp_path: Path) -> None:
    server = ForkServer(("held_long",))
    pid = server.pid
    assert pid is not None
    worker = server.start()
    begun = time.monotonic()
    worker.end(0.0)
    assert time.monotonic() - begun < 5
    assert server.pid is None
    server.close()


def following(events: Iterator[RenderEvent], server: ForkServer) -> list[RenderEvent]:
    """Kill the server when the second line is made; everything that happens."""
    seen = list(islice(events, 2))
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    return [*seen, *events]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_killed_takes_its_workers_along_and_others_go_on(
    tmp_path: Path, workers: int
) -> None:
    jobs = [job("slow 0.1", number) for number in range(1, 17)]
    server = ForkServer()
    first = server.pid
    events = run_jobs(jobs, out=tmp_path, places=["cpu"] * workers, engines=ENGINES, starter=server)
    seen = following(events, server)
    assert len({event.line_id for event in seen if isinstance(event, ClipDone)}) == len(jobs)
    assert sum(isinstance(event, WorkerDied) for event in seen) == workers
    assert server.pid not in {None, first}
    server.close()


LOADING = """
import os, sys
from importlib import import_module
for module in sys.argv[1:]:
    import_module(module)
import torch
print(len(os.listdir("/proc/self/task")), torch.cuda.is_initialized())
"""


@pytest.mark.slow
def test_what_workers_load_starts_no_thread_and_touches_no_device() -> None:
    modules = registry.modules_of(registry.ENGINES.values())
    assert modules
    told = subprocess.run(
        [sys.executable, "-c", LOADING, "voicepipe.workers.worker", *modules],
        env={**os.environ, **ENVIRONMENT},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == ["1", "False"]


@pytest.mark.slow
def test_a_worker_shares_most_of_what_torch_takes() -> None:
    server = ForkServer(registry.modules_of(registry.ENGINES.values()))
    try:
        worker = server.start()
        shares = shares_kib(child_of(server))
        worker.end(0.0)
    finally:
        server.close()
    assert shares["Anonymous:"] > 100 << 10
    assert shares["Private_Clean:"] + shares["Private_Dirty:"] < shares["Anonymous:"] // 5


def child_of(server: ForkServer) -> int:
    """The process that a server has forked; what it runs while it loads comes and goes."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    before: set[str] = set()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = set(children.read_text().split())
        if found & before:
            return int(min(found & before))
        before = found
        time.sleep(1)
    pytest.fail("no worker was forked")


def shares_kib(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    return {line.split()[0]: int(line.split()[1]) for line in lines}

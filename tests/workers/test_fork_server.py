"""Workers that are forked: what they share, when they are not, and who ends with whom."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import origin_analyser
import pytest
from held_memory import HELD_MIB
from job_builders import ENGINES, job

from voicepipe.child_processes import ENVIRONMENT
from voicepipe.engines import registry
from voicepipe.qc.analyser import LineFacts, VoiceFacts
from voicepipe.qc.examining import ExaminerSetup, Expectation
from voicepipe.qc.verdicts import Standard
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


def test_who_listens_beside_a_worker_shares_its_memory(tmp_path: Path) -> None:
    setup = ExaminerSetup(analysers=("intelligibility",), paths=origin_analyser.PATHS)
    facts = LineFacts(
        line="line_0001", language="en", text="Hello.", said=None, voice=VoiceFacts(id="ada")
    )
    expected = Expectation(line=facts, standard=Standard(analysers=setup.analysers, limits={}))
    one = replace(job("hello"), expected=expected)
    server = ForkServer(("held_memory",))
    try:
        (done,) = run_jobs([one], out=tmp_path, engines=ENGINES, examiner=setup, starter=server)
        made_by = server.pid
    finally:
        server.close()
    assert isinstance(done, ClipDone)
    assert done.verdict is not None
    found = done.verdict.scores
    assert found["made_by"] == made_by
    assert found["parent"] not in {made_by, os.getpid()}  # it is the worker
    assert found["Rss"] > HELD_MIB << 9
    assert found["Private_Clean"] + found["Private_Dirty"] < 1 << 10


def test_who_listens_beside_a_worker_ends_with_it(tmp_path: Path) -> None:
    setup = ExaminerSetup(analysers=("intelligibility",), paths=origin_analyser.PATHS)
    jobs = [job("slow 0.2", number) for number in range(1, 9)]
    server = ForkServer()
    events = run_jobs(jobs, out=tmp_path, engines=ENGINES, examiner=setup, starter=server)
    next(events)
    worker = child_of(server)
    (beside,) = children_of(worker)
    os.kill(worker, signal.SIGKILL)
    seen = list(events)
    assert sum(isinstance(event, WorkerDied) for event in seen) == 1
    assert sum(isinstance(event, ClipDone) for event in seen) == len(jobs) - 1
    server.close()
    until = time.monotonic() + 20
    while is_running(beside):
        assert time.monotonic() < until, "it looks for the worker twice a second"
        time.sleep(0.1)


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
    assert server.pid is not None
    before: set[int] = set()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = children_of(server.pid)
        if found & before:
            return min(found & before)
        before = found
        time.sleep(1)
    pytest.fail("no worker was forked")


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended, whoever is to see it off."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def children_of(pid: int) -> set[int]:
    """The processes that one's first thread has started."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def shares_kib(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    return {line.split()[0]: int(line.split()[1]) for line in lines}

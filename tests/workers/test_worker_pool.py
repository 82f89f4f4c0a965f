"""The pool: death, isolation, interruption, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from job_builders import ENGINES, job

from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.workers.events import ClipDone, LineFailed, WorkerDied
from voicepipe.workers.pool import run_jobs
from voicepipe.workers.processes import cause_of_death

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.workers.events import RenderEvent
    from voicepipe.workers.jobs import ClipJob

HERE = Path(__file__).parent


def run(
    out: Path, jobs: Sequence[ClipJob], workers: int = 2, device: str = "cpu", attempts: int = 1
) -> list[RenderEvent]:
    return list(
        run_jobs(jobs, out=out, places=[device] * workers, attempts=attempts, engines=ENGINES)
    )


def done(events: Sequence[RenderEvent]) -> set[str]:
    names = [event.line_id for event in events if isinstance(event, ClipDone)]
    assert len(names) == len(set(names))
    return set(names)


def failed(events: Sequence[RenderEvent]) -> dict[str, str]:
    return {event.line_id: event.reason for event in events if isinstance(event, LineFailed)}


def lines(*numbers: int) -> set[str]:
    return {f"line_{number:04}" for number in numbers}


def test_jobs_cross_processes() -> None:
    one = job("hello")
    there_and_back = ForkingPickler.loads(ForkingPickler.dumps(one))  # as multiprocessing sends
    assert there_and_back == one


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_gets_its_clip_in_other_processes(tmp_path: Path, workers: int) -> None:
    jobs = [job("hello", number) for number in range(12)]
    told = tmp_path / "told"
    jobs.append(job(f"threads {told}", 50))
    events = run(tmp_path / "out", jobs, workers)
    assert done(events) == lines(*range(12), 50)
    assert all(isinstance(event, ClipDone) and event.was_rendered for event in events)
    take_store = TakeStore(tmp_path / "out")
    assert take_store.known_clips() == {one.clip_key for one in jobs}
    threads, pid = told.read_text().split()
    assert threads == "1"
    assert int(pid) != os.getpid()
    assert not list((tmp_path / "out/work").rglob("*.inflight"))
    again = run(tmp_path / "out", jobs, workers)
    assert done(again) == done(events)
    assert not any(isinstance(event, ClipDone) and event.was_rendered for event in again)


def test_no_jobs_no_processes(tmp_path: Path) -> None:
    assert run(tmp_path / "out", []) == []


@pytest.mark.parametrize(
    ("trouble", "workers", "cause"),
    [
        ("kill", 2, "SIGKILL"),
        pytest.param("exit", 2, "EXIT(7)", marks=pytest.mark.slow),
        pytest.param("segfault", 1, "SIGSEGV", marks=pytest.mark.slow),
    ],
)
def test_a_line_that_kills_twice_fails_by_name_and_the_others_go_on(
    tmp_path: Path, trouble: str, workers: int, cause: str
) -> None:
    jobs = [job("hello", number) for number in range(20)]
    jobs[7] = job(trouble, 7)
    events = run(tmp_path / "out", jobs, workers)
    assert done(events) == lines(*range(20)) - lines(7)
    assert list(failed(events)) == ["line_0007"]
    reason = failed(events)["line_0007"]
    assert "died on this line twice" in reason
    assert cause in reason
    (failure,) = (event for event in events if isinstance(event, LineFailed))
    assert failure.script == "scripts_in/bridge.yaml:7:3"
    deaths = [event for event in events if isinstance(event, WorkerDied)]
    assert len(deaths) == 1
    assert "line_0007" in deaths[0].lines
    assert list((tmp_path / "out/work").rglob("*.inflight")) == []


@pytest.mark.slow
def test_several_killers_all_fail_and_nothing_else(tmp_path: Path) -> None:
    jobs = [job("kill" if number % 5 == 0 else "hello", number) for number in range(15)]
    events = run(tmp_path / "out", jobs)
    assert {line: why for line, why in failed(events).items() if "died" not in why} == {}
    assert set(failed(events)) == lines(0, 5, 10)
    assert done(events) == lines(*range(15)) - lines(0, 5, 10)


def test_a_line_that_kills_once_succeeds_alone(tmp_path: Path) -> None:
    jobs = [job("hello", number) for number in range(6)]
    jobs[2] = job(f"kill-once {tmp_path / 'killed'}", 2)
    events = run(tmp_path / "out", jobs)
    assert failed(events) == {}
    assert done(events) == lines(*range(6))
    assert [type(event) for event in events].count(WorkerDied) == 1


def test_what_a_dead_worker_had_finished_counts_as_rendered(tmp_path: Path) -> None:
    jobs = [job("hello", number, cost_s=9) for number in range(8)]
    jobs.append(job(f"kill-once {tmp_path / 'killed'}", 20, cost_s=1))
    events = run(tmp_path / "out", jobs, workers=1)
    assert all(event.was_rendered for event in events if isinstance(event, ClipDone))
    assert done(events) == lines(*range(8), 20)


def test_a_worker_killed_for_memory_is_followed_by_one_with_half_the_lines(tmp_path: Path) -> None:
    jobs = [job("kills-above 3", number, engine="crowd") for number in range(30)]
    events = run(tmp_path / "out", jobs, workers=1)
    assert failed(events) == {}
    assert done(events) == lines(*range(30))
    deaths = [event for event in events if isinstance(event, WorkerDied)]
    assert [death.lines_at_once for death in deaths] == [len(d.lines) // 2 for d in deaths]
    assert deaths[-1].lines_at_once <= 3


def test_worn_workers_are_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    told = tmp_path / "told"
    jobs = [job(f"threads {told}-{number}", number) for number in range(9)]
    out = tmp_path / "out"
    events = list(run_jobs(jobs, out=out, engines=ENGINES, recycle_lines=4))
    assert done(events) == lines(*range(9))
    processes = {path.read_text().split()[1] for path in tmp_path.glob("told-*")}
    assert len(processes) == 3


def test_failures_come_with_their_place_in_the_script(tmp_path: Path) -> None:
    events = run(tmp_path / "out", [job("hello", 1), job("error", 2), job("raise", 3)])
    assert done(events) == lines(1)
    assert failed(events) == {
        "line_0002": "not today; tomorrow",
        "line_0003": "ZeroDivisionError: a bug in the engine",
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_the_machines_fault_ends_the_run_with_its_remedy(tmp_path: Path, workers: int) -> None:
    jobs = [job("hello", number) for number in range(4)]
    with pytest.raises(EnvironmentFault, match="no such device") as caught:
        run(tmp_path / "out", jobs, workers, device="no-such-device")
    assert caught.value.remedy == "use another one"


def test_workers_that_die_while_loading_fail_their_line_and_end_the_run(tmp_path: Path) -> None:
    jobs = [job("hello", number) for number in range(3)]
    with pytest.raises(EnvironmentFault, match="die before they begin"):
        run(tmp_path / "out", jobs, 1, device="dies")


def test_stop_begins_nothing_new_and_keeps_what_is_done(tmp_path: Path) -> None:
    jobs = [job("slow 0.1", number) for number in range(30)]
    stop = threading.Event()
    events = []
    for event in run_jobs(jobs, out=tmp_path / "out", places=["cpu"], stop=stop, engines=ENGINES):
        events.append(event)
        stop.set()
    assert 1 <= len(done(events)) < 20
    stored = {
        one.line_id for one in jobs if one.clip_key in TakeStore(tmp_path / "out").known_clips()
    }
    assert stored == done(events)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_caller_that_leaves_early_leaves_no_process(tmp_path: Path, workers: int) -> None:
    jobs = [job("slow 0.05", number) for number in range(40)]
    others = _children(os.getpid())  # Python keeps one for shared memory, once it was asked for any
    events = run_jobs(jobs, out=tmp_path / "out", places=["cpu"] * workers, engines=ENGINES)
    next(iter(events))
    events.close()  # type: ignore[attr-defined]
    assert _children(os.getpid()) <= others


@pytest.mark.parametrize(
    ("code", "cause"),
    [(0, ""), (None, ""), (-11, "SIGSEGV(-11)"), (7, "EXIT(7)"), (-99, "SIGNAL(-99)")],
)
def test_the_cause_of_death_is_said_by_name(code: int | None, cause: str) -> None:
    assert cause_of_death(code) == cause


# --- the command's own end ----------------------------------------------------------------------

SCRIPT = """
    import sys
    sys.path[:0] = [{here!r}]
    from pathlib import Path
    from job_builders import ENGINES, job
    from voicepipe.workers.pool import run_jobs
    jobs = [job("slow 0.2", number) for number in range(200)]
    try:
        for event in run_jobs(jobs, out=Path({out!r}), places=["cpu"] * {workers}, engines=ENGINES):
            print(event.line_id, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        raise SystemExit(130)
"""


def _start(out: Path, workers: int) -> subprocess.Popen[str]:
    script = textwrap.dedent(SCRIPT).format(here=str(HERE), out=str(out), workers=workers)
    path = out.with_suffix(".py")
    path.write_text(script)
    return subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _children(parent: int) -> set[int]:
    """All living descendants but loky's resource tracker, from /proc."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if stat[0] != "Z" and "resource_tracker" not in command:
            parents[int(folder.name)] = int(stat[1])
    found: set[int] = set()
    fresh = {parent}
    while fresh:
        fresh = {pid for pid, above in parents.items() if above in fresh} - found
        found |= fresh
    return found


def _gone(pids: set[int], within_s: float = 10) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}/exe").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
@pytest.mark.parametrize("how", ["ctrl-c", "killed"])
def test_nobody_outlives_the_command(tmp_path: Path, workers: int, how: str) -> None:
    out = tmp_path / "out"
    command = _start(out, workers)
    assert command.stdout is not None
    assert command.stderr is not None
    assert command.stdout.readline().startswith("line_")
    children = _children(command.pid)
    assert len(children) >= workers
    if how == "ctrl-c":
        os.killpg(command.pid, signal.SIGINT)  # as a terminal does: to every process at once
    else:
        command.kill()
    said, complaints = command.communicate(timeout=30)
    assert _gone(children)
    if how == "ctrl-c":
        assert command.returncode == 130
        assert "interrupted" in said
        assert "Traceback" not in complaints
        assert list((out / "work").rglob("*.inflight")) == []
    known = TakeStore(out).known_clips()
    assert 0 < len(known) < 200

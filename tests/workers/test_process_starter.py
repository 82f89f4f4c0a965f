"""A process that is begun while the work is still being planned."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from job_builders import ENGINES, job

from voicepipe.workers.events import ClipDone
from voicepipe.workers.fork_server import CAN_FORK, ForkServer
from voicepipe.workers.pool import run_jobs
from voicepipe.workers.spawning import Spawner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.workers.spawning import ProcessStarter

KINDS = [Spawner, pytest.param(ForkServer, marks=pytest.mark.skipif(not CAN_FORK, reason="forks"))]


@pytest.fixture(params=KINDS)
def starter(request: pytest.FixtureRequest) -> Iterator[ProcessStarter]:
    begun = request.param(("json",))
    yield begun
    begun.close()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def n_done(starter: ProcessStarter, out: Path, workers: int) -> int:
    jobs = [job("fine", number) for number in range(1, 7)]
    events = run_jobs(jobs, out=out, places=["cpu"] * workers, engines=ENGINES, starter=starter)
    return sum(isinstance(event, ClipDone) for event in events)


@pytest.mark.parametrize("workers", [1, 2])
def test_it_does_the_work_it_was_begun_for_and_ends_with_it(
    starter: ProcessStarter, tmp_path: Path, workers: int
) -> None:
    pid = starter.pid
    assert pid is not None
    assert is_there(pid)
    assert n_done(starter, tmp_path / "out", workers) == 6
    starter.close()
    assert starter.pid is None
    assert not is_there(pid)


def test_nobody_needed_it_and_it_is_gone(starter: ProcessStarter) -> None:
    pid = starter.pid
    assert pid is not None
    starter.close()
    assert not is_there(pid)
    starter.close()


def test_one_that_died_before_its_work_is_followed_by_another(
    starter: ProcessStarter, tmp_path: Path
) -> None:
    assert starter.pid is not None
    os.kill(starter.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert n_done(starter, tmp_path / "out", 1) == 6

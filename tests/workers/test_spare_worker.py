"""A worker that is started while the work is still being planned."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from job_builders import ENGINES, job

from voicepipe.workers.events import ClipDone
from voicepipe.workers.pool import run_jobs
from voicepipe.workers.processes import SpareWorker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def spare() -> Iterator[SpareWorker]:
    worker = SpareWorker(("json",))
    yield worker
    worker.close()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def n_done(spare: SpareWorker, out: Path, workers: int) -> int:
    jobs = [job("fine", number) for number in range(1, 7)]
    events = run_jobs(jobs, out=out, places=["cpu"] * workers, engines=ENGINES, spare=spare)
    return sum(isinstance(event, ClipDone) for event in events)


@pytest.mark.parametrize("workers", [1, 2])
def test_it_does_the_work_it_was_started_for_and_ends_with_it(
    spare: SpareWorker, tmp_path: Path, workers: int
) -> None:
    pid = spare.pid
    assert pid is not None
    assert is_there(pid)
    assert n_done(spare, tmp_path / "out", workers) == 6
    assert spare.pid is None
    assert not is_there(pid)


def test_nobody_needed_it_and_it_is_gone(spare: SpareWorker) -> None:
    pid = spare.pid
    assert pid is not None
    spare.close()
    assert not is_there(pid)
    spare.close()


def test_one_that_died_before_its_work_is_followed_by_another(
    spare: SpareWorker, tmp_path: Path
) -> None:
    assert spare.pid is not None
    os.kill(spare.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert n_done(spare, tmp_path / "out", 1) == 6

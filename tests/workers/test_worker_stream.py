"""A worker and an engine that holds many lines: fed line by line, out of memory, recycled."""

from __future__ import annotations

import errno
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

import crowd_engine
import pytest
from crowd_engine import Machine
from job_builders import ENGINES, job

from voicepipe.bank.take_store import TakeStore
from voicepipe.memory import is_out_of_memory, resident_mb
from voicepipe.workers.backend import Ready
from voicepipe.workers.jobs import Orders, Outcome
from voicepipe.workers.worker import close_engines, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import ClipJob, Numbered


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine()
    monkeypatch.setattr(crowd_engine, "MACHINE", machine)
    yield machine
    close_engines()


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(out=tmp_path / "out", engines=ENGINES, device="cpu")


def lines(n: int, text: str = "hello") -> list[ClipJob]:
    return [job(text, number, engine="crowd") for number in range(n)]


class PlayedScheduler:
    """Hands out pieces of one size, one for every one, and releases at the end."""

    def __init__(self, jobs: Sequence[ClipJob], size: int = 1) -> None:
        self.inbox: SimpleQueue[tuple[Numbered, ...] | None] = SimpleQueue()
        self.outcomes: dict[int, Outcome] = {}
        self.most_ahead = 0
        self._jobs = list(enumerate(jobs))
        self._size = size
        self._n_handed = 0
        self._n = len(self._jobs)

    def tell(self, report: Report | Outcome) -> None:
        if isinstance(report, Outcome):
            assert report.number not in self.outcomes
            self.outcomes[report.number] = report
            if len(self.outcomes) == self._n:
                self.inbox.put(None)
        elif isinstance(report, Ready) and self._jobs:
            piece, self._jobs = tuple(self._jobs[: self._size]), self._jobs[self._size :]
            self._n_handed += len(piece)
            self.most_ahead = max(self.most_ahead, self._n_handed - len(self.outcomes))
            self.inbox.put(piece)


def work(orders: Orders, jobs: Sequence[ClipJob], size: int = 1) -> PlayedScheduler:
    scheduler = PlayedScheduler(jobs, size)
    serve(orders, scheduler.inbox, scheduler.tell)
    return scheduler


@pytest.mark.parametrize("size", [1, 3, 16])
def test_slots_stay_full_from_piece_to_piece(orders: Orders, machine: Machine, size: int) -> None:
    scheduler = work(orders, lines(64), size)
    assert all(not outcome.failure for outcome in scheduler.outcomes.values())
    assert machine.held[: 64 * 3 // 8] == [8] * (64 * 3 // 8)
    assert machine.opened == [0]


def test_what_is_ahead_of_the_engine_is_bounded_whatever_the_size_of_the_script(
    orders: Orders, machine: Machine
) -> None:
    few, many = (work(replace(orders, out=orders.out / str(n)), lines(n), 4) for n in (50, 300))
    assert many.most_ahead == few.most_ahead
    assert many.most_ahead <= machine.slots + 1 + 4


def test_no_more_lines_are_under_way_than_allowed(orders: Orders, machine: Machine) -> None:
    work(replace(orders, lines_at_once=3), lines(20), 4)
    assert max(machine.held) == 3
    assert machine.opened == [3]


def test_half_as_many_lines_at_once_after_memory_ran_out(orders: Orders, machine: Machine) -> None:
    machine.memory = 3
    scheduler = work(orders, lines(24), 4)
    assert len(scheduler.outcomes) == 24
    assert all(not outcome.failure for outcome in scheduler.outcomes.values())
    assert machine.opened == [0, 4, 2]  # 8 is too many, 4 is, 2 fit
    assert sorted(machine.spoken) == sorted({one.line_id for one in lines(24)})


def test_a_line_that_does_not_fit_alone_fails_by_itself(orders: Orders, machine: Machine) -> None:
    jobs = lines(10)
    jobs[4] = job("large", 4, engine="crowd")
    scheduler = work(orders, jobs, 4)
    failures = {n: outcome.failure for n, outcome in scheduler.outcomes.items() if outcome.failure}
    assert failures == {4: "MemoryError: this line"}


def test_an_engine_that_cannot_be_opened_for_want_of_memory_is_the_machines_fault(
    orders: Orders, machine: Machine
) -> None:
    machine.memory = 0
    scheduler = work(orders, lines(1))
    assert "no memory to open" in scheduler.outcomes[0].fault
    assert "--jobs" in scheduler.outcomes[0].remedy


def test_a_line_an_engine_has_lost_ends_all_the_same(orders: Orders) -> None:
    jobs = lines(12)
    jobs[3] = job("forget", 3, engine="crowd")
    scheduler = work(orders, jobs, 4)
    failures = {n: outcome.failure for n, outcome in scheduler.outcomes.items() if outcome.failure}
    assert list(failures) == [3]
    assert "no outcome" in failures[3]


def test_a_worn_worker_ends_what_it_began_and_leaves_the_rest(
    orders: Orders, machine: Machine
) -> None:
    scheduler = work(replace(orders, recycle_lines=10), lines(100), 4)
    assert 10 <= len(scheduler.outcomes) <= 10 + machine.slots
    assert len(scheduler.outcomes) == len(machine.spoken)


def test_a_worker_that_has_grown_leaves(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([900.0] * 5 + [1_200.0] * 1_000)
    monkeypatch.setattr("voicepipe.workers.worker.resident_mb", lambda: next(sizes))
    scheduler = work(replace(orders, recycle_growth_mb=256), lines(100), 4)
    assert 32 < len(scheduler.outcomes) < 60


def test_jobs_of_two_engines_take_turns(orders: Orders, machine: Machine) -> None:
    jobs = [job("hello", n, engine="crowd" if n % 5 else "trouble") for n in range(20)]
    scheduler = work(orders, jobs, 4)
    assert len(scheduler.outcomes) == 20
    assert all(not outcome.failure for outcome in scheduler.outcomes.values())


def test_outcomes_say_where_the_time_went(orders: Orders) -> None:
    jobs = lines(2)
    outcome = work(orders, jobs).outcomes[1]
    assert set(outcome.seconds) == {"waiting", "semantic", "judge", "post", "store"}
    assert outcome.seconds["semantic"] == 0.25
    assert outcome.seconds["post"] > 0
    again = work(orders, [replace(jobs[0], clip_key="a" * 64), jobs[1]])
    assert set(again.outcomes[0].seconds) == {"post", "store"}


def test_takes_are_stored_while_others_are_under_way(orders: Orders, machine: Machine) -> None:
    jobs = lines(9)
    scheduler = PlayedScheduler(jobs, 4)
    take_store = TakeStore(orders.out)

    def tell(report: Report | Outcome) -> None:
        if isinstance(report, Outcome):
            assert take_store.find_clip(jobs[report.number].clip_key) is not None
        scheduler.tell(report)

    serve(orders, scheduler.inbox, tell)
    assert len(scheduler.outcomes) == 9


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (MemoryError(), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("shapes differ"), False),
        (ValueError("not enough memory"), False),
    ],
)
def test_errors_that_say_memory_ran_out_are_known(error: Exception, is_memory: bool) -> None:
    assert is_out_of_memory(error) is is_memory


def test_resident_memory_is_some() -> None:
    assert resident_mb() > 10


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("could not create a primitive"),
        RuntimeError("could not create a primitive descriptor for a matmul primitive"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("unable to mmap 12 bytes: Cannot allocate memory (12)"),
    ],
)
def test_want_of_memory_is_known_whoever_says_it(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes differ"), OSError(errno.ENOSPC, "full"), ValueError("memory")]
)
def test_another_trouble_is_not_want_of_memory(error: Exception) -> None:
    assert not is_out_of_memory(error)

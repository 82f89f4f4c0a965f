"""The scheduler and a backend without processes: deaths, resignations, requests to stop."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from job_builders import ENGINES, job

from voicepipe.errors import EnvironmentFault
from voicepipe.workers.backend import Exited, Ready
from voicepipe.workers.jobs import Orders, Outcome
from voicepipe.workers.scheduler import Death, work_off
from voicepipe.workers.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import Numbered
    from voicepipe.workers.scheduler import RunEvent

    Script = Callable[["ScriptedBackend", int, Sequence[Numbered]], None]

ORDERS = Orders(out=Path("out"), engines=ENGINES, device="", finishers=3)


class ScriptedBackend:
    """Workers that do at once what a script says."""

    def __init__(self, script: Script, places: tuple[str, ...] = ("cpu", "cpu")) -> None:
        self.places = places
        self.started: list[tuple[int, Orders]] = []
        self.handed: list[tuple[int, tuple[int, ...]]] = []
        self.released: list[int] = []
        self.said: deque[tuple[int, Report | Outcome]] = deque()
        self._script = script

    def start_worker(self, place: int, orders: Orders) -> None:
        self.started.append((place, orders))
        self.say(place, Ready())

    def submit(self, place: int, jobs: Sequence[Numbered]) -> None:
        self.handed.append((place, tuple(number for number, _ in jobs)))
        self._script(self, place, jobs)

    def release(self, place: int) -> None:
        self.released.append(place)
        self.say(place, Exited())

    def reports(self, timeout_s: float) -> list[tuple[int, Report | Outcome]]:
        assert self.said, "nobody would ever say anything again"
        return [self.said.popleft()]

    def close(self) -> None:
        pass

    def say(self, place: int, report: Report | Outcome) -> None:
        self.said.append((place, report))


def end_all(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
    for number, _ in jobs:
        backend.say(place, Outcome(number=number))
    backend.say(place, Ready())


def run(backend: ScriptedBackend, n_jobs: int) -> list[RunEvent]:
    work = Workload({n: job("x", n) for n in range(n_jobs)}, len(backend.places))
    return list(work_off(work, backend, ORDERS, is_stopped=lambda: False))


def numbers(run_events: Sequence[RunEvent]) -> list[int]:
    return sorted(one.number for one in run_events if isinstance(one, Outcome))


def test_every_job_ends_and_each_worker_has_its_device() -> None:
    backend = ScriptedBackend(end_all, ("cuda:1", "cpu"))
    assert numbers(run(backend, 30)) == list(range(30))
    orders = dict(backend.started)
    assert (orders[0].device, orders[0].finishers) == ("cuda:1", 3)
    assert (orders[1].device, orders[1].finishers) == ("cpu", 0)
    assert sorted(backend.released) == [0, 1]
    assert {place for place, _ in backend.handed} == {0, 1}


def test_no_more_workers_are_hired_than_there_are_jobs() -> None:
    backend = ScriptedBackend(end_all, ("cpu",) * 8)
    assert numbers(run(backend, 2)) == [0, 1]
    assert len(backend.started) == 2


def test_what_is_unknown_of_a_dead_worker_is_all_it_was_handed() -> None:
    def die_once(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        if len(backend.handed) == 1:
            backend.say(place, Exited(cause="EXIT(1)"))
        else:
            end_all(backend, place, jobs)

    backend = ScriptedBackend(die_once, ("cpu",))
    run_events = run(backend, 40)
    first = backend.handed[0][1]
    assert len(first) > 1
    assert run_events[0] == Death(held=first, cause="EXIT(1)")
    assert [handed for _, handed in backend.handed[1 : 1 + len(first)]] == [(n,) for n in first]
    assert numbers(run_events) == list(range(40))


def test_who_was_killed_is_followed_by_one_with_half_the_lines() -> None:
    def killed_once(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        if len(backend.handed) == 1:
            begun = tuple(number for number, _ in jobs)
            backend.say(place, Exited(cause="SIGKILL(-9)", begun=begun))
        else:
            end_all(backend, place, jobs)

    backend = ScriptedBackend(killed_once, ("cpu",))
    run_events = run(backend, 40)
    (death,) = (one for one in run_events if isinstance(one, Death))
    assert death.lines_at_once == len(death.held) // 2 == 2
    assert [orders.lines_at_once for _, orders in backend.started] == [0, 2]


def test_two_deaths_on_a_line_fail_it_by_name() -> None:
    def die_of_three(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        before = [number for number, _ in jobs if number < 3]
        for number in before:
            backend.say(place, Outcome(number=number))
        if any(number == 3 for number, _ in jobs):
            backend.say(place, Exited(cause="SIGSEGV(-11)", begun=(3,)))
        else:
            end_all(backend, place, [one for one in jobs if one[0] not in before])

    run_events = run(ScriptedBackend(die_of_three), 12)
    failures = {o.number: o.failure for o in run_events if isinstance(o, Outcome) and o.failure}
    assert failures == {3: "the worker process died on this line twice (SIGSEGV(-11))"}
    assert numbers(run_events) == list(range(12))


def test_an_outcome_that_comes_twice_counts_once() -> None:
    def stutter(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        end_all(backend, place, jobs)
        end_all(backend, place, jobs)

    assert numbers(run(ScriptedBackend(stutter, ("cpu",)), 9)) == list(range(9))


@pytest.mark.parametrize("cause", ["EXIT(1)", ""])
def test_workers_that_never_begin_a_line_are_the_machines_fault(cause: str) -> None:
    def leave(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        backend.say(place, Exited(cause=cause, begun=()))

    backend = ScriptedBackend(leave)
    with pytest.raises(EnvironmentFault, match="die before they begin") as raised:
        run(backend, 5)
    assert raised.value.remedy
    assert len(backend.started) <= 5


def test_workers_that_leave_in_order_are_replaced_as_often_as_needed() -> None:
    def one_line(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        backend.say(place, Outcome(number=jobs[0][0]))
        backend.say(place, Exited())

    backend = ScriptedBackend(one_line, ("cpu",))
    assert numbers(run(backend, 20)) == list(range(20))
    assert len(backend.started) == 20


def test_once_stopped_nothing_new_begins_and_what_is_in_hand_ends() -> None:
    pending: list[tuple[int, Sequence[Numbered]]] = []
    is_stopped = False

    class Slow(ScriptedBackend):
        def reports(self, timeout_s: float) -> list[tuple[int, Report | Outcome]]:
            assert timeout_s <= 0.5  # soon enough for whoever wants to stop
            return super().reports(timeout_s) if self.said else []

        def release(self, place: int) -> None:
            for where, jobs in pending:
                if where == place:
                    self.say(place, Outcome(number=jobs[0][0]))
            super().release(place)

    def keep(backend: ScriptedBackend, place: int, jobs: Sequence[Numbered]) -> None:
        nonlocal is_stopped
        pending.append((place, jobs))
        is_stopped = len(pending) == 2

    backend = Slow(keep)
    work = Workload({n: job("x", n) for n in range(50)}, 2)
    run_events = list(work_off(work, backend, ORDERS, is_stopped=lambda: is_stopped))
    assert numbers(run_events) == sorted(jobs[0][0] for _, jobs in pending)
    assert work.n_waiting == 48

"""Who gets which job when: groups, order, shares, suspects; by simulated clocks alone."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from job_builders import job

from voicepipe.workers.workload import MAX_PIECE, Workload


def workload(costs: list[float], n_workers: int, models: str = "a") -> Workload:
    jobs = {
        number: job("x", number, cost_s=cost, model=models[number % len(models)])
        for number, cost in enumerate(costs)
    }
    return Workload(jobs, n_workers)


def numbers(piece: tuple[tuple[int, object], ...]) -> list[int]:
    return [number for number, _ in piece]


def drained(work: Workload, worker: int = 0) -> list[int]:
    """What a lone worker is handed, in order."""
    seen: list[int] = []
    while piece := work.take(worker):
        seen += numbers(piece)
        for number, _ in piece:
            work.end(worker, number)
    return seen


def test_longest_first_within_a_model_and_heaviest_model_first() -> None:
    work = workload([1, 9, 2, 8, 3, 70], 1, models="ab")
    assert drained(work) == [5, 1, 3, 4, 2, 0]
    assert work.is_done


def test_pieces_are_of_one_model_and_get_smaller() -> None:
    work = workload([float(n % 7 + 1) for n in range(300)], 1, models="ab")
    sizes = []
    while piece := work.take(0):
        assert len({str(one.request and one.request.inputs["model"]) for _, one in piece}) == 1
        sizes.append(len(piece))
        for number, _ in piece:
            work.end(0, number)
    assert max(sizes) == MAX_PIECE
    assert sizes[-1] == 1
    assert sum(sizes) == 300


def test_workers_begin_with_models_of_their_own() -> None:
    work = workload([1.0] * 100, 2, models="ab")
    first, second = work.take(0), work.take(1)
    models = {str(one.request and one.request.inputs["model"]) for _, one in first + second}
    assert len(models) == 2
    # … and help each other once their own is used up.
    shared = workload([1.0] * 40, 2)
    assert shared.take(0)
    assert shared.take(1)


def test_recordings_are_a_group_of_their_own() -> None:
    from dataclasses import replace

    jobs = {0: job("x", 0, cost_s=2), 1: replace(job("x", 1), request=None, cost_s=0.0)}
    work = Workload(jobs, 1)
    assert numbers(work.take(0)) == [0]
    assert numbers(work.take(0)) == [1]


def test_who_comes_first_does_not_take_everything() -> None:
    work = workload([4.0] * 24, 2)
    while work.take(0):
        pass
    assert len(work.held(0)) == 12
    while work.take(1):
        pass
    assert len(work.held(1)) == 12
    assert work.n_waiting == 0


def test_who_holds_nothing_is_never_refused() -> None:
    work = workload([100.0, 1.0], 3)
    assert numbers(work.take(0)) == [0]
    assert numbers(work.take(1)) == [1]
    assert work.take(2) == ()
    assert not work.is_done


def test_suspects_are_tried_alone_and_then_guilty() -> None:
    work = workload([3.0] * 12, 1)
    first = numbers(work.take(0))
    while work.take(0):
        pass
    suspects = first[:2]
    assert work.give_back(0, suspects) == ()
    assert work.n_waiting == 12
    assert numbers(work.take(0)) == suspects[:1]
    assert work.take(0) == ()  # nothing beside a suspect
    work.end(0, suspects[0])
    assert numbers(work.take(0)) == suspects[1:]
    assert work.give_back(0, suspects[1:]) == (suspects[1],)
    assert work.end(0, suspects[1]) is not None
    assert work.end(0, suspects[1]) is None
    assert sorted(drained(work)) == sorted(set(range(12)) - set(suspects))
    assert work.is_done


def test_a_suspect_that_was_not_begun_stays_one() -> None:
    work = workload([3.0] * 4, 1)
    (held,) = numbers(work.take(0))
    work.give_back(0, [held])
    assert numbers(work.take(0)) == [held]
    assert work.give_back(0) == ()
    assert numbers(work.take(0)) == [held]
    assert work.give_back(0, [held]) == (held,)


def test_what_is_given_back_comes_first_and_in_order() -> None:
    work = workload([9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0], 1)
    before = numbers(work.take(0)) + numbers(work.take(0))
    work.give_back(0)
    assert drained(work) == list(range(8))
    assert before == list(range(len(before)))


# --- devices of unequal speed ------------------------------------------------------------------


@dataclass
class Device:
    """Speaks what it holds side by side, each line at an equal share of its speed."""

    speed: float
    slots: int
    ready_at: float = 0.0
    left: dict[int, float] = field(default_factory=dict)

    def next_end_s(self) -> float:
        return min(self.left.values()) * len(self.left) / self.speed

    def advance(self, seconds: float) -> list[int]:
        done = seconds * self.speed / max(1, len(self.left))
        self.left = {number: cost - done for number, cost in self.left.items()}
        ended = [number for number, cost in self.left.items() if cost <= 1e-9]
        for number in ended:
            del self.left[number]
        return ended


def simulated(costs: list[float], devices: list[Device], actual: list[float]) -> float:
    """Run a workload on simulated devices; give the time at which the last one ends."""
    work = workload(costs, len(devices))
    now = 0.0
    buffers: list[list[int]] = [[] for _ in devices]
    starts = [(device.ready_at, n) for n, device in enumerate(devices) if device.ready_at]
    heapq.heapify(starts)
    while not work.is_done:
        for n, device in enumerate(devices):
            while now >= device.ready_at and len(device.left) < device.slots:
                buffers[n] = buffers[n] or numbers(work.take(n))
                if not buffers[n]:
                    break
                number = buffers[n].pop(0)
                device.left[number] = actual[number]
        steps = [device.next_end_s() for device in devices if device.left]
        steps += [at - now for at, _ in starts[:1]]
        step = min(steps)
        now += step
        if starts and now >= starts[0][0]:
            heapq.heappop(starts)
        for n, device in enumerate(devices):
            for number in device.advance(step):
                assert work.end(n, number) is not None
    return now


def lengths(n: int, seed: int = 1) -> list[float]:
    import numpy as np

    return [float(length) for length in np.random.default_rng(seed).uniform(2, 6, n)]


@pytest.mark.parametrize("slots", [1, 4, 16, 32])
@pytest.mark.parametrize(
    ("speeds", "n_lines"),
    [
        ((1, 1, 1, 1), 1_000),
        ((1, 1, 2, 4), 1_000),
        ((1, 3, 5, 7), 1_000),
        ((8, 1, 1, 1), 1_000),
        # What a slow device holds in its slots nobody can take away: it needs a longer render.
        ((10, 10, 10, 1), 4_000),
    ],
)
def test_four_uneven_devices_end_within_a_tenth_of_the_ideal_split(
    speeds: tuple[float, ...], n_lines: int, slots: int
) -> None:
    costs = lengths(n_lines)
    # Estimates are wrong by a factor between 2 and 6, another for every line.
    actual = [cost * factor for cost, factor in zip(costs, lengths(n_lines, seed=2), strict=True)]
    devices = [Device(speed, slots) for speed in speeds]
    ideal = sum(actual) / sum(speeds)
    assert simulated(costs, devices, actual) <= 1.10 * ideal


def test_two_equal_devices_share_a_short_render_though_one_is_late() -> None:
    costs = lengths(24)
    devices = [Device(1, 16), Device(1, 16, ready_at=1.0)]
    assert simulated(costs, devices, costs) <= 1.10 * (sum(costs) + 1.0) / 2


# --- nothing is lost, whatever happens ----------------------------------------------------------


class JobCounts:
    """Chance happenings, and every job's ends counted."""

    def __init__(self, work: Workload) -> None:
        self.work = work
        self.ended: Counter[int] = Counter()

    def end(self, worker: int, numbers: tuple[int, ...]) -> None:
        self.ended.update(n for n in numbers if self.work.end(worker, n) is not None)

    def take(self, worker: int) -> None:
        assert not set(numbers(self.work.take(worker))) & set(self.ended)

    def end_two(self, worker: int) -> None:
        self.end(worker, self.work.held(worker)[:2])

    def leave(self, worker: int) -> None:
        assert self.work.give_back(worker) == ()

    def die(self, worker: int) -> None:
        self.end(worker, self.work.give_back(worker, self.work.held(worker)[:3]))


@settings(deadline=None)
@given(
    costs=st.lists(st.floats(0, 20), min_size=1, max_size=40),
    n_workers=st.integers(1, 4),
    rolls=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=120),
)
def test_every_job_ends_once_whoever_leaves_or_dies(
    costs: list[float], n_workers: int, rolls: list[tuple[int, int]]
) -> None:
    work = workload(costs, n_workers, models="abc")
    books = JobCounts(work)
    run_events = (books.take, books.take, books.take, books.end_two, books.leave, books.die)
    for roll, what in rolls:
        run_events[what](roll % n_workers)
        held = [number for worker in range(n_workers) for number in work.held(worker)]
        assert len(held) == len(set(held))
    while not work.is_done:
        before = sum(books.ended.values())
        for worker in range(n_workers):
            books.take(worker)
            books.end(worker, work.held(worker))
        assert sum(books.ended.values()) > before
    assert books.ended == Counter(range(len(costs)))

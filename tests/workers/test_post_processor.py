"""Finishing beside a worker: the same clips, and only so many takes waiting."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

import numpy as np
from job_builders import ENGINES, job

from voicepipe.audio.clip import AudioClip
from voicepipe.bank.take_store import TakeStore
from voicepipe.engines.protocol import Rendered
from voicepipe.workers.choosing import FinisherSetup
from voicepipe.workers.finishing import Finisher
from voicepipe.workers.jobs import MakeAgain, Orders, Outcome
from voicepipe.workers.places import n_finishers
from voicepipe.workers.pool import run_jobs
from voicepipe.workers.post_processor import (
    InlinePostProcessor,
    PooledPostProcessor,
    post_processor_for,
)
from voicepipe.workers.worker import close_engines, serve

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    import pytest

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import Numbered

TONE = AudioClip(
    samples=(0.2 * np.sin(np.arange(8_000) * 0.05)).astype(np.float32), sample_rate=16_000
)


def test_a_clip_finished_beside_is_the_clip_finished_here(tmp_path: Path) -> None:
    one = job("hello")
    assert one.request is not None
    own = InlinePostProcessor(Finisher(FinisherSetup(out=tmp_path / "own")))
    side = post_processor_for(Finisher(FinisherSetup(out=tmp_path / "side")), 1)
    assert isinstance(side, PooledPostProcessor)
    outcomes: list[Outcome | MakeAgain] = []
    for post_processor in (own, side):
        made = Rendered(request=one.request, clip=TONE)
        post_processor.keep(5, one, [made], outcomes.append, n_left=0)
        post_processor.close()
    first, second = outcomes
    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert (first.number, first.audio_s, first.was_rendered) == (5, second.audio_s, True)
    assert set(second.seconds) == {"judge", "post", "store"}
    records = [TakeStore(tmp_path / name).find_clip(one.clip_key) for name in ("own", "side")]
    assert len({record.object_id for record in records if record is not None}) == 1


def test_only_so_many_takes_wait(tmp_path: Path) -> None:
    class Slow:
        """Ends nothing until it is let."""

        def __init__(self) -> None:
            self.waiting: list[Future] = []

        def submit(self, *_: object) -> Future:
            self.waiting.append(Future())
            return self.waiting[-1]

        def shutdown(self, *, wait: bool) -> None:
            pass

    slow = Slow()
    post_processor = PooledPostProcessor(FinisherSetup(out=tmp_path), 2, cast("Executor", slow))
    one = job("hello")
    assert one.request is not None
    made, n_handed = Rendered(request=one.request, clip=TONE), 0
    done: list[Outcome | MakeAgain] = []

    def hand() -> None:
        nonlocal n_handed
        for number in range(12):
            post_processor.keep(number, one, [made], done.append, n_left=0)
            n_handed += 1

    thread = threading.Thread(target=hand, daemon=True)
    thread.start()
    thread.join(0.5)
    assert n_handed == 8
    slow.waiting[0].end(Outcome(number=0))
    slow.waiting[1].end(Outcome(number=1))
    thread.join(0.5)
    assert n_handed == 10
    for future in slow.waiting[2:]:
        future.end(Outcome(number=2))
    thread.join()
    for future in slow.waiting[10:]:
        future.end(Outcome(number=3))
    post_processor.close()
    assert len(done) == 12


class Future:
    """One that its test ends."""

    def __init__(self) -> None:
        self.result_: Outcome | None = None
        self.then: list[object] = []

    def add_done_callback(self, then: object) -> None:
        self.then.append(then)

    def exception(self) -> None:
        return None

    def result(self) -> Outcome | None:
        return self.result_

    def end(self, outcome: Outcome) -> None:
        if self.result_ is None:
            self.result_ = outcome
            for then in self.then:
                assert callable(then)
                then(self)


def test_a_worker_with_a_pool_beside_it_ends_every_job(tmp_path: Path) -> None:
    out = tmp_path / "out"
    orders = Orders(out=out, engines=ENGINES, device="cuda:0", finishers=1, journals=out / "marks")
    jobs = [job("hello", number) for number in range(6)]
    inbox: SimpleQueue[tuple[Numbered, ...] | None] = SimpleQueue()
    outcomes: list[Outcome] = []

    def tell(report: Report | Outcome) -> None:
        if isinstance(report, Outcome):
            outcomes.append(report)
            if len(outcomes) in (5, 7):
                inbox.put(None)

    # The take of the last is there, but damaged: it comes back to be rendered.
    inbox.put(tuple(enumerate(jobs[:5])))
    serve(orders, inbox, tell)
    take_store = TakeStore(out)
    take_store.clips.remove(jobs[0].clip_key)
    take = take_store.find_take(jobs[0].take_key)
    assert take is not None
    path = take_store.objects.path(take.object_id)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-8])
    inbox.put(((0, jobs[0]), (5, jobs[5])))
    serve(orders, inbox, tell)
    close_engines()
    assert sorted(outcome.number for outcome in outcomes) == [0, 0, 1, 2, 3, 4, 5]
    assert all(outcome.was_rendered and not outcome.failure for outcome in outcomes)
    assert list((out / "marks").iterdir()) == []


def test_devices_that_are_not_the_processor_get_finishers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicepipe.workers.places.n_cores", lambda: 16)
    assert n_finishers(("cuda:0",)) == 8
    assert n_finishers(("cuda:0", "cuda:1", "cpu", "cpu")) == 6
    assert n_finishers(("cuda:0",) * 16) == 1
    assert n_finishers(("cpu",)) >= 1  # of no use, and not started


def test_a_render_on_two_devices_ends_every_line(tmp_path: Path) -> None:
    jobs = [job("hello", number) for number in range(10)]
    places = ("cuda:0", "cuda:1")
    events = list(run_jobs(jobs, out=tmp_path / "out", places=places, engines=ENGINES))
    assert len(events) == 10
    assert TakeStore(tmp_path / "out").known_clips() == {one.clip_key for one in jobs}

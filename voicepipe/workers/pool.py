"""Jobs in, events out: hands work to processes and goes on when one of them dies.

When a process dies, joblib ends the whole call. What was finished is in the store and known from
the marks; the lines that were in flight are each tried once more, alone, and fail by name if they
kill again; everything else goes on with a new crew.
"""

from __future__ import annotations

import itertools
import secrets
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from voicepipe.bank.layout import inflight_folder
from voicepipe.engines.registry import ENGINES
from voicepipe.errors import EnvironmentFault
from voicepipe.workers.batches import batches_of
from voicepipe.workers.crew import cause_of_death, work_off
from voicepipe.workers.events import ClipDone, LineFailed, WorkerDied
from voicepipe.workers.interrupts import remembered_interrupts
from voicepipe.workers.jobs import Orders, Outcome
from voicepipe.workers.marks import collect_marks, remove_marks

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from voicepipe.workers.batches import Numbered
    from voicepipe.workers.events import RenderEvent
    from voicepipe.workers.jobs import ClipJob

_IDLE_DEATHS = 3
"""Crews that may die without holding a line before the machine is blamed."""


def run_jobs(
    jobs: Sequence[ClipJob],
    *,
    out: Path,
    workers: int,
    device: str = "cpu",
    attempts: int = 1,
    stop: threading.Event | None = None,
    engines: Mapping[str, str] = ENGINES,
    root: Path | None = None,
) -> Iterator[RenderEvent]:
    """Make every clip, in other processes, longest first.

    Args:
        jobs: At most one a line and language.
        out: The output folder; the caller holds its lock.
        workers: Processes, at least 1. One worker is a process of its own, too.
        device: Every process opens its engines there.
        attempts: How often a line may be tried whose engine says that another try can succeed.
        stop: Once set, nothing new begins and what is in hand is finished.
        engines: Name → `module:class`.
        root: The project, where models and clips lie; None: the current folder.

    Yields:
        `ClipDone` or `LineFailed` for every job that was begun, `WorkerDied` in between.

    Raises:
        EnvironmentFault: The machine is to blame (engine missing, disk full …); what was finished
            stays in the store.
        KeyboardInterrupt: Passed on, after the worker processes have ended.
    """
    marks = inflight_folder(out) / secrets.token_hex(6)
    orders = Orders(
        out=out,
        marks=marks,
        engines=dict(engines),
        device=device,
        root=root,
        attempts=max(1, attempts),
    )
    run = _Run(orders, jobs, stop)
    try:
        with remembered_interrupts() as raise_if_asked:
            for event in run.events(workers):
                yield event
                raise_if_asked()
            raise_if_asked()
    finally:
        remove_marks(marks)


class _Run:
    def __init__(
        self, orders: Orders, jobs: Sequence[ClipJob], stop: threading.Event | None
    ) -> None:
        self._orders = orders
        self._remaining = dict(enumerate(jobs))
        self._stop = stop

    def events(self, workers: int) -> Iterator[RenderEvent]:
        idle_deaths = 0
        while self._remaining and not self._is_stopped():
            batches = batches_of(self._remaining, workers=workers)
            try:
                yield from self._work_off(batches, min(workers, len(batches)))
            except BrokenProcessPool as death:
                held = yield from self._settle_remains()
                yield WorkerDied(lines=tuple(self._remaining[n].line_id for n in held))
                idle_deaths = 0 if held else idle_deaths + 1
                if idle_deaths >= _IDLE_DEATHS:
                    raise _unlucky(death) from death
                yield from self._try_alone(held)
            else:
                return

    def _work_off(
        self, batches: Sequence[tuple[Numbered, ...]], workers: int
    ) -> Iterator[RenderEvent]:
        with work_off(self._orders, self._until_stopped(batches), workers) as results:
            for outcomes in results:
                for outcome in outcomes:
                    yield self._settled(outcome)

    def _try_alone(self, suspects: Sequence[int]) -> Iterator[RenderEvent]:
        """Give each line a process it can kill without harm; several share one while it lives."""
        waiting = [number for number in suspects if number in self._remaining]
        while waiting and not self._is_stopped():
            try:
                yield from self._work_off([((n, self._remaining[n]),) for n in waiting], 1)
            except BrokenProcessPool as death:
                held = yield from self._settle_remains()
                cause = cause_of_death(death) or "no exit code"
                # A death before the line was begun is the line's as well: loading it killed.
                for number in held or waiting[:1]:
                    failure = f"the worker process died on this line twice ({cause})"
                    yield self._settled(Outcome(number=number, failure=failure))
            waiting = [number for number in waiting if number in self._remaining]

    def _settle_remains(self) -> Generator[RenderEvent, None, tuple[int, ...]]:
        """Report what dead workers had finished; give the numbers of what they held."""
        remains = collect_marks(self._orders.marks)
        for outcome in remains.outcomes:
            if outcome.number in self._remaining:
                yield self._settled(outcome)
        return tuple(number for number in remains.held if number in self._remaining)

    def _settled(self, outcome: Outcome) -> RenderEvent:
        if outcome.fault:
            raise EnvironmentFault(outcome.fault, remedy=outcome.remedy)
        job = self._remaining.pop(outcome.number)
        if outcome.failure:
            return LineFailed(
                line_id=job.line_id,
                language=job.language,
                script=job.script,
                reason=outcome.failure,
            )
        return ClipDone(
            line_id=job.line_id,
            language=job.language,
            audio_s=outcome.audio_s,
            was_rendered=outcome.was_rendered,
            note=outcome.note,
        )

    def _until_stopped(
        self, batches: Sequence[tuple[Numbered, ...]]
    ) -> Iterator[tuple[Numbered, ...]]:
        return itertools.takewhile(lambda _: not self._is_stopped(), batches)

    def _is_stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()


def _unlucky(death: BaseException) -> EnvironmentFault:
    cause = cause_of_death(death) or "no exit code"
    return EnvironmentFault(
        f"worker processes die before they begin a line ({cause})",
        remedy="look at memory and at the system's log; try --jobs 1",
    )

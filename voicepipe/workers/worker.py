"""What runs inside a worker: jobs in, one outcome a job out, its engine always kept fed.

An engine takes its next line when it has room for one, whichever piece of work that came with.
Nothing that goes wrong with one line stops the others; what goes wrong with the machine is said as
such, so that nobody grinds through ten thousand lines on a full disk. When memory runs out, the
lines in flight begin again, half as many at once.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from voicepipe.documents.inside import refuse_links
from voicepipe.engines.registry import engine_named
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.memory import is_out_of_memory, resident_mb
from voicepipe.synthesis.request import seed_of_attempt
from voicepipe.workers.choosing import FinisherSetup
from voicepipe.workers.finishing import Finisher, failed
from voicepipe.workers.inflight_journal import InFlightJournal
from voicepipe.workers.job_feed import Feed
from voicepipe.workers.jobs import MakeAgain
from voicepipe.workers.post_processor import post_processor_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Executor
    from queue import SimpleQueue

    from voicepipe.engines.protocol import Rendered, Renderer
    from voicepipe.qc.retakes import Tried
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import ClipJob, Numbered, Orders, Outcome

_OPEN: dict[tuple[str, str], Renderer] = {}
"""Engines of this process, by name and device: the one process-global there is."""
_PATIENCE = 100_000
"""Times an engine may ask for work in vain without ending a line it holds: far more than any line
has steps, so it has lost it."""
_SETTLED_LINES = 32
"""After so many lines models and buffers are in memory; what comes on top is growth."""


def serve(
    orders: Orders,
    inbox: SimpleQueue[tuple[Numbered, ...] | None],
    tell: Callable[[Report | Outcome], None],
    beside: Executor | None = None,
) -> None:
    """Make clips and store them until there will be no more, or it is time for a fresh worker.

    Args:
        orders: The worker's own.
        inbox: Pieces of work, filled by another thread; None: there will be no more.
        tell: Takes sought and outcomes, one at a time but in any thread.
        beside: The processes that finish clips, where they were started already.
    """
    if orders.journals is not None:
        refuse_links(orders.out, orders.journals)
    journal = InFlightJournal(orders.journals)
    try:
        _Worker(orders, inbox, tell, journal, beside).work()
    finally:
        journal.close()


def close_engines() -> None:
    """Close every engine this process has opened."""
    while _OPEN:
        _OPEN.popitem()[1].close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    number: int
    job: ClipJob
    request: SynthesisRequest
    attempt: int = 1
    draw: int = 1
    """The seed's own number: an attempt that was interrupted is made again with the same seed."""
    pace: float = 1.0
    """A factor on the line's own pace."""
    made: tuple[Rendered, ...] = ()
    """What came of the attempts before, but for interrupted ones."""
    tried: tuple[Tried, ...] = ()
    """What was found out about those of them that could be takes."""
    waited_s: float = 0.0


class _Worker:
    def __init__(
        self,
        orders: Orders,
        inbox: SimpleQueue[tuple[Numbered, ...] | None],
        tell: Callable[[Report | Outcome], None],
        journal: InFlightJournal,
        beside: Executor | None,
    ) -> None:
        self._orders = orders
        self._feed = Feed(inbox, self._say)
        self._tell = tell
        self._journal = journal
        setup = FinisherSetup(
            out=orders.out, judge=orders.judge, root=orders.root, examiner=orders.examiner
        )
        self._finisher = Finisher(setup)
        self._post_processor = post_processor_for(self._finisher, orders.finishers, beside)
        # Jobs end in threads of the post-processor, too.
        self._telling = threading.Lock()
        self._at_once = orders.lines_at_once
        self._in_flight: dict[tuple[str, str], _Try] = {}
        self._again: deque[_Try] = deque()
        self._alone: deque[_Try] = deque()
        self._n_ended = 0
        self._settled_mb = 0.0

    def work(self) -> None:
        while True:
            while (engine := self._next_engine()) is not None:
                self._render_with(engine)
            self._post_processor.drain()
            if not self._again:  # the last verdicts have asked for no further attempt
                break
        self._post_processor.close()

    def _render_with(self, engine: str) -> None:
        try:
            renderer = self._opened(engine)
            for rendered in renderer.render(self._requests(engine)):
                self._settle(rendered)
        except Exception as error:  # noqa: BLE001 -- a broken engine is its lines' outcome
            self._recover(engine, error)
        else:
            self._fail_all(SynthesisError(f'the engine "{engine}" gave no outcome for the line'))

    def _next_engine(self) -> str | None:
        """Finish what needs no engine until something does."""
        while True:
            for tries in (self._alone, self._again):
                if tries:
                    return tries[0].request.engine
            found = self._next_unspoken(wait=True)
            if found is not None:
                self._feed.put_back(found)
                assert found[1].request is not None
                return found[1].request.engine
            if self._feed.is_closed and not self._again:
                return None

    def _next_unspoken(self, *, wait: bool) -> Numbered | None:
        """The next job that is to be rendered; those before it are finished from what there is."""
        while (numbered := self._feed.next(wait=wait)) is not None:
            number, job = numbered
            if job.request is not None and self._finisher.needs_engine(job):
                if job.request.key() == job.take_key:
                    return numbered
                # Another take must not stand in for a pinned one.
                error = SynthesisError(f"the pinned take {job.take_key[:12]} is not stored")
                self._end(failed(number, error))
                continue
            self._begin(number)
            self._post_processor.without_engine(number, job, partial(self._present, numbered))
        return None

    def _present(self, numbered: Numbered, outcome: Outcome | None) -> None:
        if outcome is None:  # damaged, and set aside by now: as good as never rendered
            self._feed.again(numbered)
        else:
            self._end(outcome)

    def _requests(self, engine: str) -> Iterator[SynthesisRequest | None]:
        """Feed an engine for as long as jobs are for it."""
        if self._alone:
            yield self._given(self._alone.popleft())
            return
        in_vain, n_ended = 0, self._n_ended
        while in_vain < _PATIENCE:
            tried = self._next_try(engine)
            if tried is not None:
                yield self._given(tried)
            elif self._in_flight:
                in_vain, n_ended = (in_vain + 1 if n_ended == self._n_ended else 0), self._n_ended
                yield None
            else:
                return

    def _next_try(self, engine: str) -> _Try | None:
        if self._at_once and len(self._in_flight) >= self._at_once:
            return None
        found = None
        while found is None:
            if self._again:
                return self._again.popleft() if self._again[0].request.engine == engine else None
            found = self._next_unspoken(wait=not self._in_flight)
            if found is None and (self._in_flight or self._feed.is_closed):
                return None
        number, job = found
        assert job.request is not None
        if job.request.engine != engine:
            self._feed.put_back(found)
            return None
        waited_s = self._feed.waited_s()
        return _Try(number=number, job=job, request=job.request, pace=job.pace, waited_s=waited_s)

    def _given(self, tried: _Try) -> SynthesisRequest:
        self._begin(tried.number)
        self._in_flight[tried.request.line_id, tried.request.language] = tried
        request = tried.request
        return replace(request, seed=seed_of_attempt(request.seed, tried.draw), pace=tried.pace)

    def _settle(self, rendered: Rendered) -> None:
        request = rendered.request
        tried = self._in_flight.pop((request.line_id, request.language))
        spent = {"waiting": tried.waited_s, **rendered.seconds}
        n_left = self._orders.attempts - tried.attempt
        if rendered.is_interrupted and n_left > 0:
            self._again.append(replace(tried, attempt=tried.attempt + 1))
            return
        tried = replace(tried, made=(*tried.made, rendered))
        then = partial(self._end_judged, tried, spent)
        self._post_processor.keep(
            tried.number, tried.job, tried.made, then, n_left=n_left, tried=tried.tried
        )

    def _end_judged(
        self, tried: _Try, spent: Mapping[str, float], outcome: Outcome | MakeAgain
    ) -> None:
        """Take up what became of a line, perhaps in another thread."""
        if isinstance(outcome, MakeAgain):
            self._again.append(_once_more(tried, outcome))
            self._feed.wake()
            return
        self._end(replace(outcome, seconds={**spent, **outcome.seconds}))

    def _recover(self, engine: str, error: Exception) -> None:
        """Go on after an engine broke, with another one and fewer lines at once."""
        self._discard(engine)
        is_memory = is_out_of_memory(error)
        if not self._in_flight:  # it never opened
            self._fail_next(engine, _no_room(engine, error) if is_memory else error)
            return
        n_broken = len(self._in_flight)
        if n_broken == 1 or isinstance(error, EnvironmentFault):
            self._fail_all(error)
            return
        if is_memory:
            self._at_once = n_broken // 2
            self._again.extendleft(reversed(self._in_flight.values()))
        else:
            self._alone.extend(self._in_flight.values())
        self._in_flight.clear()

    def _fail_all(self, error: Exception) -> None:
        while self._in_flight:
            self._end(failed(self._in_flight.popitem()[1].number, error))

    def _fail_next(self, engine: str, error: Exception) -> None:
        """Fail the job for which an engine was to be opened."""
        for tries in (self._alone, self._again):
            if tries:
                self._end(failed(tries.popleft().number, error))
                return
        found = self._feed.next(wait=False)
        assert found is not None, f"{engine} is opened for a job"
        self._end(failed(found[0], error))

    def _opened(self, engine: str) -> Renderer:
        place = (engine, self._orders.device)
        if place not in _OPEN:
            try:
                made = engine_named(engine, self._orders.engines, root=self._orders.root)
                _OPEN[place] = made.open(place[1], lines_at_once=self._at_once)
            except ImportError as error:
                message = f'the engine "{engine}" does not load: {error}'
                raise EnvironmentFault(message, remedy="install voicepipe again") from error
        return _OPEN[place]

    def _discard(self, engine: str) -> None:
        renderer = _OPEN.pop((engine, self._orders.device), None)
        if renderer is not None:
            renderer.close()

    def _begin(self, number: int) -> None:
        with self._telling:
            self._journal.begin(number)

    def _say(self, report: Report) -> None:
        with self._telling:
            self._tell(report)

    def _end(self, outcome: Outcome) -> None:
        with self._telling:
            self._tell(outcome)
            self._journal.end(outcome.number)
            self._n_ended += 1
        if self._is_due_for_restart():
            self._feed.close()

    def _is_due_for_restart(self) -> bool:
        orders = self._orders
        if orders.recycle_lines and self._n_ended >= orders.recycle_lines:
            return True
        if not orders.recycle_growth_mb or self._n_ended < _SETTLED_LINES:
            return False
        self._settled_mb = self._settled_mb or resident_mb()
        return resident_mb() - self._settled_mb > orders.recycle_growth_mb


def _once_more(tried: _Try, again: MakeAgain) -> _Try:
    """Say how a line is tried again."""
    if again.pace is not None:
        return replace(tried, pace=again.pace, tried=again.tried)
    # A retake is no failed attempt, and has as many of these as the first take had.
    attempt = 1 if again.is_retake else tried.attempt + 1
    return replace(tried, attempt=attempt, draw=tried.draw + 1, tried=again.tried)


def _no_room(engine: str, error: Exception) -> EnvironmentFault:
    fault = EnvironmentFault(
        f'there is no memory to open the engine "{engine}": {error}',
        remedy="use fewer processes (--jobs), or a device with more memory",
    )
    fault.__cause__ = error
    return fault

"""Jobs in, events out: what a render asks of the workers."""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from voicepipe.bank.clip_facts import ClipRetakes, fields_of
from voicepipe.bank.layout import inflight_folder
from voicepipe.engines.registry import ENGINES, modules_of
from voicepipe.errors import EnvironmentFault
from voicepipe.qc.judge import DEFAULT_JUDGE
from voicepipe.workers.events import ClipDone, LineFailed, WorkerDied
from voicepipe.workers.inflight_journal import remove_inflight
from voicepipe.workers.interrupts import remembered_interrupts
from voicepipe.workers.jobs import Orders
from voicepipe.workers.places import n_finishers
from voicepipe.workers.processes import ProcessBackend
from voicepipe.workers.scheduler import Death, work_off
from voicepipe.workers.workload import Workload

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from voicepipe.qc.examining import ExaminerSetup
    from voicepipe.workers.backend import WorkerBackend
    from voicepipe.workers.events import RenderEvent
    from voicepipe.workers.jobs import ClipJob
    from voicepipe.workers.scheduler import RunEvent
    from voicepipe.workers.spawning import ProcessStarter

RECYCLE_LINES = 5_000
"""A fresh process every so often costs seconds in hours, and forgets whatever a library leaks."""
RECYCLE_GROWTH_MB = 2_048
"""More than the longest line and the largest second model need."""


def run_jobs(
    jobs: Sequence[ClipJob],
    *,
    out: Path,
    places: Sequence[str] = ("cpu",),
    attempts: int = 1,
    stop: threading.Event | None = None,
    engines: Mapping[str, str] = ENGINES,
    judge: str = DEFAULT_JUDGE,
    examiner: ExaminerSetup | None = None,
    root: Path | None = None,
    lines_at_once: int = 0,
    recycle_lines: int = RECYCLE_LINES,
    recycle_growth_mb: int = RECYCLE_GROWTH_MB,
    backend: WorkerBackend | None = None,
    starter: ProcessStarter | None = None,
) -> Iterator[RenderEvent]:
    """Make every clip, in other processes, longest first.

    Args:
        jobs: At most one a line and language.
        out: The output folder; the caller holds its lock.
        places: The device of every worker process, at least one. One worker is a process of its
            own, too.
        attempts: How often a line may be tried, while its engine or its judge asks for another.
        stop: Once set, nothing new begins and what is in hand is finished.
        engines: Name → `module:class`.
        judge: `module:class` of what decides which sounds become takes.
        examiner: Who listens to finished clips; None: nobody.
        root: The project, where models and clips lie; None: the current folder.
        lines_at_once: Lines in flight in an engine at most; 0: as many as it likes.
        recycle_lines: A worker is replaced after so many lines; 0: never.
        recycle_growth_mb: A worker is replaced once its memory has grown by so much; 0: never.
        backend: Who does the work; None: processes of this machine at `places`. Closed at the end.
        starter: Of workers on the processor, where one was begun ahead; not closed.

    Yields:
        `ClipDone` or `LineFailed` for every job that was begun, `WorkerDied` in between.

    Raises:
        EnvironmentFault: The machine is to blame (engine missing, disk full …); what was finished
            stays in the store.
        KeyboardInterrupt: Passed on, after the workers have ended.
    """
    journals = inflight_folder(out) / secrets.token_hex(6)
    if backend is None:
        named = {engines.get(job.request.engine, "") for job in jobs if job.request is not None}
        backend = ProcessBackend(places, modules=modules_of(named), starter=starter)
    orders = Orders(
        out=out,
        journals=journals,
        engines=dict(engines),
        device="",  # that of its place, for each worker
        root=root,
        attempts=max(1, attempts),
        judge=judge,
        examiner=examiner,
        lines_at_once=lines_at_once,
        finishers=n_finishers(backend.places),
        cpu_finishers=int(examiner is not None and examiner.listens),
        recycle_lines=recycle_lines,
        recycle_growth_mb=recycle_growth_mb,
    )
    work = Workload(dict(enumerate(jobs)), len(backend.places))
    with remembered_interrupts() as raise_if_asked, contextlib.ExitStack() as cleared:
        cleared.callback(remove_inflight, journals)
        cleared.callback(backend.close)

        def is_stopped() -> bool:
            raise_if_asked()
            return stop is not None and stop.is_set()

        for event in work_off(work, backend, orders, is_stopped=is_stopped):
            yield _event(event, jobs)
            raise_if_asked()


def _event(event: RunEvent, jobs: Sequence[ClipJob]) -> RenderEvent:
    if isinstance(event, Death):
        return WorkerDied(
            lines=tuple(jobs[number].line_id for number in event.held),
            lines_at_once=event.lines_at_once,
        )
    if event.fault:
        raise EnvironmentFault(event.fault, remedy=event.remedy)
    job = jobs[event.number]
    if event.failure:
        return LineFailed(
            line_id=job.line_id,
            language=job.language,
            script=job.script,
            reason=event.failure,
        )
    return ClipDone(
        line_id=job.line_id,
        language=job.language,
        audio_s=event.audio_s,
        was_rendered=event.was_rendered,
        note=event.note,
        verdict=event.verdict,
        **fields_of(event, ClipRetakes),
        script=job.script,
        seconds=event.seconds,
    )

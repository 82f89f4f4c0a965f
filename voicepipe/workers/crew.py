"""Worker processes: started, fed, and seen off, whatever happens.

Two crews: several processes through `joblib.Parallel`, or a single one (joblib itself would not
leave our process for that, and a crash must never take the command down with it).
"""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from typing import TYPE_CHECKING

import joblib
from joblib.externals.loky import ProcessPoolExecutor, get_reusable_executor

from voicepipe.workers.entry import make_clips
from voicepipe.workers.lifeline import tie_to_parent

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from voicepipe.workers.batches import Numbered
    from voicepipe.workers.jobs import Orders, Outcome

    Batches = Iterable[tuple[Numbered, ...]]
    Results = Generator[tuple[Outcome, ...], None, None]

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_EXIT_CODES = re.compile(r"exit codes of the workers are \{([^}]*)\}")


def several(orders: Orders, batches: Batches, workers: int) -> Results:
    """Work batches off in several processes; results come as they end.

    Raises:
        BrokenProcessPool: A process died; by then all of them have ended.
    """
    # One thread a process: bit-equal sums, and no fight over cores.
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(
            n_jobs=workers,
            return_as="generator_unordered",
            batch_size=1,
            max_nbytes=None,
            initializer=tie_to_parent,
            initargs=(os.getpid(),),
        )
        results = parallel(joblib.delayed(make_clips)(orders, batch) for batch in batches)
    try:
        for outcomes in results:  # noqa: UP028 -- `yield from` would close joblib's part uncared for
            yield outcomes
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that unfinished batches are given up is our wish
            results.close()
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def single(orders: Orders, batches: Batches) -> Results:
    """Work batches off one after the other in one process of its own.

    Raises:
        BrokenProcessPool: The process died; it has ended by then.
    """
    executor = ProcessPoolExecutor(
        max_workers=1,
        env=dict.fromkeys(_THREADS, "1"),
        initializer=tie_to_parent,
        initargs=(os.getpid(),),
    )
    try:
        for batch in batches:
            yield executor.submit(make_clips, orders, batch).result()
    finally:
        executor.shutdown(wait=True, kill_workers=True)


def cause_of_death(error: BaseException) -> str:
    """Say how a worker ended, from what loky says: `SIGSEGV(-11)`; empty when it says nothing."""
    found = _EXIT_CODES.search(str(error))
    return found[1] if found else ""


def work_off(orders: Orders, batches: Batches, workers: int) -> contextlib.closing[Results]:
    """Start the crew that suits the number of workers; leaving the context ends its processes."""
    crew = single(orders, batches) if workers == 1 else several(orders, batches, workers)
    return contextlib.closing(crew)

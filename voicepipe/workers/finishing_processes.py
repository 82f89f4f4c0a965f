"""Processes beside a worker that finish its clips: of a fresh interpreter, or forked from it."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from loky import ProcessPoolExecutor as FreshProcesses

from voicepipe.child_processes import ENVIRONMENT, tie_to_parent

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from multiprocessing.connection import Connection


def fresh_processes(n_processes: int) -> Executor:
    """Start processes that load what they need themselves, where the worker may have threads."""
    executor: Executor = FreshProcesses(
        max_workers=n_processes,
        env=ENVIRONMENT,
        initializer=tie_to_parent,
        initargs=(os.getpid(),),
    )
    return executor


def forked_processes(n_processes: int, connection: Connection) -> Executor:
    """Fork processes from a worker that has one thread, and no memory of its own yet.

    Args:
        n_processes: At least 1.
        connection: The worker's alone: it has to close when the worker ends.
    """
    executor = ProcessPoolExecutor(
        max_workers=n_processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(connection, os.getpid()),
    )
    executor.submit(os.getpid).result()  # all of them are forked for the first piece of work
    return executor


def _begin(connection: Connection, worker: int) -> None:
    connection.close()
    tie_to_parent(worker)

"""One process a device, all training one network."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import torch
from torch.multiprocessing.spawn import (
    ProcessContext,
    ProcessExitedException,
    ProcessRaisedException,
    start_processes,
)

from voicepipe.errors import EnvironmentFault, VoicepipeError
from voicepipe.training.loops.process_group import ProcessGroup, joined

Work = Callable[[ProcessGroup, torch.device], Iterable[Any]]

_TICK_S = 0.2
_PATIENCE_S = 10.0
_REMEDY = "run the same command again: it goes on from the last saved state"


def run_together(work: Work, devices: Sequence[str]) -> Generator[Any, None, None]:
    """Run the same work in a process for each device, and wait for all.

    Stop asking at any time: the processes are ended.

    Args:
        work: Builds a trainee on its device and trains it to the end, telling of it on the way; it
            and what it tells can be pickled, as a function at the top of a module can, or
            `functools.partial` of one.
        devices: Such as `cuda:0`, `cuda:1`; `cpu` twice works too.

    Yields:
        What the first process tells.

    Raises:
        VoicepipeError: What a process raised; the others were ended.
        EnvironmentFault: A process failed in another way or was killed; the others were ended.
    """
    pipes = [multiprocessing.get_context("spawn").Pipe(duplex=False) for _ in devices]
    readers, writers = [pipe[0] for pipe in pipes], tuple(pipe[1] for pipe in pipes)
    with tempfile.TemporaryDirectory(prefix="voicepipe-") as folder:
        context = start_processes(  # type: ignore[no-untyped-call]
            _member,
            args=(work, tuple(devices), Path(folder) / "meeting", writers),
            nprocs=len(devices),
            join=False,
            daemon=True,
            start_method="spawn",
        )
        try:
            for writer in writers:  # a process that ends shall end its pipe
                writer.close()
            yield from _told(readers, context)
        except (ProcessRaisedException, ProcessExitedException) as error:
            raise _reason(error, readers, context, devices) from error
        finally:
            _end(context)
            for reader in readers:
                reader.close()


def _told(readers: Sequence[Connection], context: ProcessContext) -> Iterator[Any]:
    still_open = list(readers)
    while True:
        has_ended = context.join(timeout=0 if still_open else _TICK_S)
        for ready in wait(still_open, timeout=0 if has_ended else _TICK_S) if still_open else ():
            assert isinstance(ready, Connection)
            try:
                item = ready.recv()
            except (EOFError, OSError):
                still_open.remove(ready)
                continue
            if isinstance(item, VoicepipeError):
                raise item
            yield item
        if has_ended and not still_open:
            return


def _reason(
    error: ProcessRaisedException | ProcessExitedException,
    readers: Sequence[Connection],
    context: ProcessContext,
    devices: Sequence[str],
) -> VoicepipeError:
    """Say why, and not what the others made of it: they fail in turn when one has gone."""
    for reader in readers:
        said = _last_words(reader)
        if said is not None:
            return said
    rank, what = error.error_index, f"failed: {str(error).strip().splitlines()[-1]}"
    if isinstance(error, ProcessExitedException) and error.exit_code < 0:
        what = f"was killed ({signal.Signals(-error.exit_code).name})"
    for place, process in enumerate(context.processes):
        code = process.exitcode or 0
        if code < 0 and -code != signal.SIGTERM:  # which is how the others were ended
            rank, what = place, f"was killed ({signal.Signals(-code).name})"
    return EnvironmentFault(
        f"training process {rank + 1} of {len(devices)} ({devices[rank]}) {what}", remedy=_REMEDY
    )


def _last_words(reader: Connection) -> VoicepipeError | None:
    with suppress(EOFError, OSError):
        while reader.poll():
            item = reader.recv()
            if isinstance(item, VoicepipeError):
                return item
    return None


def _end(context: ProcessContext) -> None:
    for process in context.processes:
        if process.is_alive():
            process.terminate()
    for process in context.processes:
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()


def _member(
    rank: int,
    work: Work,
    devices: tuple[str, ...],
    meeting: Path,
    writers: tuple[Connection, ...],
) -> None:
    for place, writer in enumerate(writers):
        if place != rank:
            writer.close()
    device = torch.device(devices[rank])
    if device.type == "cuda":
        torch.cuda.set_device(device)
    else:
        torch.set_num_threads(max(1, torch.get_num_threads() // len(devices)))
    backend = "nccl" if device.type == "cuda" else "gloo"
    try:
        with joined(rank, len(devices), meeting, backend=backend) as group:
            for item in work(group, device):
                if rank == 0:
                    writers[0].send(item)
    except VoicepipeError as error:
        writers[rank].send(error)
        raise
    writers[rank].close()

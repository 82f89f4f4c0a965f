"""Work for several processes, in a module that they can import."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import torch
from trainees import acoustic_training, semantic_training, utterances

from voicepipe.training.loops.loop import LoopSettings, TrainingEvent, train
from voicepipe.training.loops.schedules import EpochDecay, WarmupCosine

if TYPE_CHECKING:
    from voicepipe.training.loops.process_group import ProcessGroup


def add_up(folder: Path, group: ProcessGroup, device: torch.device) -> Iterator[int]:
    """Write down what a process learns from the others, and tell its number."""
    weights = [torch.nn.Parameter(torch.zeros(n, device=device)) for n in (3, 5)]
    weights[0].grad = torch.full((3,), float(group.rank))
    group.average_gradients(weights)
    found = {
        "total": group.total(group.rank + 1.0),
        "mean": group.mean({"a": float(group.rank), "b": 4.0}),
        "gradient": weights[0].grad.tolist(),
        "untouched": weights[1].grad is None,
    }
    group.wait()
    (folder / f"{group.rank}.json").write_bytes(orjson.dumps(found))
    yield group.rank


def fail(kind: type[Exception], group: ProcessGroup, device: torch.device) -> Iterator[None]:
    """Fail in one process while the other waits."""
    if group.rank:
        raise kind(f"no {device} today")
    group.wait()
    yield None


def die(group: ProcessGroup, device: torch.device) -> Iterator[str]:
    """Be killed in one process while the other waits."""
    yield "begun"
    if group.rank:
        os.kill(os.getpid(), signal.SIGKILL)
    group.wait()


def tell_for_ever(group: ProcessGroup, device: torch.device) -> Iterator[int]:
    """Tell the number of this process, and go on."""
    while True:
        group.wait()
        yield os.getpid()


def learn(
    stage: str, folder: Path, group: ProcessGroup, device: torch.device
) -> Iterator[TrainingEvent]:
    """Train four steps."""
    heard = utterances(folder / f"sounds-{group.rank}-{group.n_processes}", 5, 1.0)
    if stage == "semantic":
        trainee = semantic_training(
            heard[:4],
            heard[4:],
            group=group,
            batch_size=4,
            schedule=WarmupCosine(peak=3e-3, warmup_steps=2),
        )
        steps = LoopSettings(n_steps=4, save_every=2, validate_every=3)
        return train(trainee, steps, folder / f"run-{group.n_processes}", group=group)
    acoustic = acoustic_training(
        heard[:4],
        heard[4:],
        group=group,
        batch_size=2,
        slice_frames=8,
        dropout=0.1,
        # Some gradients are zero but for rounding, and Adam makes whole steps of them unless their
        # size counts; the order of a sum would be heard after three steps.
        eps=1.0,
        schedule=EpochDecay(peak=1e-3),
    )
    steps = LoopSettings(n_steps=4, save_every=2, validate_every=3)
    return train(acoustic, steps, folder / f"run-{group.n_processes}", group=group)

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
    from voicepipe.training.loops.process_group import Company


def add_up(folder: Path, company: Company, device: torch.device) -> Iterator[int]:
    """Write down what a process learns from the others, and tell its number."""
    weights = [torch.nn.Parameter(torch.zeros(n, device=device)) for n in (3, 5)]
    weights[0].grad = torch.full((3,), float(company.rank))
    company.average_gradients(weights)
    found = {
        "total": company.total(company.rank + 1.0),
        "mean": company.mean({"a": float(company.rank), "b": 4.0}),
        "gradient": weights[0].grad.tolist(),
        "untouched": weights[1].grad is None,
    }
    company.wait()
    (folder / f"{company.rank}.json").write_bytes(orjson.dumps(found))
    yield company.rank


def fail(kind: type[Exception], company: Company, device: torch.device) -> Iterator[None]:
    """Fail in one process while the other waits."""
    if company.rank:
        raise kind(f"no {device} today")
    company.wait()
    yield None


def die(company: Company, device: torch.device) -> Iterator[str]:
    """Be killed in one process while the other waits."""
    yield "begun"
    if company.rank:
        os.kill(os.getpid(), signal.SIGKILL)
    company.wait()


def tell_for_ever(company: Company, device: torch.device) -> Iterator[int]:
    """Tell the number of this process, and go on."""
    while True:
        company.wait()
        yield os.getpid()


def learn(
    stage: str, folder: Path, company: Company, device: torch.device
) -> Iterator[TrainingEvent]:
    """Train four steps."""
    heard = utterances(folder / f"sounds-{company.rank}-{company.n_processes}", 5, 1.0)
    if stage == "semantic":
        trainee = semantic_training(
            heard[:4],
            heard[4:],
            company=company,
            batch_size=4,
            schedule=WarmupCosine(peak=3e-3, warmup_steps=2),
        )
        steps = LoopSettings(n_steps=4, save_every=2, validate_every=3)
        return train(trainee, steps, folder / f"run-{company.n_processes}", company=company)
    acoustic = acoustic_training(
        heard[:4],
        heard[4:],
        company=company,
        batch_size=2,
        slice_frames=8,
        dropout=0.1,
        # Some gradients are zero but for rounding, and Adam makes whole steps of them unless their
        # size counts; the order of a sum would be heard after three steps.
        eps=1.0,
        schedule=EpochDecay(peak=1e-3),
    )
    steps = LoopSettings(n_steps=4, save_every=2, validate_every=3)
    return train(acoustic, steps, folder / f"run-{company.n_processes}", company=company)

"""A training in a process of its own, to be killed.

Arguments: stage, folder of the training, folder of sounds, steps.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from trainees import acoustic_training, semantic_training, utterances

from voicepipe.training.loops.loop import LoopSettings, train
from voicepipe.training.loops.schedules import EpochDecay, WarmupCosine

SEMANTIC: dict[str, Any] = {
    "batch_size": 4,
    "schedule": WarmupCosine(peak=3e-3, warmup_steps=2),
    "preference": 1.0,
}
ACOUSTIC: dict[str, Any] = {"batch_size": 2, "slice_frames": 8, "schedule": EpochDecay(peak=2e-3)}


def run(stage: str, folder: Path, sounds: Path, n_steps: int) -> None:
    heard = utterances(sounds, 5, 1.0)
    make = semantic_training if stage == "semantic" else acoustic_training
    settings = SEMANTIC if stage == "semantic" else ACOUSTIC
    trainee = make(heard[:4], heard[4:], dropout=0.1, **settings)
    loop = LoopSettings(n_steps=n_steps, save_every=2, validate_every=3)
    for event in train(trainee, loop, folder):
        if event.kind == "step":
            sys.stdout.write(json.dumps([event.step, dict(event.losses)]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    stage, folder, sounds, steps = sys.argv[1:]
    run(stage, Path(folder), Path(sounds), int(steps))

"""A training in a process of its own, to be killed or to keep company.

Arguments: stage, folder of the training, folder of sounds, steps, rank, processes, meeting file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from trainees import acoustic_training, semantic_training, utterances

from voicepipe.training.company import ALONE, Company, joined
from voicepipe.training.loop import LoopSettings, train
from voicepipe.training.schedules import EpochDecay, WarmupCosine

SEMANTIC = {"batch_size": 4, "schedule": WarmupCosine(peak=3e-3, warmup_steps=2), "preference": 1.0}
ACOUSTIC = {"batch_size": 2, "slice_frames": 8, "schedule": EpochDecay(peak=2e-3)}


def run(stage: str, folder: Path, sounds: Path, n_steps: int, company: Company) -> None:
    heard = utterances(sounds, 5, 1.0)
    make = semantic_training if stage == "semantic" else acoustic_training
    settings = dict(SEMANTIC if stage == "semantic" else ACOUSTIC)
    # Several processes drop other values than one does.
    settings["dropout"] = 0.1 if company.n_processes == 1 and len(sys.argv) == 7 else 0.0
    trainee = make(heard[:4], heard[4:], company=company, **settings)
    loop = LoopSettings(n_steps=n_steps, save_every=2, validate_every=3)
    for event in train(trainee, loop, folder, company=company):
        if event.kind == "step":
            sys.stdout.write(json.dumps([event.step, dict(event.losses)]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    stage, folder, sounds, steps, rank, n = sys.argv[1:7]
    if int(n) == 1:
        run(stage, Path(folder), Path(sounds), int(steps), ALONE)
    else:
        with joined(int(rank), int(n), Path(sys.argv[7]), backend="gloo") as company:
            run(stage, Path(folder), Path(sounds), int(steps), company)

"""Fine-tuning at full size on a minute of made speech: what a step costs, and whether losses fall.

Bases are those that `voicepipe models formula` writes, so nothing is learnt but to answer tones
with tones; costs are real. Core-seconds, because a step runs in one thread; states are not saved.
The first and the last steps are averaged, and held-out tones judged before and after: a step's own
losses depend on which rows and slices it drew.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.formula_models.families import adopt_formula_pair
from voicepipe.formula_models.sizes import formula_sizes
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model_store.library import ModelLibrary
from voicepipe.training.dataset.utterance import TrainingUtterance
from voicepipe.training.loops.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.loops.schedules import WarmupCosine
from voicepipe.training.loops.semantic_trainer import SemanticSettings, SemanticTraining

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.training.loops.loop import Trainee

RATE, SAMPLES_PER_TOKEN = 32_000, 1280
N_UTTERANCES, N_HELD_OUT, SECONDS = 14, 2, 5.0
WINDOW = 10
ROLES = {"semantic": "gpt", "acoustic": "sovits"}


def run(stages: list[str], n_steps: int, minutes: float, batch: int) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        library = ModelLibrary(root)
        pair = adopt_formula_pair(library, formula_sizes("v2"))
        heard = minute_of_tones(root)
        for stage in stages:
            started = time.process_time()
            base = library.weights_path(pair[ROLES[stage]].name)
            trainee = built(stage, base, heard, batch, n_steps)
            tell(stage=stage, batch=batch, build_core_s=since(started), load=os.getloadavg()[0])
            measure(trainee, n_steps, minutes)


def measure(trainee: Trainee, n_steps: int, minutes: float) -> None:
    """Take steps until there are enough of them, or the minutes are over."""
    until = time.monotonic() + 60 * minutes
    costs: list[float] = []
    taken: list[Mapping[str, float]] = []
    tell(held_out_before=rounded(trainee.validate(0).losses))
    while len(taken) < n_steps and (not minutes or time.monotonic() < until):
        started = time.process_time()
        taken.append(trainee.take_step(len(taken)))
        costs.append(since(started))
        if len(taken) % WINDOW == 0:
            tell(step=len(taken), mean=averaged(taken[-WINDOW:]))
    tell(
        steps=len(taken),
        step_core_s=round(float(np.median(costs)), 2),
        first=averaged(taken[:WINDOW]),
        last=averaged(taken[-WINDOW:]),
        load=os.getloadavg()[0],
    )
    tell(held_out_after=rounded(trainee.validate(len(taken)).losses))


def since(started: float) -> float:
    return round(time.process_time() - started, 2)


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def averaged(steps: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return rounded({name: float(np.mean([step[name] for step in steps])) for name in steps[0]})


def rounded(losses: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in losses.items()}


def minute_of_tones(folder: Path) -> list[TrainingUtterance]:
    heard = []
    for number in range(N_UTTERANCES):
        rng = np.random.default_rng(number)
        n_tokens = int(SECONDS * 25)
        phonemes = rng.integers(1, 300, n_tokens // 5)
        tokens = np.repeat(phonemes * 3, 5)
        pitch = np.repeat(100.0 + tokens, SAMPLES_PER_TOKEN)
        sound = 0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
        path = folder / f"{number:02d}.wav"
        clip = AudioClip(samples=sound.astype(np.float32), sample_rate=RATE)
        path.write_bytes(encode_wav(clip, bit_depth=32))
        heard.append(
            TrainingUtterance(
                name=path.stem,
                phoneme_ids=tuple(int(p) for p in phonemes),
                bert=None,
                semantic_tokens=tokens.astype(np.int64),
                wave=path,
                language="en",
            )
        )
    return heard


def built(
    stage: str,
    base: Path,
    heard: list[TrainingUtterance],
    batch: int,
    n_steps: int,
    device: str = "cpu",
) -> Trainee:
    learned, held_out = heard[N_HELD_OUT:], heard[:N_HELD_OUT]
    checkpoint = load_checkpoint(base)
    if stage == "acoustic":
        sizes = AcousticSettings(batch_size=batch)
        return AcousticTraining(checkpoint, learned, held_out, sizes, device=device)
    schedule = WarmupCosine(warmup_steps=n_steps // 20, total_steps=n_steps)
    settings = SemanticSettings(batch_size=batch, schedule=schedule)
    return SemanticTraining(checkpoint, learned, held_out, settings, device=device)

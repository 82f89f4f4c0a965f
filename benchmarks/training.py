"""Fine-tuning at full size on a minute of made speech: what a step costs, and whether losses fall.

Weights come from the formula, so nothing is learnt but to answer tones with tones; costs are real.
Core-seconds, because a step runs in one thread; states are not saved.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.model.acoustic_config import read_acoustic_config
from voicepipe.model.checkpoint import Checkpoint
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.gpt import SemanticStage
from voicepipe.model.training.synthesizer import TrainableSynthesizer
from voicepipe.model.training.weight_norm_form import to_file_name
from voicepipe.models.formula import formula_state
from voicepipe.models.formula_sizes import formula_sizes
from voicepipe.training.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.schedules import EpochDecay, WarmupCosine
from voicepipe.training.semantic_trainer import SemanticSettings, SemanticTraining
from voicepipe.training.utterance import TrainingUtterance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from voicepipe.training.loop import Trainee

RATE, SAMPLES_PER_TOKEN = 32_000, 1280
N_UTTERANCES, SECONDS = 12, 5.0


def run(stages: list[str], n_steps: int) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        heard = minute_of_tones(Path(folder))
        for stage in stages:
            started = time.process_time()
            trainee = MAKERS[stage](heard)
            print(json.dumps({"stage": stage, "build_core_s": round(since(started), 1)}))
            measure(trainee, n_steps)


def measure(trainee: Trainee, n_steps: int) -> None:
    costs: list[float] = []
    for step in range(n_steps):
        started = time.process_time()
        losses = trainee.take_step(step)
        costs.append(since(started))
        if step in (0, n_steps - 1) or step % 10 == 9:
            print(json.dumps({"step": step + 1} | rounded(losses)), flush=True)
    print(json.dumps({"step_core_s": round(float(np.median(costs)), 2)}))


def since(started: float) -> float:
    return time.process_time() - started


def rounded(losses: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in losses.items()}


def minute_of_tones(folder: Path) -> list[TrainingUtterance]:
    heard = []
    for number in range(N_UTTERANCES):
        chance = np.random.default_rng(number)
        n_tokens = int(SECONDS * 25)
        phonemes = chance.integers(1, 300, n_tokens // 5)
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


def semantic(heard: list[TrainingUtterance]) -> Trainee:
    config = dict(formula_sizes("v2").semantic)
    with torch.device("meta"):
        stage = SemanticStage(SemanticConfig.from_mapping(config))
    base = formula_checkpoint(Family.SEMANTIC, stage, config)
    settings = SemanticSettings(
        batch_size=2, schedule=WarmupCosine(peak=2e-4, warmup_steps=5, total_steps=50)
    )
    return SemanticTraining(base, heard, [], settings)


def acoustic(heard: list[TrainingUtterance]) -> Trainee:
    sizes = formula_sizes("v2")
    with torch.device("meta"):
        network = TrainableSynthesizer(
            read_acoustic_config(sizes.acoustic, sizes.acoustic_shapes, family=Family.V2)
        )
    base = formula_checkpoint(Family.V2, network, dict(sizes.acoustic))
    settings = AcousticSettings(batch_size=1, slice_frames=16, schedule=EpochDecay(peak=1e-4))
    return AcousticTraining(base, heard, [], settings)


def formula_checkpoint(family: Family, network: nn.Module, config: dict[str, object]) -> Checkpoint:
    rows = [
        (to_file_name(name), tuple(tensor.shape), str(tensor.dtype))
        for name, tensor in network.state_dict().items()
    ]
    return Checkpoint(
        path=Path(f"{family.value} by formula"),
        sha256="",
        source_sha256="",
        n_bytes=0,
        family=family,
        lora_rank=None,
        config=config,
        tensors=formula_state(rows, eos_gain=1.0),
        info="",
    )


MAKERS = {"semantic": semantic, "acoustic": acoustic}

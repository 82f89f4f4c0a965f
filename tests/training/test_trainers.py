"""Both stages in training: losses fall, and no interruption changes a bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from trainees import (
    acoustic_base,
    acoustic_training,
    semantic_base,
    semantic_training,
    utterances,
)

from voicepipe.audio.wav import read_clip
from voicepipe.errors import CheckpointError, InputError
from voicepipe.training.loops.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.loops.loop import LoopSettings, read_events, train
from voicepipe.training.loops.schedules import EpochDecay, WarmupCosine
from voicepipe.training.loops.semantic_trainer import SemanticSettings, SemanticTraining
from voicepipe.training.loops.state import load_state

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
STAGES = ("semantic", "acoustic")


def _process(*arguments: object) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    paths = os.pathsep.join([str(ROOT), str(here)])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(here / "training_process.py"), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _finished(process: subprocess.Popen[str]) -> dict[int, dict[str, float]]:
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return dict(json.loads(line) for line in out.splitlines())


def _same_state(first: Path, second: Path, identity: Any) -> None:
    states = [load_state(folder / "states", identity) for folder in (first, second)]
    assert states[0] is not None
    assert states[1] is not None
    assert states[0].step == states[1].step
    assert states[0].tensors.keys() == states[1].tensors.keys()
    for name, tensor in states[0].tensors.items():
        assert torch.equal(tensor, states[1].tensors[name]), name


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.slow
def test_a_killed_training_goes_on_as_if_it_had_not_been(tmp_path: Path, stage: str) -> None:
    whole = _finished(_process(stage, tmp_path / "whole", tmp_path, 7))
    cut = tmp_path / "cut"
    for victim in (4, 6):
        process = _process(stage, cut, tmp_path, 7)
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)[0] == victim:
                process.kill()
                break
        process.stdout.close()
        assert process.wait(60) != 0
    _finished(_process(stage, cut, tmp_path, 7))
    found = {e.step: dict(e.losses) for e in read_events(cut) if e.kind == "step"}
    assert found == {int(step): losses for step, losses in whole.items()}
    heard = utterances(tmp_path, 5, 1.0)
    make = semantic_training if stage == "semantic" else acoustic_training
    identity = json.loads((_newest(cut) / "state.json").read_text())["identity"]
    assert identity["stage"] == stage
    assert make(heard[:4], heard[4:]).identity["stage"] == stage
    _same_state(tmp_path / "whole", cut, identity)


def _newest(folder: Path) -> Path:
    return max((folder / "states").iterdir())


def test_the_semantic_stage_learns(tmp_path: Path) -> None:
    heard = utterances(tmp_path, 5, 2.0)
    trainee = semantic_training(
        heard[:4], heard[4:], batch_size=4, schedule=WarmupCosine(peak=4e-3, warmup_steps=2)
    )
    settings = LoopSettings(n_steps=20, save_every=20, validate_every=10)
    events = list(train(trainee, settings, tmp_path / "run"))
    steps = [event for event in events if event.kind == "step"]
    judged = [event.losses["cross_entropy"] for event in events if event.kind == "validation"]
    assert steps[-1].losses["cross_entropy"] < 0.7 * steps[0].losses["cross_entropy"]
    assert judged[1] < judged[0]
    assert all(np.isfinite(list(event.losses.values())).all() for event in events)


def test_the_acoustic_stage_learns_and_can_be_heard(tmp_path: Path) -> None:
    heard = utterances(tmp_path, 4, 1.0)
    trainee = acoustic_training(
        heard[:3],
        heard[3:],
        batch_size=2,
        slice_frames=8,
        schedule=EpochDecay(peak=2e-3),
    )
    frozen = trainee.network.quantizer.entries.clone()
    settings = LoopSettings(n_steps=14, save_every=14, validate_every=7)
    events = list(train(trainee, settings, tmp_path / "run"))
    steps = [event for event in events if event.kind == "step"]
    assert steps[-1].losses["mel"] < 0.9 * steps[0].losses["mel"]
    assert steps[-1].losses["divergence"] < steps[0].losses["divergence"]
    assert steps[-1].losses["critics"] < steps[0].losses["critics"]
    assert torch.equal(trainee.network.quantizer.entries, frozen)
    last = [event for event in events if event.kind == "validation"][-1]
    assert last.losses.keys() == {"mel", "divergence"}
    clip = read_clip(tmp_path / "run" / last.previews[0])
    assert clip.sample_rate == 32_000
    assert clip.n_samples == 640 * 2 * len(heard[3].semantic_tokens)
    assert float(np.abs(clip.samples).max()) > 0


def test_a_training_without_held_out_lines_still_ends_in_a_state(tmp_path: Path) -> None:
    heard = utterances(tmp_path, 2, 1.0)
    trainee = semantic_training(heard, [], batch_size=2)
    events = list(train(trainee, LoopSettings(n_steps=2, validate_every=1), tmp_path / "run"))
    assert [event.kind for event in events] == ["step", "validation"] * 2
    assert not (tmp_path / "run" / "best").exists()
    assert load_state(tmp_path / "run" / "states", trainee.identity) is not None


def test_utterances_that_do_not_fit_are_named(tmp_path: Path) -> None:
    good = utterances(tmp_path, 2, 1.0)
    strange: Sequence[Any] = (
        replace(good[0], phoneme_ids=(1, 900)),
        replace(good[0], semantic_tokens=np.array([5, 1024])),
        replace(good[0], semantic_tokens=np.zeros(0, dtype=np.int64)),
        replace(good[0], name=good[1].name),
    )
    for utterance in strange:
        with pytest.raises(InputError, match="u00"):
            semantic_training([utterance, good[1]], [])
    for utterance in strange:
        with pytest.raises(InputError, match=r"u00|same name"):
            acoustic_training([utterance, good[1]], [])
    with pytest.raises(InputError, match="features"):
        semantic_training([replace(good[0], bert=np.zeros((2, 3), dtype=np.float32))], [])
    for make in (semantic_training, acoustic_training):
        with pytest.raises(InputError, match="no utterance"):
            make([], good)


def test_sounds_that_do_not_fit_are_named(tmp_path: Path) -> None:
    good = utterances(tmp_path, 1, 1.0)[0]
    short = replace(good, semantic_tokens=good.semantic_tokens[:3])
    trainee = acoustic_training([short], [], batch_size=1)
    with pytest.raises(InputError, match=r"u000\.wav: 6 frames"):
        trainee.take_step(0)


def test_bases_of_the_other_stage_are_refused(tmp_path: Path) -> None:
    heard = utterances(tmp_path, 1, 1.0)
    with pytest.raises(CheckpointError, match="not a semantic one"):
        SemanticTraining(acoustic_base(), heard, [], SemanticSettings())
    with pytest.raises(CheckpointError):
        AcousticTraining(semantic_base(), heard, [], AcousticSettings())
    with pytest.raises(CheckpointError, match="whole model"):
        AcousticTraining(replace(acoustic_base(), lora_rank=4), heard, [], AcousticSettings())

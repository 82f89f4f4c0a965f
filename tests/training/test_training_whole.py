"""`voicepipe train` on formula bases from end to end: killed, gone on with, shared by processes."""

from __future__ import annotations

import contextlib
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from training_project import adopt_critics, write_training_project

from cli.main import run
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model_store.library import ModelLibrary
from voicepipe.training.loops.loop import TrainingEvent, read_events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
STAGES = {"semantic": ("gpt", ".ckpt"), "acoustic": ("sovits", ".pth")}
N_STEPS = 50


def _words(project: Path, *options: str) -> list[str]:
    data = str(project.parent / "recordings")
    asked = ["train", "noah", "--data", data, "--critics", "small-critics", "--seed", "5"]
    return ["--quiet", "-C", str(project), *asked, *options]


def _train(project: Path, *options: str) -> None:
    torch.set_num_threads(1)
    with pytest.raises(SystemExit) as caught:
        run(_words(project, *options))
    assert not caught.value.code


def _begun(project: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *_words(project, *options)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def _folder(project: Path, stage: str) -> Path:
    (folder,) = (project / "out/training/noah/runs").iterdir()
    return folder / stage


def _wait_for(process: subprocess.Popen[str], project: Path, stage: str, step: int) -> None:
    runs = project / "out/training/noah/runs"
    while process.poll() is None:
        for log in runs.glob(f"*/{stage}/events.jsonl"):
            if log.read_bytes().count(b'"kind":"step"') >= step:
                return
        time.sleep(0.02)
    assert process.stderr is not None
    pytest.fail(process.stderr.read())


def _steps(project: Path, stage: str) -> list[TrainingEvent]:
    events = read_events(_folder(project, stage))
    steps = [event for event in events if event.kind == "step"]
    assert [event.step for event in steps] == list(range(1, len(steps) + 1))
    return steps


def _mean(steps: Sequence[TrainingEvent], name: str) -> float:
    return sum(event.losses[name] for event in steps) / len(steps)


def _project(folder: Path) -> Path:
    folder.mkdir()
    project = write_training_project(folder)
    adopt_critics(project, "small-critics")
    return project


def _file(project: Path, stage: str) -> Path:
    role, suffix = STAGES[stage]
    return _folder(project, stage) / f"noah-{role}{suffix}"


@pytest.mark.slow
def test_a_minute_of_speech_trains_formula_bases_whatever_kills_it(tmp_path: Path) -> None:
    options = ("--steps", str(N_STEPS), "--batch", "1", "--device", "cpu")
    whole, killed = _project(tmp_path / "whole"), _project(tmp_path / "killed")
    _train(whole, *options)
    rng = random.Random(11)
    for stage in STAGES:
        process = _begun(killed, *options)
        _wait_for(process, killed, stage, rng.randrange(2, N_STEPS - 2))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert len(_steps(killed, stage)) < N_STEPS
    _train(killed, *options)
    for stage, (role, _) in STAGES.items():
        steps = _steps(whole, stage)
        assert len(steps) == N_STEPS
        again = _steps(killed, stage)
        assert [event.losses for event in again] == [event.losses for event in steps]
        assert _file(killed, stage).read_bytes() == _file(whole, stage).read_bytes()
        for name in ("cross_entropy",) if stage == "semantic" else ("mel", "divergence", "critics"):
            assert _mean(steps[-10:], name) < _mean(steps[:10], name), name
        judged = [e.losses for e in read_events(_folder(whole, stage)) if e.kind == "validation"]
        name = "cross_entropy" if stage == "semantic" else "mel"
        assert judged[-1][name] < judged[0][name]
        base = load_checkpoint(ModelLibrary(whole).weights_path(f"formula-{role}"))
        made = load_checkpoint(_file(whole, stage))
        assert made.tensors.keys() == {k for k in base.tensors if not k.startswith("enc_q.")}
        # These refuse a missing and a surplus key, and another shape.
        load = SemanticStage.from_checkpoint if stage == "semantic" else load_acoustic_stage
        load(made)
        load(base)
        moving = "ar_predict_layer.weight" if stage == "semantic" else "dec.conv_pre.weight"
        assert not torch.equal(made.tensors[moving], base.tensors[moving])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds processes as Linux does")
def test_two_processes_make_what_one_makes_though_one_is_killed(tmp_path: Path) -> None:
    options = ("--steps", "10", "--batch", "2", "--stages", "acoustic")
    alone, together = _project(tmp_path / "alone"), _project(tmp_path / "together")
    _train(alone, *options, "--device", "cpu")
    shared = (*options, "--devices", "cpu", "--jobs", "2")
    process = _begun(together, *shared)
    _wait_for(process, together, "acoustic", 4)
    os.kill(_members(process.pid)[-1], signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode == 4, said
    assert "was killed (SIGKILL)" in said
    assert "run the same command again: it goes on from the last saved state" in said
    assert "Traceback" not in said
    n_before = len(_steps(together, "acoustic"))
    assert 4 <= n_before < 10
    _train(together, *shared)
    for one, two in zip(_steps(alone, "acoustic"), _steps(together, "acoustic"), strict=True):
        for name, value in one.losses.items():
            assert two.losses[name] == pytest.approx(value, rel=1e-2), (one.step, name)
    base = load_checkpoint(ModelLibrary(alone).weights_path("formula-sovits")).tensors
    first, second = (load_checkpoint(_file(p, "acoustic")).tensors for p in (alone, together))
    # A weight whose gradient is nothing but rounding goes either way by the rate, step by step.
    moved = _distance(first, base)
    assert moved > 0
    assert _distance(first, second) < 0.05 * moved


def _distance(one: Mapping[str, torch.Tensor], two: Mapping[str, torch.Tensor]) -> float:
    squares = [float((t.double() - two[name].double()).square().sum()) for name, t in one.items()]
    return math.sqrt(sum(squares))


def _members(pid: int) -> list[int]:
    """The training processes that a command started."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found

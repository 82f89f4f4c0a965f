"""Several processes that train one network."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import orjson
import pytest
import torch
from together import add_up, die, fail, learn, tell_for_ever

from voicepipe.errors import EnvironmentFault, InputError
from voicepipe.training.loops.loop import read_events
from voicepipe.training.loops.process_group import ALONE, ProcessGroup
from voicepipe.training.loops.processes import run_together

if TYPE_CHECKING:
    from pathlib import Path


def test_a_batch_divides_among_processes_or_is_refused() -> None:
    assert ProcessGroup(rank=1, n_processes=2).share(range(6)) == (3, 4, 5)
    with pytest.raises(ValueError, match="divide"):
        ProcessGroup(rank=0, n_processes=4).share(range(6))


def test_one_process_asks_nobody() -> None:
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.ones(2)
    ALONE.average_gradients([weight])
    assert weight.grad.tolist() == [1.0, 1.0]
    assert ALONE.total(3.0) == 3.0
    assert ALONE.mean({"a": 1.0}) == {"a": 1.0}
    ALONE.wait()


@pytest.mark.slow
def test_processes_add_up_and_average(tmp_path: Path) -> None:
    assert list(run_together(partial(add_up, tmp_path), ("cpu", "cpu"))) == [0]
    found = [orjson.loads((tmp_path / f"{rank}.json").read_bytes()) for rank in (0, 1)]
    assert found[0] == found[1]
    assert found[0] == {
        "total": 3.0,
        "mean": {"a": 0.5, "b": 4.0},
        "gradient": [0.5, 0.5, 0.5],
        "untouched": True,
    }


@pytest.mark.slow
def test_a_process_that_fails_ends_the_others_and_says_why() -> None:
    with pytest.raises(EnvironmentFault, match=r"process 2 of 2 \(cpu\) failed: .*no cpu today"):
        list(run_together(partial(fail, RuntimeError), ("cpu", "cpu")))
    with pytest.raises(InputError, match="no cpu today"):
        list(run_together(partial(fail, InputError), ("cpu", "cpu")))


@pytest.mark.slow
def test_a_process_that_is_killed_is_named_and_not_those_it_took_along() -> None:
    with pytest.raises(
        EnvironmentFault, match=r"process 2 of 2 \(cpu\) was killed \(SIGKILL\)"
    ) as caught:
        list(run_together(die, ("cpu", "cpu")))
    assert "goes on from the last saved state" in caught.value.remedy


@pytest.mark.slow
def test_processes_end_when_nobody_asks_any_more() -> None:
    telling = run_together(tell_for_ever, ("cpu", "cpu"))
    pid = next(telling)
    telling.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("stage", ["semantic", "acoustic"])
@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_the_whole_batch(
    tmp_path: Path, stage: str
) -> None:
    list(learn(stage, tmp_path, ALONE, torch.device("cpu")))
    list(run_together(partial(learn, stage, tmp_path), ("cpu", "cpu")))
    alone, together = (read_events(tmp_path / f"run-{n}") for n in (1, 2))
    assert [(e.kind, e.step) for e in alone] == [(e.kind, e.step) for e in together]
    for one, two in zip(alone, together, strict=True):
        # The order of a sum is heard in the last bits, and these small networks, which leap from
        # step to step, make more of it every time.
        bar = 1e-3 if one.step <= 2 else 1e-2
        for name, value in one.losses.items():
            if name != "accuracy":  # a mean over rows of unequal length
                assert two.losses[name] == pytest.approx(value, rel=bar), (one.step, name)
    assert (tmp_path / "run-2" / "states" / "step-00000004" / "state.json").is_file()

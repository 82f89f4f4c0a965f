"""Sampling, rates, states and events, without a network."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import torch

from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.training.loops.loop import LoopSettings, Validation, read_events, train
from voicepipe.training.loops.optimizers import NamedAdamW, prefixed, under
from voicepipe.training.loops.sampling import rows_of_step
from voicepipe.training.loops.schedules import EpochDecay, WarmupCosine
from voicepipe.training.loops.state import TrainingState, load_state, save_state
from voicepipe.training.report.records import EVENTS_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.mark.parametrize(("n_rows", "batch_size"), [(7, 3), (5, 5), (3, 8), (1, 2)])
def test_every_row_is_heard_once_an_epoch(n_rows: int, batch_size: int) -> None:
    drawn = [
        row
        for step in range(n_rows * 4)
        for row in rows_of_step(9, step, n_rows=n_rows, batch_size=batch_size)
    ]
    epochs = [drawn[i : i + n_rows] for i in range(0, len(drawn) - n_rows + 1, n_rows)]
    assert all(sorted(epoch) == list(range(n_rows)) for epoch in epochs)
    if n_rows == 7:
        assert len({tuple(epoch) for epoch in epochs}) > 1
        assert rows_of_step(9, 0, n_rows=7, batch_size=7) != rows_of_step(
            8, 0, n_rows=7, batch_size=7
        )


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="utterances"):
        rows_of_step(1, 0, n_rows=0, batch_size=1)


def test_rates_rise_and_fall_as_they_are_drawn() -> None:
    cosine = WarmupCosine(peak=1.0, start=0.0, end=0.1, warmup_steps=4, total_steps=14)
    assert [cosine.at(step) for step in (0, 2, 4)] == [0.0, 0.5, 1.0]
    assert cosine.at(9) == pytest.approx(0.55)
    assert cosine.at(14) == cosine.at(1000) == pytest.approx(0.1)
    decay = EpochDecay(peak=2.0, factor=0.5, steps_per_epoch=3)
    assert [decay.at(step) for step in (0, 2, 3, 8)] == [2.0, 2.0, 1.0, 0.5]


def _state(step: int, value: float) -> TrainingState:
    return TrainingState(
        step=step,
        best_step=0,
        best_loss=float("inf"),
        identity={"base": "a", "names": ("x", "y")},
        tensors={"w": torch.full((3,), value)},
    )


def test_the_newest_state_is_read_and_old_ones_go(tmp_path: Path) -> None:
    for step in (5, 10, 15):
        save_state(tmp_path, _state(step, step / 2))
    (tmp_path / ".step-00000020.1").mkdir()
    found = load_state(tmp_path, {"base": "a", "names": ["x", "y"]})
    assert found is not None
    assert (found.step, found.best_loss) == (15, float("inf"))
    assert found.tensors["w"].tolist() == [7.5] * 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["step-00000010", "step-00000015"]
    assert load_state(tmp_path / "none", {}) is None


def test_a_state_of_another_training_is_refused(tmp_path: Path) -> None:
    save_state(tmp_path, _state(5, 1.0))
    with pytest.raises(UsageError, match="another base"):
        load_state(tmp_path, {"base": "b", "names": ["x", "y"]})


def test_a_damaged_state_says_which(tmp_path: Path) -> None:
    place = save_state(tmp_path, _state(5, 1.0))
    (place / "state.safetensors").write_bytes(b"short")
    with pytest.raises(EnvironmentFault, match="step-00000005"):
        load_state(tmp_path, {"base": "a", "names": ["x", "y"]})


def test_a_state_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "states").write_bytes(b"a file where the folder should be")
    with pytest.raises(EnvironmentFault, match="cannot be saved"):
        save_state(tmp_path / "states", _state(6, 1.0))


def test_the_optimizer_goes_on_from_its_saved_memory() -> None:
    def run(pause: int | None) -> torch.Tensor:
        weight = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        slow = torch.nn.Parameter(torch.tensor([3.0]))

        def fresh() -> NamedAdamW:
            return NamedAdamW(
                [(1.0, {"w": weight}), (0.5, {"s": slow})],
                betas=(0.9, 0.99),
                eps=1e-8,
                weight_decay=0.01,
            )

        adam = fresh()
        for step in range(6):
            if step == pause:
                saved = {k: t.clone() for k, t in prefixed("a", adam.tensors()).items()}
                adam = fresh()
                adam.restore(under("a", saved))
            adam.forget_gradients()
            loss = (weight**2).sum() + (slow**4).sum()
            torch.autograd.backward(loss)
            adam.step(0.1, clip_norm=5.0)
        return torch.cat((weight, slow)).detach()

    assert torch.equal(run(None), run(3))


def test_clipping_shortens_long_gradients_and_a_nan_stops_everything() -> None:
    weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    adam = NamedAdamW([(1.0, {"w": weight})], betas=(0.9, 0.99), eps=1e-8, weight_decay=0.0)
    weight.grad = torch.tensor([30.0, 40.0])
    assert adam.step(0.0, clip_norm=1.0) == pytest.approx(50.0)
    assert weight.grad.tolist() == pytest.approx([0.6, 0.8])
    weight.grad = torch.tensor([float("nan"), 0.0])
    with pytest.raises(EnvironmentFault, match="diverged"):
        adam.step(0.1)
    assert weight.tolist() == [3.0, 4.0]
    with pytest.raises(EnvironmentFault, match="not here"):
        adam.restore({"other/exp_avg": torch.zeros(2)})


class Counting:
    """A trainee whose weight is how often it stepped."""

    def __init__(self) -> None:
        self.steps = torch.zeros(1)
        self.identity: Mapping[str, Any] = {"what": "counting"}

    def rate(self, step: int) -> float:
        return 1.0 / (step + 1)

    def take_step(self, step: int) -> Mapping[str, float]:
        assert step == int(self.steps)
        self.steps += 1
        return {"left": 10.0 - step}

    def validate(self, step: int) -> Validation:
        # Best in the middle.
        return Validation(losses={"far": abs(step - 6.0)}, score=abs(step - 6.0))

    def tensors(self) -> Mapping[str, torch.Tensor]:
        return {"steps": self.steps}

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self.steps = tensors["steps"].clone()

    def weights(self) -> Mapping[str, torch.Tensor]:
        return {"steps": self.steps}


def test_an_abandoned_training_goes_on_from_its_last_state(tmp_path: Path) -> None:
    settings = LoopSettings(n_steps=10, save_every=4, validate_every=3)
    for event in train(Counting(), settings, tmp_path):
        if event.step == 7:
            break
    with (tmp_path / EVENTS_NAME).open("ab") as log:
        log.write(b'{"kind": "st')
    assert [event.step for event in train(Counting(), settings, tmp_path)][:2] == [5, 6]
    events = read_events(tmp_path)
    kinds = Counter((event.kind, event.step) for event in events)
    assert set(kinds.values()) == {1}
    assert [e.step for e in events if e.kind == "step"] == list(range(1, 11))
    assert [e.step for e in events if e.kind == "validation"] == [3, 6, 9]
    best = load_state(tmp_path / "best", {"what": "counting"})
    assert best is not None
    assert best.tensors["steps"].tolist() == [6.0]
    assert list(train(Counting(), settings, tmp_path)) == []
    longer = LoopSettings(n_steps=11, save_every=4, validate_every=0)
    assert [event.step for event in train(Counting(), longer, tmp_path)] == [11]


def test_a_spoilt_log_names_its_line(tmp_path: Path) -> None:
    (tmp_path / EVENTS_NAME).write_bytes(b"{}\n{}\n")
    with pytest.raises(EnvironmentFault, match=r"events\.jsonl:1"):
        read_events(tmp_path)

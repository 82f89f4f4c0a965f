"""Where a training computes, and which critics it begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from trainees import acoustic_base, utterances
from training_project import adopt_critics, write_training_project

from voicepipe.errors import CheckpointError, EnvironmentFault, UsageError
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.train.checks import hear_dataset, load_training_voice
from voicepipe.pipeline.train.plan import Plan, TrainingRequest, plan_training
from voicepipe.training.devices import training_devices
from voicepipe.training.loops.acoustic_trainer import AcousticSettings, AcousticTraining

if TYPE_CHECKING:
    from voicepipe.training.dataset.verdict import DatasetReport


def test_the_processor_has_one_process_unless_more_are_asked_for() -> None:
    assert training_devices("cpu") == ("cpu",)
    assert training_devices("cpu", jobs=3) == ("cpu", "cpu", "cpu")


def test_all_graphics_cards_train_unless_something_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert training_devices("") == ("cuda:0", "cuda:1")
    assert training_devices("cuda:1", jobs=4) == ("cuda:1",)
    assert training_devices("cpu") == ("cpu",)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_devices("", jobs=2) == ("cpu", "cpu")
    with pytest.raises(EnvironmentFault, match="cuda:1"):
        training_devices("cuda:1")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("cpu,cuda:0", "cpu and cuda together"),
        ("cuda,cuda:1", "does not say which card"),
        ("gpu", '"gpu" is not cpu'),
        ("cpu,cpu", "listed twice"),
    ],
)
def test_devices_that_cannot_share_a_batch_are_refused(wanted: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        training_devices(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A project whose recordings have been listened to, once for all."""

    project: Path
    report: DatasetReport

    def plan(self, **asked: Any) -> Plan:
        """Decide on a training."""
        settings: dict[str, Any] = {"steps": 4, **asked}
        subject = load_training_voice(self.project, "noah")
        return plan_training(subject, self.report, TrainingRequest(**settings))


@pytest.fixture(scope="module", name="heard")
def _heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    project = write_training_project(tmp_path_factory.mktemp("devices"))
    adopt_critics(project, "small-critics")
    report = hear_dataset(load_training_voice(project, "noah"), project.parent / "recordings")
    return Heard(project=project, report=report)


def test_processes_share_a_batch_evenly(heard: Heard) -> None:
    plan = heard.plan(device="cpu", jobs=3, batch=0)
    assert (plan.devices, plan.device, plan.batch) == (("cpu",) * 3, "cpu", 6)
    assert heard.plan(device="cpu", batch=0).batch == 4
    with pytest.raises(UsageError, match="3 processes cannot share a batch of 4") as caught:
        heard.plan(device="cpu", jobs=3, batch=4)
    assert caught.value.remedy == "say --batch 6"
    # Where a training computes does not make it another training.
    again = heard.plan(device="cpu", jobs=2, batch=4)
    assert again.key == heard.plan(device="cpu", batch=4).key


def test_the_settings_say_where_unless_they_leave_it_open(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert heard.plan(batch=0).batch == 16
    path = heard.project / "voicepipe.yaml"
    before = path.read_text("utf-8")
    path.write_text(f"{before}render: {{device: cpu}}\n", "utf-8")
    assert heard.plan().devices == ("cpu",)
    path.write_text(before, "utf-8")


def test_critics_come_from_the_library(heard: Heard) -> None:
    plan = heard.plan(critics="small-critics")
    assert plan.critics is not None
    assert plan.critics.name == "small-critics"
    assert plan.key != heard.plan().key
    with pytest.raises(
        UsageError, match='"formula-gpt" is a semantic model, and must be'
    ) as caught:
        heard.plan(critics="formula-gpt")
    assert "s2D" in caught.value.remedy
    with pytest.raises(UsageError, match=r"did you mean .small-critics"):
        heard.plan(critics="small-critic")
    with pytest.raises(UsageError, match="an original weight file") as caught:
        heard.plan(critics="s2D.pth")
    assert "voicepipe models import s2D.pth" in caught.value.remedy
    with pytest.raises(UsageError, match="which is not to be trained"):
        heard.plan(critics="small-critics", stages=("semantic",))


def test_critics_that_are_away_are_named(heard: Heard) -> None:
    weights = ModelLibrary(heard.project).weights_path("small-critics")
    aside = weights.with_suffix(".away")
    weights.rename(aside)
    try:
        with pytest.raises(EnvironmentFault, match="not on this machine: small-critics"):
            heard.plan(critics="small-critics")
    finally:
        aside.rename(weights)


def test_a_model_of_another_kind_does_not_judge(tmp_path: Path) -> None:
    base, heard = acoustic_base(), utterances(tmp_path, 1, 1.0)
    with pytest.raises(CheckpointError, match="holds a v2 model, not critics"):
        AcousticTraining(base, heard, [], AcousticSettings(), critics=base)

"""A project whose models are a hundredth of their size and can be trained, and its recordings."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from dataset_builder import spoken, write_sound, write_takes
from trainees import ACOUSTIC_SETTINGS

from voicepipe.formula_models.families import adopt_formula_models
from voicepipe.formula_models.sizes import TINY_SIZES
from voicepipe.model.training.discriminators import TINY_CRITICS, Discriminators
from voicepipe.model.training.weight_init import initialise
from voicepipe.model.training.weight_norm_form import to_file_names
from voicepipe.model_store.importing import import_file
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.train.checks import hear_dataset, load_training_voice, require_fit
from voicepipe.pipeline.train.plan import Plan, TrainingRequest, plan_training
from voicepipe.pipeline.train.run import Outcome, run_training

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZES = replace(TINY_SIZES, acoustic=ACOUSTIC_SETTINGS)
VOICE = """\
engine: scratch  # until it is trained
model: {gpt: formula-gpt, sovits: formula-sovits, hubert: formula-hubert}
clips:
  - {path: voices/calm.wav, transcript: We have no time left., language: en}
sampling: {fastest: 10000, slowest: 5}
consent:
  id: formula-2026
  kind: synthetic
  who: A formula
  scope: [small, training]
  languages: ["*"]
  from: 2020-01-01
"""


def write_training_project(root: Path, *, n_takes: int = 20, voice: str = VOICE) -> Path:
    """A project with a voice to train, and `recordings/` beside it."""
    project = root / "project"
    (project / "voices").mkdir(parents=True)
    (project / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    (project / "voices/noah.yaml").write_text(voice, "utf-8")
    clip = spoken("We have no time left, none of us at all.", seed=40)
    write_sound(project / "voices/calm.wav", clip)
    models = _models()
    shutil.copytree(models / "models", project / "models")
    shutil.copyfile(models / "models.lock", project / "models.lock")
    write_takes(root / "recordings", n=n_takes)
    return project


def adopt_critics(project: Path, name: str) -> None:
    """Bring small critics into a project's library, as published ones are."""
    critics = Discriminators(TINY_CRITICS)
    initialise(critics, 3)
    path = project / "s2D.pth"
    torch.save({"weight": to_file_names(critics.state_dict())}, path)
    import_file(ModelLibrary(project), path, name=name)


@cache
def _models() -> Path:
    """Make the models once for all tests of a process; they are small, and BERT is left out."""
    folder = Path(tempfile.mkdtemp(prefix="voicepipe-models-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = ModelLibrary(folder)
    adopt_formula_models(library, SIZES)
    library.discard("formula-bert")
    return folder


def planned(project: Path, **asked: Any) -> Plan:
    subject = load_training_voice(project, "noah")
    report = hear_dataset(subject, project.parent / "recordings")
    require_fit(report)
    settings: dict[str, Any] = {"steps": 4, "batch": 2, "critic_sizes": TINY_CRITICS, **asked}
    return plan_training(subject, report, TrainingRequest(**settings))


def train_it(project: Path, watch: RecordingWatcher | None = None, **asked: Any) -> Outcome:
    torch.set_num_threads(1)
    return run_training(planned(project, **asked), watch or RecordingWatcher())


class RecordingWatcher:
    """Remembers what it was told; can break off a training."""

    def __init__(self, stop_at: tuple[str, int] = ("", 0)) -> None:
        self.seen: list[tuple[str, int]] = []
        self.notes: list[str] = []
        self._stop_at = stop_at

    def __call__(
        self, part: str, done: int, total: int, losses: Mapping[str, float] | None = None
    ) -> None:
        assert 0 < done <= total
        self.seen.append((part, done))
        if (part, done) == self._stop_at:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.notes.append(text)

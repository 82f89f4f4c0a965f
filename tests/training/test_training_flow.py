"""From recordings to a voice that speaks: with interruptions, with consent, and back again."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from training_project import VOICE, RecordingWatcher, planned, train_it, write_training_project

from voicepipe.errors import BankLocked, EnvironmentFault, InputError, UsageError
from voicepipe.hashing import sha256_of_file
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.render.saying import SayRequest, say_text
from voicepipe.pipeline.revocation import revoke_voice
from voicepipe.pipeline.train.checks import hear_dataset, load_training_voice
from voicepipe.pipeline.train.results import (
    latest_training,
    make_previews,
    model_table,
    training_page,
    trainings_of,
    write_report,
)
from voicepipe.pipeline.train.run import run_training
from voicepipe.pipeline.train.voice_edit import set_models
from voicepipe.settings import load_settings

PARTS = ("listening", "semantic stage", "acoustic stage")


def _weights(project: Path, name: str) -> str:
    return sha256_of_file(ModelLibrary(project).weights_path(name))


@pytest.fixture(scope="module", name="trained")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = write_training_project(tmp_path_factory.mktemp("trained"))
    watch = RecordingWatcher()
    outcome = train_it(project, watch)
    assert outcome.record.is_finished
    assert tuple(dict.fromkeys(part for part, _ in watch.seen)) == PARTS
    return project


def test_the_models_say_whose_they_are(trained: Path) -> None:
    models = {model.name: model for model in ModelLibrary(trained).models()}
    for name, base in (("noah-gpt", "formula-gpt"), ("noah-sovits", "formula-sovits")):
        made = models[name].trained
        assert made is not None
        assert (made.voice, made.consent, made.base) == ("noah", "formula-2026", base)
        assert made.base_sha256 == models[base].files["model.safetensors"].sha256
        assert made.steps == 4
        assert models[name].family == models[base].family
    assert all(verdict.is_intact for verdict in ModelLibrary(trained).verify())
    assert models["formula-gpt"].trained is None
    assert '"trained"' not in json.dumps(
        json.loads((trained / "models.lock").read_bytes())["models"]["formula-gpt"]
    )


def test_what_was_done_is_not_done_again(trained: Path) -> None:
    before = _weights(trained, "noah-gpt")
    watch = RecordingWatcher()
    assert train_it(trained, watch).record.is_finished
    assert {part for part, _ in watch.seen} <= set()
    assert "has been done" in watch.notes[0]
    assert _weights(trained, "noah-gpt") == before


def test_the_trained_voice_speaks_after_its_file_names_the_models(trained: Path) -> None:
    plan = planned(trained)
    standing = latest_training(plan.subject)
    table = model_table(plan, standing.record)
    assert table["gpt"] == "noah-gpt"
    said = say_text(trained, SayRequest(text="We are late.", voice="noah", model=table))
    assert said.clip.duration_s > 0.2
    with_bases = say_text(
        trained, SayRequest(text="We are late.", voice="noah", model=dict(plan.subject.voice.model))
    )
    assert said.request.key() != with_bases.request.key()


def test_previews_and_report_hold_everything(trained: Path, tmp_path: Path) -> None:
    plan = planned(trained)
    standing = latest_training(plan.subject)
    notes: list[str] = []
    record = make_previews(plan, standing.run, standing.record, ["Who <told> you?"], notes.append)
    assert notes == []
    page = write_report(plan.subject.out, standing.run, record)
    text = page.read_text("utf-8")
    assert text.count("<svg") >= 4
    assert text.count("data:audio/wav;base64,") >= 1
    assert text.count("data:image/png;base64,") >= 1
    assert "Who &lt;told&gt; you?" in text
    assert "<told>" not in text
    assert "formula-2026" in text
    assert "noah-gpt" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert training_page(standing.run, record) == page.read_bytes()


def test_a_voice_without_clips_has_no_preview_and_is_told(trained: Path) -> None:
    plan = planned(trained)
    standing = latest_training(plan.subject)
    bare = VOICE.replace(VOICE[VOICE.index("clips:") : VOICE.index("sampling:")], "")
    (trained / "voices/bare.yaml").write_text(bare, "utf-8")
    try:
        subject = load_training_voice(trained, "bare")
        notes: list[str] = []
        bare_plan = replace(plan, subject=subject)
        assert (
            make_previews(bare_plan, standing.run, standing.record, ["Go."], notes.append)
            is standing.record
        )
        assert "no reference clip" in notes[0]
    finally:
        (trained / "voices/bare.yaml").unlink()


def test_an_interrupted_training_ends_with_the_same_bytes(tmp_path: Path, trained: Path) -> None:
    project = write_training_project(tmp_path)
    for stop_at in (("listening", 5), ("semantic stage", 3), ("acoustic stage", 2)):
        with pytest.raises(KeyboardInterrupt):
            train_it(project, RecordingWatcher(stop_at))
    watch = RecordingWatcher()
    train_it(project, watch)
    assert ("listening", 20) in watch.seen
    assert "semantic stage" not in {part for part, _ in watch.seen}
    for name in ("noah-gpt", "noah-sovits"):
        assert _weights(project, name) == _weights(trained, name)


def test_one_stage_alone_keeps_the_other_of_the_base(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    outcome = train_it(project, stages=("semantic",), steps=2, name="low")
    assert dict(outcome.record.models) == {"gpt": "low-gpt"}
    table = model_table(planned(project, stages=("semantic",), steps=2, name="low"), outcome.record)
    assert (table["gpt"], table["sovits"]) == ("low-gpt", "formula-sovits")
    assert set_models(project, "voices/noah.yaml", table)
    subject = load_training_voice(project, "noah")
    assert subject.voice.engine == "gpt-sovits"
    # The next training begins with the published base again, not with its own result.
    again = planned(project, stages=("semantic",), steps=3)
    assert again.bases.files["gpt"].name == "formula-gpt"


def test_consent_is_asked_for_before_and_after(tmp_path: Path) -> None:
    project = write_training_project(tmp_path, voice=VOICE.replace("[small, training]", '["*"]'))
    with pytest.raises(InputError) as caught:
        planned(project)
    assert [d.code for d in caught.value.diagnostics] == ["VP405"]
    (project / "voices/noah.yaml").write_text(VOICE, "utf-8")
    plan = planned(project)

    class Revokes(RecordingWatcher):
        def __call__(self, part: str, done: int, total: int, losses: object = None) -> None:
            if (part, done) == ("semantic stage", 1):
                text = VOICE.replace("  id:", "  revoked: 2026-01-01\n  id:")
                (project / "voices/noah.yaml").write_text(text, "utf-8")

    with pytest.raises(InputError, match="may not be trained any more"):
        run_training(plan, Revokes())
    assert not plan.subject.folder.exists()
    assert "noah-gpt" not in {model.name for model in ModelLibrary(project).models()}


def test_a_revoked_voice_takes_its_models_and_features_along(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    train_it(project, stages=("semantic",), steps=1)
    (project / "voices/other.yaml").write_text(
        VOICE.replace("gpt: formula-gpt", "gpt: noah-gpt"), "utf-8"
    )
    settings, _ = load_settings(project)
    assert settings is not None
    kept = {model.name for model in ModelLibrary(project).models()} - {"noah-gpt"}
    done = revoke_voice(project, settings, "noah", date=datetime.date(2026, 6, 1))
    assert done.trained.models == ("noah-gpt",)
    assert done.trained.folder
    assert done.trained.users == ("other",)
    assert {model.name for model in ModelLibrary(project).models()} == kept
    assert not (project / "models/noah-gpt").exists()
    assert not (project / "out/training/noah").exists()
    again = revoke_voice(project, settings, "noah", date=datetime.date(2026, 6, 1))
    assert (again.trained.models, again.trained.folder) == ((), False)


def test_a_model_of_a_voice_whose_file_is_gone_can_be_revoked(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    train_it(project, stages=("semantic",), steps=1)
    (project / "voices/noah.yaml").unlink()
    settings, _ = load_settings(project)
    assert settings is not None
    done = revoke_voice(project, settings, "noah", date=datetime.date(2026, 6, 1))
    assert done.trained.models == ("noah-gpt",)


def test_wishes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    with pytest.raises(UsageError, match='no stage "vocoder"'):
        planned(project, stages=("vocoder",))
    with pytest.raises(UsageError, match="was not trained for this voice"):
        planned(project, name="formula")
    with pytest.raises(UsageError, match="cannot be a model's name"):
        planned(project, name="../x")
    with pytest.raises(UsageError, match="names no model"):
        planned(project, base="v4")


def test_two_processes_do_not_train_one_voice(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    plan = planned(project, stages=("semantic",), steps=1)
    plan.subject.folder.mkdir(parents=True)
    with FileLock(plan.subject.folder / "lock"), pytest.raises(BankLocked, match="being trained"):
        train_it(project, stages=("semantic",), steps=1)


def test_a_status_is_there_while_it_runs(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    subject = load_training_voice(project, "noah")
    assert trainings_of(subject) == ()
    with pytest.raises(UsageError, match="has not been trained here"):
        latest_training(subject)
    with pytest.raises(KeyboardInterrupt):
        train_it(project, RecordingWatcher(("semantic stage", 3)))
    (standing,) = trainings_of(subject)
    assert not standing.record.is_finished
    assert [(s.stage, s.step, s.n_steps) for s in standing.stages] == [
        ("semantic", 3, 4),
        ("acoustic", 0, 4),
    ]
    page = write_report(subject.out, standing.run, standing.record)
    assert "not finished" in page.read_text("utf-8")
    assert "nothing yet" not in page.read_text("utf-8")


def test_changed_recordings_are_noticed_and_damaged_features_made_again(tmp_path: Path) -> None:
    project = write_training_project(tmp_path)
    train_it(project, stages=("semantic",), steps=1)
    features = sorted((project / "out/training/noah/features").iterdir())
    features[0].chmod(0o644)
    features[0].write_bytes(b"damaged")
    train_it(project, stages=("semantic",), steps=2)
    assert features[0].read_bytes() != b"damaged"
    plan = planned(project, stages=("semantic",), steps=3)
    recording = project.parent / "recordings/takes/001.wav"
    content = recording.read_bytes()
    recording.write_bytes(content[:-2] + b"\0\1")
    for path in (project / "out/training/noah/features").iterdir():
        path.unlink()
    with pytest.raises(EnvironmentFault, match="has changed since"):
        run_training(plan, RecordingWatcher())


def test_the_dataset_of_a_voice_is_heard_in_its_only_language(tmp_path: Path) -> None:
    project = write_training_project(tmp_path, n_takes=2)
    subject = load_training_voice(project, "noah")
    told: list[tuple[int, int]] = []
    report = hear_dataset(
        subject, tmp_path / "recordings", on_take=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 2), (2, 2)]
    assert not report.is_fit

"""A voice's reference clips in place of recordings: which ones, how little, what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_shell import Shell
from dataset_builder import spoken, write_sound
from embedded_models import pull_embedded
from embedded_voice import CALM, CALM_CLIP, embedded_voice

from voicepipe.diagnostics import has_errors
from voicepipe.errors import InputError, UsageError
from voicepipe.pipeline.train.checks import hear_reference_clips, load_training_voice, require_fit
from voicepipe.pipeline.train.plan import TrainingRequest, plan_training

FILM = Path(__file__).parents[2]
MORE = "Put the book by the window, then go to sleep."
MORE_CLIP = f'path: voices/more.wav, transcript: "{MORE}", language: en, emotion: angry'
VOICE = embedded_voice(CALM_CLIP, MORE_CLIP)


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    _write_voice(tmp_path, VOICE)
    write_sound(tmp_path / "voices/calm.wav", spoken(CALM, seed=40))
    write_sound(tmp_path / "voices/more.wav", spoken(MORE, seed=41))
    return tmp_path


@pytest.fixture(name="shell")
def _shell(project: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(project, capfd)


def _write_voice(project: Path, text: str) -> None:
    (project / "voices/noah.yaml").write_text(text, "utf-8")


def test_neutral_clips_are_what_is_learnt_from(project: Path) -> None:
    heard = hear_reference_clips(load_training_voice(project, "noah"))
    require_fit(heard)
    assert [(clip.path, clip.text) for clip in heard.clips] == [("voices/calm.wav", CALM)]
    assert 2.5 < heard.figures.duration_s < 10
    _write_voice(project, VOICE.replace(", emotion: angry", ""))
    both = hear_reference_clips(load_training_voice(project, "noah"))
    assert [clip.path for clip in both.clips] == ["voices/calm.wav", "voices/more.wav"]


def test_remarks_say_where_the_clip_is_named(project: Path) -> None:
    heard = hear_reference_clips(load_training_voice(project, "noah"))
    assert {one.span.path for one in heard.diagnostics} == {"voices/noah.yaml"}
    assert [one.code for one in heard.diagnostics] == ["VP653"]
    assert "s of usable speech; 3 minutes" in heard.diagnostics[0].message


def test_a_clip_that_says_next_to_nothing_is_refused(project: Path) -> None:
    write_sound(project / "voices/calm.wav", spoken("Not now.", seed=42))
    _write_voice(project, VOICE.replace(CALM, "Not now."))
    heard = hear_reference_clips(load_training_voice(project, "noah"))
    with pytest.raises(InputError) as refused:
        require_fit(heard)
    assert [one.code for one in refused.value.diagnostics if has_errors([one])] == ["VP650"]


def test_a_voice_without_a_neutral_clip_has_nothing_to_learn_from(project: Path) -> None:
    before, _, after = VOICE.replace("gpt-sovits", "scratch").partition("clips:")
    _write_voice(project, before + after[after.index("consent:") :])
    with pytest.raises(UsageError, match="no neutral reference clip") as refused:
        hear_reference_clips(load_training_voice(project, "noah"))
    assert "voices/noah.yaml" in (refused.value.remedy or "")


def test_recordings_or_clips_are_given_and_never_both(shell: Shell, tmp_path: Path) -> None:
    for arguments in ((), ("--clips", "--data", str(tmp_path))):
        assert shell("train", "noah", *arguments) == 2
        assert "give --data FOLDER or --clips, one of the two" in shell.err
    for option in ("--lang", "--speaker"):
        assert shell("train", "noah", "--clips", option, "en") == 2
        assert "leave out --lang and --speaker" in shell.err


def test_a_check_looks_at_the_clips(shell: Shell) -> None:
    assert shell("train", "noah", "--clips", "--check", "--json") == 0
    document = json.loads(shell.out)
    assert document["may_train"] is True
    assert [clip["name"] for clip in document["clips"]] == ["voices/calm.wav"]


def test_consent_to_training_is_asked_for_clips_too(shell: Shell, project: Path) -> None:
    _write_voice(project, VOICE.replace("[small, training]", "[small]"))
    assert shell("train", "noah", "--clips") == 1
    assert "VP405" in shell.err
    assert "reading recordings" not in shell.err


def test_clips_of_several_people_teach_no_voice(tmp_path: Path) -> None:
    shutil.copytree(FILM / "voices/noah", tmp_path / "voices/noah")
    written = (FILM / "voices/noah.yaml").read_text("utf-8")
    (tmp_path / "voices/noah.yaml").write_text(
        written.replace("scope: [ararat]", "scope: [ararat, training]"), "utf-8"
    )
    (tmp_path / "voicepipe.yaml").write_text("bank: ararat\nlanguages: [zh, en, ja]\n", "utf-8")
    pull_embedded(tmp_path)
    subject = load_training_voice(tmp_path, "noah")
    heard = hear_reference_clips(subject)
    request = TrainingRequest(base="tiny", device="cpu")
    with pytest.raises(InputError, match=r"noah/en.ogg.*noah/(zh|ja).ogg.*two people"):
        plan_training(subject, heard, request)
    alike = replace(heard, clips=tuple(clip for clip in heard.clips if clip.language != "en"))
    assert plan_training(subject, alike, request).steps == {"acoustic": 20}

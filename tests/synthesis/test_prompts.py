"""Reference clips are listened to once, and forgotten with their voice."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_voice import requests_of, write_project_files

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.errors import InputError
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.prompting import prepare_prompts
from voicepipe.pipeline.revocation import revoke_voice
from voicepipe.synthesis.inputs import ClipToHear, ReadText
from voicepipe.synthesis.model_cache import Needed
from voicepipe.synthesis.prompt import prompt_key
from voicepipe.synthesis.prompt_store import PromptStore

if TYPE_CHECKING:
    from pathlib import Path

CLIP = ClipToHear(sha256="c" * 64, transcript="Hello.", read=ReadText(phoneme_ids=(1, 2), runs=()))
NEEDED = Needed(models={"gpt": "1", "sovits": "2", "hubert": "3"}, files={})


def test_preparing_listens_once_to_each_clip(tiny: Path) -> None:
    project = load_project(tiny)
    first = list(prepare_prompts(project))
    assert {(p.voice, p.path, p.is_new) for p in first} == {
        ("noah", "voices/calm.wav", True),
        ("noah", "voices/sad.wav", True),
    }
    assert [p.is_new for p in prepare_prompts(project)] == [False, False]
    assert list(prepare_prompts(project, voice="nobody")) == []


def test_a_transcript_that_does_not_fit_its_clip_is_refused_by_name(tiny: Path) -> None:
    voice = tiny / "voices" / "noah.yaml"
    written = voice.read_text("utf-8")
    voice.write_text(
        written.replace("We have no time left.", "We have no time left. " * 12), "utf-8"
    )
    with pytest.raises(InputError) as caught:
        list(prepare_prompts(load_project(tiny)))
    [problem] = caught.value.diagnostics
    assert problem.code == "VP330"
    assert '"voices/calm.wav" holds' in problem.message
    assert not (tiny / "out" / "prompts").exists()
    assert list(prepare_prompts(load_project(tiny), voice="nobody")) == []


def test_rendering_a_prepared_voice_needs_no_encoder(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = load_project(tiny)
    list(prepare_prompts(project))
    requests = [request for request in requests_of(tiny) if request.language == "en"]
    for name in ("formula-hubert", "formula-bert"):
        (tiny / "models" / name / "model.safetensors").unlink()
    monkeypatch.setattr(ContentEncoder, "load", None)
    renderer = GptSovitsRenderer(tiny, tiny / "out", "cpu")
    assert all(outcome.clip is not None for outcome in renderer.render(requests))


def test_a_damaged_prompt_is_made_again(tiny: Path) -> None:
    list(prepare_prompts(load_project(tiny)))
    for path in (tiny / "out" / "prompts").iterdir():
        path.write_bytes(path.read_bytes()[:50])
    assert [p.is_new for p in prepare_prompts(load_project(tiny))] == [True, True]


def test_revoking_a_voice_forgets_what_was_heard(tiny: Path) -> None:
    project = load_project(tiny)
    list(prepare_prompts(project))
    folder = tiny / "out" / "prompts"
    (folder / "broken.safetensors").write_bytes(b"\xff" * 40)
    assert PromptStore(tiny / "out").discard_voice("mara") == 0
    revoke_voice(tiny, project.settings, "noah", date=datetime.date(2026, 1, 2))
    assert [path.name for path in folder.iterdir()] == ["broken.safetensors"]


@pytest.mark.parametrize(
    ("clip", "voice", "needed"),
    [
        (replace(CLIP, sha256="d" * 64), "noah", NEEDED),
        (replace(CLIP, transcript="Bye."), "noah", NEEDED),
        (replace(CLIP, read=ReadText(phoneme_ids=(1, 3), runs=())), "noah", NEEDED),
        (replace(CLIP, auxiliary=("e" * 64,)), "noah", NEEDED),
        (CLIP, "mara", NEEDED),
        (CLIP, "noah", replace(NEEDED, models={**NEEDED.models, "sovits": "9"})),
        (CLIP, "noah", replace(NEEDED, models={**NEEDED.models, "hubert": "9"})),
        (CLIP, "noah", replace(NEEDED, passage_revision=1)),
    ],
)
def test_what_changes_a_prompt_changes_its_key(
    clip: ClipToHear, voice: str, needed: Needed
) -> None:
    assert prompt_key(clip, voice, needed) != prompt_key(CLIP, "noah", NEEDED)


def test_what_changes_no_prompt_changes_no_key() -> None:
    other = replace(NEEDED, models={**NEEDED.models, "gpt": "9", "bert": "8"}, files={"c": "x"})
    assert prompt_key(CLIP, "noah", other) == prompt_key(CLIP, "noah", NEEDED)


def test_a_project_without_listening_voices_has_nothing_to_prepare(tmp_path: Path) -> None:
    write_project_files(tmp_path, n_lines=1)
    voice = tmp_path / "voices" / "noah.yaml"
    text = voice.read_text("utf-8")
    consent = text[text.index("consent:") :]
    voice.write_text("engine: scratch\n" + consent, "utf-8")
    assert list(prepare_prompts(load_project(tmp_path))) == []

"""Auxiliary clips shape timbre, and nothing else of a prompt."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file
from tiny_voice import requests_of, write_clip

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.errors import EnvironmentFault, InputError, SynthesisError
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.prompting import prepare_prompts
from voicepipe.pipeline.revocation import revoke_voice

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor


def _with_auxiliary(root: Path, *names: str) -> Path:
    voice = root / "voices" / "noah.yaml"
    paths = ", ".join(f"voices/{name}.wav" for name in names)
    before = voice.read_text("utf-8").split("auxiliary:")[0]
    voice.write_text(f"{before}auxiliary: [{paths}]\n", "utf-8")
    return root


def _prompts(root: Path) -> list[dict[str, Tensor]]:
    return [load_file(path) for path in sorted((root / "out" / "prompts").iterdir())]


def _prompt_of(root: Path) -> dict[str, Tensor]:
    """The prompt of the calm clip, made anew."""
    for path in (root / "out" / "prompts").glob("*"):
        path.unlink()
    requests = [r for r in requests_of(root) if r.line_id == "hall_000" and r.language == "en"]
    renderer = GptSovitsRenderer(root, root / "out", "cpu")
    assert len(list(renderer.prepare(requests))) == 1
    renderer.close()
    (prompt,) = _prompts(root)
    return prompt


def test_the_style_is_the_mean_over_all_clips(tiny: Path) -> None:
    for name, hz in (("more", 150.0), ("even", 200.0)):
        write_clip(tiny / "voices" / f"{name}.wav", hz)
    alone = _prompt_of(tiny)
    pair = _prompt_of(_with_auxiliary(tiny, "more"))
    other = _prompt_of(_with_auxiliary(tiny, "even"))
    three = _prompt_of(_with_auxiliary(tiny, "more", "even"))
    for prompt in (pair, other, three):
        assert torch.equal(prompt["semantic_tokens"], alone["semantic_tokens"])
        assert torch.equal(prompt["phoneme_ids"], alone["phoneme_ids"])
        assert not torch.equal(prompt["style"], alone["style"])
    more, even = 2 * pair["style"] - alone["style"], 2 * other["style"] - alone["style"]
    torch.testing.assert_close(three["style"], (alone["style"] + more + even) / 3)


def test_preparing_listens_again_when_the_list_changes(tiny: Path) -> None:
    write_clip(tiny / "voices" / "more.wav", 150.0)
    assert [p.is_new for p in prepare_prompts(load_project(tiny))] == [True, True]
    _with_auxiliary(tiny, "more")
    prepared = list(prepare_prompts(load_project(tiny)))
    assert [(p.path, p.is_new) for p in prepared] == [
        ("voices/calm.wav", True),
        ("voices/sad.wav", True),
    ]
    assert [p.is_new for p in prepare_prompts(load_project(tiny))] == [False, False]
    assert len(_prompts(tiny)) == 4
    project = load_project(tiny)
    revoke_voice(tiny, project.settings, "noah", date=datetime.date(2026, 1, 2))
    assert _prompts(tiny) == []


def test_one_that_is_gone_stops_the_project_at_its_line(tiny: Path) -> None:
    _with_auxiliary(tiny, "gone")
    with pytest.raises(InputError) as caught:
        load_project(tiny).require_valid()
    (found,) = [d for d in caught.value.diagnostics if d.code == "VP320"]
    assert str(found.span) == "voices/noah.yaml:14:13"


def test_one_that_changes_after_planning_stops_the_render(tiny: Path) -> None:
    write_clip(tiny / "voices" / "more.wav", 150.0)
    requests = requests_of(_with_auxiliary(tiny, "more"))[:1]
    write_clip(tiny / "voices" / "more.wav", 160.0)
    renderer = GptSovitsRenderer(tiny, tiny / "out", "cpu")
    with pytest.raises(EnvironmentFault, match=r"voices/more\.wav.* has changed"):
        list(renderer.render(requests))


def test_one_that_is_far_too_short_fails_the_line(tiny: Path) -> None:
    write_clip(tiny / "voices" / "more.wav", 150.0, duration_s=0.5)
    requests = requests_of(_with_auxiliary(tiny, "more"))[:1]
    (outcome,) = GptSovitsRenderer(tiny, tiny / "out", "cpu").render(requests)
    assert outcome.clip is None
    assert isinstance(outcome.error, SynthesisError)
    assert "voices/more.wav: a reference clip of 0.5 s" in outcome.error.message

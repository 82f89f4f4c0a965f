"""A line that cannot be spoken fails by itself, with its reason, and never as silence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tiny_voice import requests_of

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer, require_device
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.model.semantic.generation import SemanticOutcome, StopReason
from voicepipe.synthesis.inputs import line_to_say
from voicepipe.synthesis.sanity_checks import token_fault, token_limit
from voicepipe.synthesis.take_settings import TakeSettings

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.engines.protocol import Rendered
    from voicepipe.synthesis.request import SynthesisRequest

SETTINGS = TakeSettings()


def changed(request: SynthesisRequest, group: str, **facts: Any) -> SynthesisRequest:
    table = request.inputs[group]
    assert isinstance(table, dict)
    return replace(request, inputs={**request.inputs, group: {**table, **facts}})


def outcomes(root: Path, requests: list[SynthesisRequest]) -> dict[str, Rendered]:
    renderer = GptSovitsRenderer(root, root / "out", "cpu")
    return {f"{o.request.line_id} {o.request.language}": o for o in renderer.render(requests)}


def test_a_take_that_is_too_fast_is_worth_another_try(tiny_models: Path) -> None:
    requests = [r for r in requests_of(tiny_models) if r.language == "en"][:3]
    requests[1] = changed(requests[1], "sampling", fastest=5.0)
    found = list(outcomes(tiny_models, requests).values())
    bad = next(o for o in found if o.clip is None)
    assert bad.request.line_id == requests[1].line_id
    assert bad.is_retryable
    assert bad.error is not None
    assert "words are missing" in bad.error.message
    assert sum(o.clip is not None for o in found) == 2


def test_a_take_that_never_ends_is_worth_another_try(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # End of speech cannot be chosen in the first eleven steps.
    monkeypatch.setattr("voicepipe.engines.gpt_sovits.continuous_batcher.token_limit", lambda *_: 3)
    (outcome,) = outcomes(tiny_models, requests_of(tiny_models)[:1]).values()
    assert outcome.clip is None
    assert outcome.is_retryable
    assert outcome.error is not None
    assert "did not end" in outcome.error.message


def test_a_line_of_many_parts_fails_once(tiny_models: Path) -> None:
    requests = [r for r in requests_of(tiny_models) if len(line_to_say(r).parts) > 1]
    assert requests
    renderer = GptSovitsRenderer(tiny_models, tiny_models / "out", "cpu", n_slots=8)
    slow = [changed(request, "sampling", fastest=5.0) for request in requests]
    found = list(renderer.render(slow))
    assert len(found) == len(requests)
    assert all(o.clip is None for o in found)


def test_sound_that_is_no_number_fails(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from voicepipe.model.acoustic.stage import AcousticStage

    def broken(self: object, lines: list[object], options: object) -> tuple[torch.Tensor, ...]:
        return tuple(torch.full((32_000,), torch.nan) for _ in lines)

    monkeypatch.setattr(AcousticStage, "decode", broken)
    (outcome,) = outcomes(tiny_models, requests_of(tiny_models)[:1]).values()
    assert outcome.clip is None
    assert outcome.is_retryable
    assert outcome.error is not None
    assert "no numbers" in outcome.error.message


def test_a_model_that_changed_since_planning_is_refused(tiny: Path) -> None:
    request = requests_of(tiny)[0]
    path = tiny / "models" / "formula-gpt" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptObject, match="was planned with"):
        outcomes(tiny, [request])


def test_a_missing_model_is_the_machines_fault(tiny: Path) -> None:
    request = requests_of(tiny)[0]
    (tiny / "models" / "formula-hubert" / "model.safetensors").unlink()
    with pytest.raises(EnvironmentFault, match="needed to listen to a reference clip") as raised:
        outcomes(tiny, [request])
    assert "voicepipe models pull" in raised.value.remedy


def test_a_clip_that_is_no_reference_fails_its_lines(tiny: Path) -> None:
    from tiny_voice import write_clip

    write_clip(tiny / "voices" / "calm.wav", 110.0, duration_s=0.5)
    (outcome,) = outcomes(tiny, requests_of(tiny)[:1]).values()
    assert outcome.clip is None
    assert not outcome.is_retryable
    assert outcome.error is not None
    assert "0.5 s" in outcome.error.message


def test_a_clip_that_changed_since_planning_is_refused(tiny: Path) -> None:
    from tiny_voice import write_clip

    request = requests_of(tiny)[0]
    write_clip(tiny / "voices" / "calm.wav", 222.0)
    with pytest.raises(EnvironmentFault, match="has changed"):
        outcomes(tiny, [request])


def test_a_line_too_long_for_a_slot_fails_without_another_try(tiny_models: Path) -> None:
    request = requests_of(tiny_models)[0]
    text: Any = request.inputs["text"]
    part = {**text["parts"][0], "phoneme_ids": text["parts"][0]["phoneme_ids"] * 200}
    long = replace(request, inputs={**request.inputs, "text": {"parts": [part]}})
    (outcome,) = outcomes(tiny_models, [long]).values()
    assert outcome.clip is None
    assert not outcome.is_retryable


@pytest.mark.parametrize(
    ("n_tokens", "stop", "words"),
    [
        (0, StopReason.END_OF_SPEECH, "before it said anything"),
        (900, StopReason.LIMIT, "did not end"),
        (11, StopReason.END_OF_SPEECH, "words are missing"),
        (100, StopReason.END_OF_SPEECH, ""),
    ],
)
def test_tokens_are_doubted(n_tokens: int, stop: StopReason, words: str) -> None:
    outcome = SemanticOutcome(tokens=tuple(range(n_tokens)), stop=stop)
    fault = token_fault(outcome, 40, SETTINGS)
    assert (words in fault) if words else fault == ""


def test_the_limit_grows_with_the_text_and_ends() -> None:
    assert token_limit(2, SETTINGS) < token_limit(40, SETTINGS) < token_limit(5000, SETTINGS)
    assert token_limit(5000, SETTINGS) == 1500


@pytest.mark.parametrize("device", ["cuda:77", "no-such-device", "xla"])
def test_a_device_that_is_not_there_is_said_so(device: str) -> None:
    with pytest.raises(EnvironmentFault, match=device):
        require_device(device)

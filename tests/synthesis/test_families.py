"""Every family speaks through the engine: right rate, real sound, chunks, pace and failures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tiny_decoders import mel_decoder
from tiny_families import RATES, small_parts, write_families
from tiny_voice import requests_of

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.bigvgan import BigVGAN
from voicepipe.model.acoustic.flow_matching import FlowMatching
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torch import Tensor

    from voicepipe.audio.clip import AudioClip
    from voicepipe.engines.protocol import Rendered
    from voicepipe.synthesis.request import SynthesisRequest

FLOW_VOICES = ("v3", "v4", "v3_lora", "v4_lora")


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with a voice of each family."""
    root = tmp_path_factory.mktemp("families") / "project"
    root.mkdir()
    with small_parts():
        write_families(root)
        yield root


@pytest.fixture(scope="module")
def requests(families: Path) -> dict[str, SynthesisRequest]:
    """By voice."""
    return {request.voice_id: request for request in requests_of(families)}


@pytest.fixture(scope="module")
def spoken(families: Path, requests: dict[str, SynthesisRequest]) -> dict[str, AudioClip]:
    """Every voice's line, all asked for at once."""
    found = {}
    for outcome in _render(families, *requests.values()):
        assert outcome.clip is not None, outcome.error
        found[outcome.request.voice_id] = outcome.clip
    return found


def _render(root: Path, *requests: SynthesisRequest) -> list[Rendered]:
    renderer = GptSovitsRenderer(root, root / "out", "cpu")
    try:
        return list(renderer.render(requests))
    finally:
        renderer.close()


def _with(request: SynthesisRequest, group: str, **facts: Any) -> SynthesisRequest:
    table: Any = request.inputs[group]
    return replace(request, inputs={**request.inputs, group: {**table, **facts}})


def _faster(request: SynthesisRequest, speed: float) -> SynthesisRequest:
    facts: Any = request.inputs["delivery"]
    parts = [{**part, "speed": speed} for part in facts["parts"]]
    return _with(request, "delivery", parts=parts)


@pytest.mark.parametrize("voice", RATES)
def test_a_line_sounds_at_its_familys_rate(spoken: dict[str, AudioClip], voice: str) -> None:
    clip = spoken[voice]
    assert clip.sample_rate == RATES[voice]
    assert 0.4 < clip.duration_s < 20
    assert np.isfinite(clip.samples).all()
    assert 1e-3 < np.abs(clip.samples).max() <= 1.0


def test_no_two_families_share_a_key(requests: dict[str, SynthesisRequest]) -> None:
    assert len({request.key() for request in requests.values()}) == len(RATES)
    assert len({str(request.inputs["model"]) for request in requests.values()}) == len(RATES)


@pytest.mark.parametrize("family", ["v3", "v4"])
def test_a_lora_changes_its_base(spoken: dict[str, AudioClip], family: str) -> None:
    base, changed = spoken[family].samples, spoken[f"{family}_lora"].samples
    assert len(base) != len(changed) or not np.array_equal(base, changed)


@pytest.mark.parametrize("voice", ["v1", "v2pro", "v3", "v4"])
def test_twice_the_speed_is_half_the_length(
    families: Path, requests: dict[str, SynthesisRequest], spoken: dict[str, AudioClip], voice: str
) -> None:
    (fast,) = _render(families, _faster(requests[voice], 2.0))
    assert fast.clip is not None
    ratio = fast.clip.n_samples / spoken[voice].n_samples
    assert 0.45 < ratio < 0.6


@pytest.mark.parametrize("voice", ["v3", "v4"])
def test_a_long_line_is_made_in_chunks(
    families: Path,
    requests: dict[str, SynthesisRequest],
    spoken: dict[str, AudioClip],
    voice: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lengths: list[int] = []
    whole = FlowMatching.forward

    def watched(self: FlowMatching, features: Tensor, *others: Any, **options: Any) -> Tensor:
        lengths.append(features.shape[2])
        return whole(self, features, *others, **options)

    monkeypatch.setattr(FlowMatching, "forward", watched)
    (outcome,) = _render(families, requests[voice])
    assert outcome.clip is not None
    np.testing.assert_array_equal(outcome.clip.samples, spoken[voice].samples)
    decoder = mel_decoder(Family(voice))
    assert len(lengths) > 1
    assert max(lengths) <= decoder.chunk_frames


@pytest.mark.parametrize("voice", ["v3", "v4"])
def test_more_steps_are_another_take(
    families: Path, requests: dict[str, SynthesisRequest], spoken: dict[str, AudioClip], voice: str
) -> None:
    request = _with(requests[voice], "sampling", n_steps=3)
    assert request.key() != requests[voice].key()
    (outcome,) = _render(families, request)
    assert outcome.clip is not None
    assert outcome.clip.n_samples == spoken[voice].n_samples
    assert not np.array_equal(outcome.clip.samples, spoken[voice].samples)


@pytest.mark.parametrize(("voice", "vocoder"), [("v3_lora", BigVGAN), ("v4", Generator)])
@pytest.mark.parametrize(
    ("level", "reason"), [(float("nan"), "holds no numbers"), (0.0, "is silent")]
)
def test_what_is_no_sound_fails_the_line(
    families: Path,
    requests: dict[str, SynthesisRequest],
    voice: str,
    vocoder: type[BigVGAN | Generator],
    level: float,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object, mel: Tensor, *__: object) -> Tensor:
        return torch.full((mel.shape[0], 1, 240 * mel.shape[2]), level)

    monkeypatch.setattr(vocoder, "forward", broken)
    (outcome,) = _render(families, requests[voice])
    assert outcome.clip is None
    assert outcome.is_retryable
    assert outcome.error is not None
    assert reason in outcome.error.message


@pytest.mark.parametrize("voice", FLOW_VOICES)
def test_an_impossible_pace_fails_the_line(
    families: Path, requests: dict[str, SynthesisRequest], voice: str
) -> None:
    (outcome,) = _render(families, _with(requests[voice], "sampling", fastest=5.0))
    assert outcome.clip is None
    assert outcome.error is not None
    assert "words are missing" in outcome.error.message


@pytest.mark.parametrize(("voice", "role"), [("v3", "vocoder"), ("v4_lora", "sovits_base")])
def test_a_companion_that_is_not_named_stops_the_render(
    families: Path, requests: dict[str, SynthesisRequest], voice: str, role: str
) -> None:
    models: Any = dict(requests[voice].inputs["model"])  # type: ignore[arg-type]
    del models[role]
    request = replace(requests[voice], inputs={**requests[voice].inputs, "model": models})
    with pytest.raises(CheckpointError, match="needs the"):
        _render(families, request)

"""The smallest family through the engine: its own ears, its own generator, and no BERT."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from smallest_settings import SETTINGS
from tiny_voice import requests_of, write_clip

from voicepipe.benchmarking.measure import measure_pair
from voicepipe.benchmarking.models import voice_pair
from voicepipe.engines.gpt_sovits.continuous_batcher import needed_models
from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.errors import CheckpointError, UsageError
from voicepipe.model.acoustic.config import read_acoustic_config
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.stage import AcousticStage
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.encoders.phonetic import PhoneticEncoder
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.recogniser import PhonemeRecogniser
from voicepipe.model.semantic.spoken_borders import Extent
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import Source, Trust
from voicepipe.pipeline.project import load_project
from voicepipe.synthesis.closing import CLOSING_FACT, CLOSING_TOKENS
from voicepipe.synthesis.model_cache import ModelCache
from voicepipe.synthesis.passage_facts import LONGEST_S, PASSAGE_REVISION
from voicepipe.synthesis.range_facts import RANGE_FACT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from voicepipe.model.acoustic.stage import AcousticLine, DecodeOptions
    from voicepipe.model.semantic.generation import SemanticOutcome
    from voicepipe.synthesis.request import SynthesisRequest

WIDTH, CODES, STYLE = 24, 32, 12
PHONEMES = tuple(range(5, 320))
LANDMARKS = {
    "ref_enc.spectral.0.fc.weight": (128, 300),
    "ref_enc.fc.fc.weight": (STYLE, 128),
    "enc_p.text_embedding.weight": (732, 16),
    "enc_p.mrte.c_pre.weight": (STYLE, 16, 1),
    "ssl_proj.weight": (WIDTH, WIDTH, 2),
    "quantizer.vq.layers.0._codebook.embed": (CODES, WIDTH),
    "dec.conv_pre.weight": (16, 8, 7),
    "dec.cond.weight": (16, STYLE, 1),
    "dec.slow.0.norm.weight": (16,),
    "dec.fast.0.norm.weight": (16,),
    "dec.envelope.weight": (40, 16, 1),
}
SEMANTIC = {
    "model": {
        "hidden_dim": 16,
        "embedding_dim": 16,
        "n_layer": 2,
        "head": 2,
        "vocab_size": CODES + 1,
        "phoneme_vocab_size": 732,
        "EOS": CODES,
        "bert_dim": 1,
    }
}
VOICE = """\
engine: gpt-sovits
model: {gpt: tiny-gpt, sovits: tiny-sovits}
clips:
  - {path: voices/calm.wav, transcript: 我们已经没有时间了。, language: zh}
sampling: {fastest: 10000, slowest: 0.1, top_k: 33}
consent:
  {id: f, kind: synthetic, who: A formula, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_010, who: noah, text: {en: "Good evening, everyone.", zh: "舱门打开了。"}}
    - goto: END
"""


def _random(network: nn.Module) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(3)
    weights = {
        name: torch.randn(value.shape, generator=rng) * (0.3 if value.dim() > 1 else 0.1)
        for name, value in network.state_dict().items()
    }
    if "ar_predict_layer.weight" in weights:  # every token is as likely as the end
        weights["ar_predict_layer.weight"].zero_()
    return weights


def _adopt(
    library: ModelLibrary, name: str, family: Family, network: nn.Module, config: object
) -> None:
    built = library.prepare(name)
    save_file(_random(network), built / "model.safetensors", metadata={"format": "pt"})
    description = {
        "schema": 1,
        "family": family.value,
        "lora_rank": None,
        "info": "",
        "source": name,
        "source_sha256": "",
        "config": config,
    }
    (built / "model.json").write_text(json.dumps(description), "utf-8")
    source = Source(file=name, sha256="0" * 64, trust=Trust.LOCAL)
    library.adopt(name, built, family=family.value, lora_rank=None, source=source)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A voice of the family that speaks English and Chinese."""
    library = ModelLibrary(tmp_path)
    acoustic = build_network(read_acoustic_config(SETTINGS, LANDMARKS))
    _adopt(library, "tiny-sovits", Family.TINY, acoustic, SETTINGS)
    stage = SemanticStage(SemanticConfig.from_mapping(SEMANTIC))
    _adopt(library, "tiny-gpt", Family.SEMANTIC, stage, SEMANTIC)
    _adopt(library, "tiny-content", Family.PHONETIC, PhoneticEncoder(WIDTH, 2), {})
    recogniser = PhonemeRecogniser(CODES, WIDTH, 1, PHONEMES)
    classes = {"phoneme_ids": list(PHONEMES)}
    _adopt(library, "tiny-recogniser", Family.RECOGNISER, recogniser, classes)
    for folder in ("voices", "scripts_in"):
        (tmp_path / folder).mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en, zh]\n", "utf-8")
    (tmp_path / "voices" / "noah.yaml").write_text(VOICE, "utf-8")
    (tmp_path / "scripts_in" / "hall.yaml").write_text(SCRIPT, "utf-8")
    write_clip(tmp_path / "voices" / "calm.wav", 110.0)
    return tmp_path


def test_chinese_needs_no_bert(project: Path) -> None:
    found = load_project(project)
    found.require_valid()
    for request in requests_of(project):
        models: Any = request.inputs["model"]
        assert set(models) == {"gpt", "sovits", "hubert", "recogniser"}


def test_it_draws_in_its_own_way_where_the_voice_is_silent(project: Path) -> None:
    for request in requests_of(project):
        sampling: Any = request.inputs["sampling"]
        assert sampling["repetition_penalty"] == 1.0
        assert sampling["temperature"] == 0.5
        assert sampling["top_k"] == 33
        assert sampling["candidates"] == 8


def test_lines_of_both_languages_are_spoken(project: Path) -> None:
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    outcomes = list(renderer.render(requests_of(project)))
    renderer.close()
    assert len(outcomes) == 2
    for outcome in outcomes:
        assert outcome.clip is not None, outcome.error
        assert outcome.clip.sample_rate == 24_000
        assert outcome.clip.duration_s > 0.4
        assert np.isfinite(outcome.clip.samples).all()


Sounds = dict[str, "NDArray[np.float32]"]


def _spoken(project: Path, requests: list[SynthesisRequest], n_slots: int) -> Sounds:
    renderer = GptSovitsRenderer(project, project / "out", "cpu", n_slots=n_slots)
    outcomes = list(renderer.render(requests))
    renderer.close()
    assert len(outcomes) == len(requests)
    assert all(outcome.clip is not None for outcome in outcomes)
    return {
        outcome.request.language: outcome.clip.samples
        for outcome in outcomes
        if outcome.clip is not None
    }


def _candidates(requests: list[SynthesisRequest], n: int) -> list[SynthesisRequest]:
    table: list[Any] = [request.inputs["sampling"] for request in requests]
    return [
        replace(request, inputs={**request.inputs, "sampling": {**sampling, "candidates": n}})
        for request, sampling in zip(requests, table, strict=True)
    ]


def test_the_best_said_of_several_answers_is_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: dict[tuple[int, ...], list[tuple[int, ...]]] = {}

    def shortest_is_best(_: object, tokens: tuple[int, ...], wanted: tuple[int, ...]) -> float:
        heard.setdefault(wanted, []).append(tokens)
        return -len(tokens)

    monkeypatch.setattr(PhonemeRecogniser, "pronunciation", shortest_is_best)
    requests = requests_of(project)
    several, single = (_spoken(project, _candidates(requests, n), 8) for n in (6, 1))
    assert sorted(len(answers) for answers in heard.values()) == [6, 6]
    for answers in heard.values():
        assert len(set(answers)) == 6, "each answer is drawn with its own chance"
    assert all(len(several[language]) <= len(single[language]) for language in single)
    assert any(len(several[language]) < len(single[language]) for language in single)


def test_a_choice_does_not_depend_on_the_batch(project: Path) -> None:
    requests = _candidates(requests_of(project), 5)
    alone = [_spoken(project, [request], 1) for request in requests]
    together = _spoken(project, requests[::-1], 8)
    for (language, samples), *_ in (found.items() for found in alone):
        np.testing.assert_array_equal(together[language], samples)


def test_the_recognisers_opinion_of_a_line_is_handed_on(project: Path) -> None:
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    compared = [one.scores for one in renderer.render(_candidates(requests_of(project), 3))]
    assert all(-8.0 <= scores["phonemes"] <= 0.0 for scores in compared)
    single = renderer.render(_candidates(requests_of(project), 1))
    assert [one.scores for one in single] == [{}] * len(compared)


def test_an_answer_that_is_no_speech_is_passed_over(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def fault(outcome: SemanticOutcome, _n: int, _settings: object) -> str:
        asked.append(len(outcome.tokens))
        return "" if len(asked) == 3 else "this is no speech"

    monkeypatch.setattr("voicepipe.engines.gpt_sovits.in_flight.token_fault", fault)
    request, *_ = requests_of(project)
    assert _spoken(project, [request], 4)
    assert len(asked) == 8
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    (outcome,) = renderer.render([request])
    assert outcome.clip is None
    assert outcome.is_retryable
    assert outcome.error is not None
    assert outcome.error.message == "this is no speech"


def test_a_bench_counts_the_answers_that_are_not_kept(project: Path) -> None:
    voice = load_project(project).cast[0].voice
    models = voice_pair(project, project / "out", voice, Precision.FLOAT32)
    assert models.candidates == 8
    pair = ModelCache(project, "cpu").pair(models.needed)
    found = measure_pair(pair, "cpu", n_slots=4, audio_s=8.0, candidates=4)
    assert 4.0 < found.audio_s < 8.0, "every line of this model ends after a few tokens"
    faulty = replace(voice, sampling={"candidates": 99})
    with pytest.raises(UsageError, match="candidates is 99"):
        voice_pair(project, project / "out", faulty, Precision.FLOAT32)


def test_a_recogniser_of_other_tokens_is_refused(project: Path) -> None:
    recogniser = PhonemeRecogniser(CODES - 1, WIDTH, 1, PHONEMES)
    library = ModelLibrary(project)
    classes = {"phoneme_ids": list(PHONEMES)}
    _adopt(library, "tiny-recogniser", Family.RECOGNISER, recogniser, classes)
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    with pytest.raises(CheckpointError, match="knows 31 tokens, and the semantic stage says 32"):
        list(renderer.render(requests_of(project)))


def test_who_has_no_recogniser_cannot_ask_for_a_choice(project: Path) -> None:
    voice = project / "voices" / "noah.yaml"
    lock = project / "models.lock"
    text = lock.read_text("utf-8")
    lock.write_text(text.replace("tiny-recogniser", "another-recogniser"), "utf-8")
    found = load_project(project)
    messages = [d.message for d in found.diagnostics]
    assert any("tiny-recogniser" in message for message in messages), messages
    voice.write_text(VOICE.replace("top_k: 33", "candidates: 99"), "utf-8")
    messages = [d.message for d in load_project(project).diagnostics]
    assert any("sampling.candidates is 99" in message for message in messages), messages


CLOSING = 15
LONG = """\
  - {path: voices/long.wav, transcript: "我们已经没有时间了。舱门打开了，快走。", language: zh}
"""


def _with_a_long_clip(project: Path) -> None:
    voice = project / "voices" / "noah.yaml"
    calm = VOICE[VOICE.index("  - {path") : VOICE.index("sampling")]
    voice.write_text(VOICE.replace(calm, LONG), "utf-8")
    write_clip(project / "voices" / "long.wav", 110.0, 9.0)


def test_a_passage_of_a_long_clip_leads_its_lines(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_a_long_clip(project)

    def evenly(
        _: object, tokens: list[int], phoneme_ids: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[Extent, ...]]:
        assert len(tokens) == 9 * 25 + CLOSING
        size = 9 * 50 // len(phoneme_ids)
        places = tuple(range(len(phoneme_ids)))
        return places, tuple(Extent(n * size, (n + 1) * size) for n in places)

    monkeypatch.setattr(PhonemeRecogniser, "spoken_extents", evenly)
    (request, *_) = requests_of(project)
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    list(renderer.prepare([request]))
    renderer.close()
    (stored,) = (project / "out" / "prompts").iterdir()
    prompt = load_file(stored)
    assert 1.5 * 25 - 1 <= len(prompt["semantic_tokens"]) - CLOSING <= LONGEST_S * 25 + 1
    clips: Any = request.inputs["voice"]
    said = clips["clips"][0]["phoneme_ids"]
    led = prompt["phoneme_ids"].tolist()
    assert len(led) < len(said)
    assert led[:-1] in [said[n : n + len(led) - 1] for n in range(len(said))]


def test_a_pause_is_said_after_a_part_for_its_last_sound_to_die_away(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = requests_of(project)
    _spoken(project, requests, 4)  # the clip is heard before anybody listens
    decoded = _decoded_lines(monkeypatch)
    closed = _spoken(project, requests, 4)
    before = _without(requests, CLOSING_FACT)
    assert not {request.key() for request in before} & {request.key() for request in requests}
    plain = _spoken(project, before, 4)
    pause = ModelCache(project, "cpu").pair(needed_models(requests[0])).pause_token
    said = [line.semantic_tokens.tolist() for line in decoded]
    with_pause, without = sorted(said[:2]), sorted(said[2:])
    assert with_pause == [tokens + CLOSING_TOKENS * [pause] for tokens in without]
    pause_samples = CLOSING_TOKENS * 960
    assert all(len(closed[k]) == len(plain[k]) + pause_samples for k in plain)


def test_only_takes_after_long_clips_are_others(project: Path) -> None:
    short: list[Any] = [request.inputs["engine"] for request in requests_of(project)]
    assert all("passage_revision" not in facts for facts in short)
    _with_a_long_clip(project)
    long: list[Any] = [request.inputs["engine"] for request in requests_of(project)]
    assert all(facts == {**short[0], "passage_revision": PASSAGE_REVISION} for facts in long)


def test_takes_of_requests_without_a_range_keep_their_melodies(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = requests_of(project)
    before = _without(requests, RANGE_FACT)
    assert not {request.key() for request in before} & {request.key() for request in requests}
    for asked in (before, requests):
        _spoken(project, asked, 4)  # the clip is heard before anybody listens
    decoded = _decoded_lines(monkeypatch)
    _spoken(project, before, 4)
    _spoken(project, requests, 4)
    assert [line.prompt.melody_range is None for line in decoded] == [True, True, False, False]


def test_lines_after_a_long_clip_are_spoken(project: Path) -> None:
    _with_a_long_clip(project)
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    outcomes = list(renderer.render(requests_of(project)))
    assert [outcome.clip is not None for outcome in outcomes] == [True, True]


def _decoded_lines(monkeypatch: pytest.MonkeyPatch) -> list[AcousticLine]:
    """Every line that an acoustic stage decodes from now on."""
    found: list[AcousticLine] = []
    decode = AcousticStage.decode

    def listen(
        stage: AcousticStage, lines: Sequence[AcousticLine], options: DecodeOptions | None = None
    ) -> tuple[Tensor, ...]:
        found.extend(lines)
        return decode(stage, lines, options)

    monkeypatch.setattr(AcousticStage, "decode", listen)
    return found


def _without(requests: Sequence[SynthesisRequest], fact: str) -> list[SynthesisRequest]:
    """Requests as they were before the engine said so much of itself."""
    engine: list[Any] = [request.inputs["engine"] for request in requests]
    facts = [{k: v for k, v in one.items() if k != fact} for one in engine]
    return [
        replace(request, inputs={**request.inputs, "engine": own})
        for request, own in zip(requests, facts, strict=True)
    ]

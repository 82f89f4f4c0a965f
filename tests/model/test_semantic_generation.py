"""Lines entering and leaving slots: each says what it says alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from test_semantic_precision import CONFIG

from voicepipe.errors import SynthesisError
from voicepipe.model.config import SemanticConfig
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import (
    SemanticBatch,
    SemanticOutcome,
    SemanticRequest,
    StopReason,
    generate_semantic,
)
from voicepipe.model.semantic.measure import forced_request, random_stage
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.model.semantic.stage import SemanticStage

if TYPE_CHECKING:
    from semantic_fixtures import GoldenVectors

    from voicepipe.model.semantic.kv_cache import KvCache


@pytest.fixture(scope="module")
def stage(golden: GoldenVectors) -> SemanticStage:
    return golden.semantic_stage("train_gpt", 1.0)


def request(seed: int, *, max_tokens: int = 24) -> SemanticRequest:
    rng = np.random.default_rng(seed)
    n_text, n_prompt = int(rng.integers(3, 40)), int(rng.integers(0, 50))
    return SemanticRequest(
        phoneme_ids=tuple(rng.integers(0, 732, n_text).tolist()),
        prompt_tokens=tuple(rng.integers(0, 1024, n_prompt).tolist()),
        bert=rng.standard_normal((n_text, 1024), dtype=np.float32),
        seed=seed,
        settings=SamplingSettings(max_tokens=max_tokens, temperature=1.5),
    )


def test_a_line_says_the_same_whatever_the_slots_and_the_order(stage: SemanticStage) -> None:
    requests = [request(seed, max_tokens=10 + seed) for seed in range(7)]
    alone = [generate_semantic(stage, [r], n_slots=1, max_length=160)[0] for r in requests]
    assert len({outcome.tokens[:5] for outcome in alone}) == 7
    for n_slots in (2, 7):
        assert list(generate_semantic(stage, requests, n_slots=n_slots, max_length=160)) == alone
    backwards = generate_semantic(stage, requests[::-1], n_slots=3, max_length=160)
    assert list(backwards)[::-1] == alone


def test_the_seed_decides(stage: SemanticStage) -> None:
    first = request(3)
    second = SemanticRequest(
        phoneme_ids=first.phoneme_ids,
        prompt_tokens=first.prompt_tokens,
        bert=first.bert,
        seed=4,
        settings=first.settings,
    )
    one, other, again = generate_semantic(stage, [first, second, first], n_slots=3, max_length=160)
    assert one == again
    assert one != other


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.INT8])
def test_a_line_that_begins_as_another_is_computed_once_and_says_its_own(
    monkeypatch: pytest.MonkeyPatch, precision: Precision
) -> None:
    own = random_stage(CONFIG, precision)
    first = forced_request(CONFIG, 3, n_text=12, n_prompt=20, n_tokens=15)
    felt = replace(first, bert=np.ones((12, CONFIG.bert_width), dtype=np.float32))
    strange = forced_request(CONFIG, 6, n_text=12, n_prompt=20, n_tokens=15)
    lines = [first, *(replace(first, seed=seed) for seed in range(4, 7)), felt, felt, strange]
    alone = [generate_semantic(own, [line], n_slots=1, max_length=160)[0] for line in lines]
    assert len({outcome.tokens for outcome in alone}) >= 4
    computed: list[int] = []
    prefill = SemanticStage.prefill

    def counted(self: SemanticStage, cache: KvCache, slot: int, *rest: Any) -> torch.Tensor:
        computed.append(slot)
        return prefill(self, cache, slot, *rest)

    monkeypatch.setattr(SemanticStage, "prefill", counted)
    batch = SemanticBatch(own, n_slots=len(lines), max_length=160)
    slots = [batch.admit(first)]
    batch.step()  # the first has gone on before the others come
    slots += [batch.admit(line) for line in lines[1:]]
    assert computed == [slots[0], slots[4], slots[6]]
    outcomes: dict[int, SemanticOutcome | SynthesisError] = {}
    while batch.n_active:
        outcomes.update(batch.step())
    assert [outcomes[slot] for slot in slots] == alone


def test_a_limit_is_a_limit_and_says_so(stage: SemanticStage) -> None:
    (outcome,) = generate_semantic(stage, [request(1, max_tokens=5)], n_slots=1, max_length=160)
    assert len(outcome.tokens) == 5
    assert outcome.stop is StopReason.LIMIT


def test_a_line_may_end_at_once(golden: GoldenVectors) -> None:
    stage = ending_stage()
    line = SemanticRequest(
        phoneme_ids=(1, 2),
        prompt_tokens=(),
        seed=0,
        settings=SamplingSettings(min_tokens=0, max_tokens=9),
    )
    (outcome,) = generate_semantic(stage, [line], n_slots=1, max_length=20)
    assert outcome == SemanticOutcome(tokens=(), stop=StopReason.END_OF_SPEECH)
    del golden


def test_end_of_speech_waits_for_its_first_steps() -> None:
    line = SemanticRequest(phoneme_ids=(1, 2), prompt_tokens=(3,), seed=0)
    (outcome,) = generate_semantic(ending_stage(), [line], n_slots=1, max_length=1600)
    assert len(outcome.tokens) == 11
    assert outcome.stop is StopReason.END_OF_SPEECH


def ending_stage() -> SemanticStage:
    """A stage to which end of speech is always the likeliest."""
    config = SemanticConfig(
        n_layers=1,
        width=8,
        n_heads=2,
        feedforward_width=32,
        vocabulary_size=6,
        phoneme_vocabulary_size=5,
        eos_id=5,
        bert_width=4,
    )
    stage = SemanticStage(config).eval()
    with torch.no_grad():
        for parameter in stage.parameters():
            parameter.zero_()
        stage.h.layers[0].norm2.bias.fill_(1.0)  # type: ignore[union-attr,operator]
        stage.ar_predict_layer.weight[5].fill_(3.0)
    return stage.pack()


def test_a_line_longer_than_a_slot_is_refused_before_it_starts(stage: SemanticStage) -> None:
    batch = SemanticBatch(stage, n_slots=1, max_length=20)
    with pytest.raises(SynthesisError, match="a slot has 20") as caught:
        batch.admit(request(1))
    assert "split the line" in caught.value.remedy
    assert batch.n_free == 1


def test_a_full_batch_takes_nobody_until_a_line_leaves(stage: SemanticStage) -> None:
    batch = SemanticBatch(stage, n_slots=1, max_length=160)
    slot = batch.admit(request(1))
    with pytest.raises(ValueError, match="all 1 slots are taken"):
        batch.admit(request(2))
    batch.drop(slot)
    assert (batch.n_free, batch.n_active) == (1, 0)
    assert batch.step() == {}
    batch.admit(request(2))


def test_a_malformed_line_takes_no_slot(stage: SemanticStage) -> None:
    batch = SemanticBatch(stage, n_slots=1, max_length=160)
    for phoneme, token in ((9999, 1), (1, 9999)):
        settings = SamplingSettings(max_tokens=3)
        wrong = SemanticRequest(
            phoneme_ids=(phoneme,), prompt_tokens=(token,), seed=0, settings=settings
        )
        with pytest.raises(ValueError, match="run from 9999"):
            batch.admit(wrong)
    assert batch.admit(request(1)) == 0


def test_a_line_whose_scores_break_fails_and_the_others_go_on(stage: SemanticStage) -> None:
    broken = request(5)
    assert broken.bert is not None
    broken.bert[0, 0] = np.nan
    batch = SemanticBatch(stage, n_slots=2, max_length=160)
    good = batch.admit(request(1, max_tokens=3))
    with pytest.raises(SynthesisError, match="not a number at step 0"):
        batch.admit(broken)
    assert batch.n_free == 1
    ended: dict[int, SemanticOutcome | SynthesisError] = {}
    while batch.n_active:
        ended |= batch.step()
    assert isinstance(ended[good], SemanticOutcome)


def test_a_line_that_breaks_under_way_is_reported_by_its_slot(stage: SemanticStage) -> None:
    batch = SemanticBatch(stage, n_slots=2, max_length=160)
    first, second = batch.admit(request(1)), batch.admit(request(2, max_tokens=3))
    batch._cache.values[first, 0, :, 0] = float("nan")
    ended = batch.step()
    assert isinstance(ended[first], SynthesisError)
    assert batch.n_active == 1
    while batch.n_active:
        ended |= batch.step()
    expected = generate_semantic(stage, [request(2, max_tokens=3)], n_slots=1, max_length=160)
    assert ended[second] == expected[0]


def test_generation_stops_at_the_first_broken_line(stage: SemanticStage) -> None:
    broken = request(5)
    assert broken.bert is not None
    broken.bert[:] = np.inf
    with pytest.raises(SynthesisError):
        generate_semantic(stage, [broken], n_slots=1, max_length=160)

"""The semantic stage against the reference implementation, at full size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from voicepipe.model.semantic.generation import SemanticRequest, StopReason, generate_semantic
from voicepipe.model.semantic.kv_cache import KvCache
from voicepipe.model.semantic.sampling import SamplingSettings

if TYPE_CHECKING:
    from golden_vectors import Recorded
    from semantic_fixtures import GoldenVectors

    from voicepipe.model.semantic.stage import SemanticStage

BAR = 1e-4  # of an array's largest absolute value, float32 on a CPU
CHECKPOINTS = [
    pytest.param("gpt_v1", 0.0, id="v1"),
    pytest.param("gpt_v2", 0.0, id="v2"),
    pytest.param("gpt_v2_eos", 8.0, id="v2-stops-by-itself"),
]


def request_of(vectors: Recorded, line: int, max_tokens: int) -> SemanticRequest:
    return SemanticRequest(
        phoneme_ids=tuple(vectors[f"phones_{line}"].tolist()),
        prompt_tokens=tuple(vectors["prompt"][0].tolist()),
        bert=np.ascontiguousarray(vectors.array(f"bert_{line}").T),
        seed=0,
        settings=SamplingSettings(top_k=1, max_tokens=max_tokens),
    )


def forced_logits(
    stage: SemanticStage, request: SemanticRequest, tokens: tuple[int, ...]
) -> torch.Tensor:
    cache = KvCache(stage.config, n_slots=1, max_length=512)
    assert request.bert is not None
    with torch.inference_mode():
        rows = [
            stage.prefill(
                cache,
                0,
                torch.tensor(request.phoneme_ids),
                torch.tensor(request.prompt_tokens),
                torch.from_numpy(request.bert),
            )
        ]
        rows += [stage.decode(cache, [0], [token])[0] for token in tokens]
    return torch.stack(rows)


@pytest.mark.parity
@pytest.mark.slow
@pytest.mark.parametrize(("name", "eos_gain"), CHECKPOINTS)
@pytest.mark.parametrize("line", [0, 1, 2])
def test_logits_of_every_recorded_step_are_the_reference_s(
    golden: GoldenVectors, name: str, eos_gain: float, line: int
) -> None:
    vectors = golden.vectors(name)
    stage = golden.semantic_stage(name, eos_gain)
    n_steps = len(vectors[f"logits_{line}"])
    n_prompt = vectors["prompt"].shape[1]
    said = tuple(vectors[f"tokens_{line}"][n_prompt : n_prompt + n_steps - 1].tolist())

    logits = forced_logits(stage, request_of(vectors, line, 1), said)

    assert vectors.error(logits, f"logits_{line}") <= BAR


@pytest.mark.parity
@pytest.mark.slow
@pytest.mark.parametrize(("name", "eos_gain"), CHECKPOINTS)
def test_greedy_tokens_of_a_line_alone_are_the_reference_s(
    golden: GoldenVectors, name: str, eos_gain: float
) -> None:
    vectors = golden.vectors(name)
    stage = golden.semantic_stage(name, eos_gain)
    said = vectors["tokens_0"][vectors["prompt"].shape[1] :].tolist()

    (outcome,) = generate_semantic(stage, [request_of(vectors, 0, 61)], n_slots=1, max_length=256)

    assert list(outcome.tokens) == said
    assert outcome.stop is (StopReason.END_OF_SPEECH if eos_gain else StopReason.LIMIT)


@pytest.mark.parity
@pytest.mark.slow
@pytest.mark.parametrize(("name", "eos_gain"), CHECKPOINTS)
def test_greedy_tokens_are_the_reference_s_in_one_batch(
    golden: GoldenVectors, name: str, eos_gain: float
) -> None:
    vectors = golden.vectors(name)
    stage = golden.semantic_stage(name, eos_gain)
    n_prompt = vectors["prompt"].shape[1]
    alone = [vectors[f"tokens_{line}"][n_prompt:].tolist() for line in range(3)]
    batched = [vectors[f"batch_tokens_{line}"][n_prompt:].tolist() for line in range(3)]
    requests = [request_of(vectors, line, 61) for line in range(3)]

    outcomes = generate_semantic(stage, requests, n_slots=3, max_length=256)

    assert [list(outcome.tokens) for outcome in outcomes] == alone
    # The reference's batch mode drops the last token of a line it cuts off.
    assert [list(o.tokens[: len(b)]) for o, b in zip(outcomes, batched, strict=True)] == batched
    ends = StopReason.END_OF_SPEECH if eos_gain else StopReason.LIMIT
    assert {outcome.stop for outcome in outcomes} == {ends}


@pytest.mark.slow
def test_a_line_alone_says_what_it_says_in_a_batch(golden: GoldenVectors) -> None:
    vectors = golden.vectors("gpt_v2_eos")
    stage = golden.semantic_stage("gpt_v2_eos", 8.0)
    requests = [request_of(vectors, line, 61) for line in range(3)]

    together = generate_semantic(stage, requests, n_slots=3, max_length=256)
    (alone,) = generate_semantic(stage, requests[:1], n_slots=1, max_length=256)

    assert together[0] == alone

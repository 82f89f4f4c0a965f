"""Measuring tells the truth about what was done; how fast it was is not a test's business."""

from __future__ import annotations

import dataclasses

from test_semantic_precision import CONFIG

from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import StopReason, generate_semantic
from voicepipe.model.semantic.measure import (
    TOKENS_PER_SECOND,
    forced_request,
    measure_semantic,
    random_stage,
)


def test_lines_say_as_many_tokens_as_they_are_told() -> None:
    made = random_stage(CONFIG)
    counts = (4, 9, 1, 17)
    requests = [
        forced_request(CONFIG, i, n_text=5, n_prompt=7, n_tokens=count)
        for i, count in enumerate(counts)
    ]
    outcomes = generate_semantic(made, requests, n_slots=3, max_length=40)
    assert tuple(len(outcome.tokens) for outcome in outcomes) == counts
    assert {outcome.stop for outcome in outcomes} == {StopReason.LIMIT}


def test_a_measurement_counts_all_speech_and_every_figure_is_there() -> None:
    for precision in (Precision.FLOAT32, Precision.INT8):
        cost = measure_semantic(
            random_stage(CONFIG, precision),
            precision,
            2,
            n_text=4,
            n_prompt=4,
            token_counts=(5, 10),
        )
        assert cost.audio_s == 30 / TOKENS_PER_SECOND
        assert (cost.n_slots, cost.precision) == (2, precision.value)
        figures = {k: v for k, v in dataclasses.asdict(cost).items() if isinstance(v, float)}
        assert all(value > 0 for value in figures.values()), figures
        assert cost.step_s > cost.bare_products_s / 4

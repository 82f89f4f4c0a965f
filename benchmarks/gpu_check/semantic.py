"""Steps of the semantic stage: recorded against plain, and lines in any company."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.gpu_check.records import Bar, Figure
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import SemanticBatch, generate_semantic
from voicepipe.model.semantic.measure import forced_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.gpu_check.models import Models
    from benchmarks.gpu_check.place import Place
    from voicepipe.model.semantic.generation import SemanticOutcome, SemanticRequest
    from voicepipe.model.semantic.stage import SemanticStage

_N_SLOTS = 8
_TEXT, _PROMPT, _TOKENS = 40, 50, 75
_LENGTH = _TEXT + _PROMPT + _TOKENS
_EQUAL_SHARE = 0.9
"""Of lines: where two scores are equal to the last digits, another order of sums chooses between
them, and a line goes on otherwise."""


def graph_figures(models: Models, precision: Precision) -> Iterator[Figure]:
    """Say lines by recorded steps and by the plain path."""
    place, stage = models.place, models.load(precision).semantic
    requests = _lines(stage, place.n_lines)
    plain, plain_s = _said(place, stage, requests, on_device=False)
    recorded, _ = _said(place, stage, requests, on_device=True)
    again, recorded_s = _said(place, stage, requests, on_device=True)
    yield Figure(
        what="lines that are the plain path's",
        found=_equal(recorded, plain),
        bar=_EQUAL_SHARE if precision is Precision.FLOAT32 else 0.0,
        held=Bar.AT_LEAST,
    )
    yield Figure(
        what="lines that are the same again",
        found=_equal(recorded, again),
        bar=1.0,
        held=Bar.AT_LEAST,
    )
    n_tokens = sum(len(outcome.tokens) for outcome in plain)
    yield Figure(what="plain", found=n_tokens / plain_s, unit="tokens/s")
    yield Figure(what="recorded", found=n_tokens / recorded_s, unit="tokens/s")
    yield Figure(what="speed-up", found=plain_s / recorded_s)


def company_figures(models: Models, precision: Precision) -> Iterator[Figure]:
    """Say lines alone, among others, in another order, and in other numbers of slots."""
    stage = models.load(precision).semantic
    requests = _lines(stage, models.place.n_lines)
    among = generate_semantic(stage, requests, n_slots=_N_SLOTS, max_length=_LENGTH)
    alone = [
        generate_semantic(stage, [request], n_slots=_N_SLOTS, max_length=_LENGTH)[0]
        for request in requests
    ]
    backwards = generate_semantic(stage, requests[::-1], n_slots=_N_SLOTS, max_length=_LENGTH)
    for what, found in (("alone", alone), ("in another order", backwards[::-1])):
        yield Figure(
            what=f"lines that are the same {what}",
            found=_equal(found, among),
            bar=1.0,
            held=Bar.AT_LEAST,
        )
    for n_slots in (1, 2 * _N_SLOTS):
        found = generate_semantic(stage, requests, n_slots=n_slots, max_length=_LENGTH)
        yield Figure(what=f"lines that are the same in {n_slots} slots", found=_equal(found, among))


def run_steps(stage: SemanticStage, n_slots: int, n_steps: int) -> None:
    """Move a full batch on by so many tokens."""
    batch = SemanticBatch(stage, n_slots=n_slots, max_length=_TEXT + _PROMPT + n_steps + 1)
    for seed in range(n_slots):
        batch.admit(
            forced_request(stage.config, seed, n_text=_TEXT, n_prompt=_PROMPT, n_tokens=n_steps + 1)
        )
    for _ in range(n_steps):
        batch.step()


def _lines(stage: SemanticStage, n_lines: int) -> list[SemanticRequest]:
    return [
        forced_request(
            stage.config, seed, n_text=_TEXT, n_prompt=_PROMPT, n_tokens=_TOKENS - 3 * (seed % 8)
        )
        for seed in range(n_lines)
    ]


def _said(
    place: Place, stage: SemanticStage, requests: Sequence[SemanticRequest], *, on_device: bool
) -> tuple[tuple[SemanticOutcome, ...], float]:
    """Give the lines' outcomes, and seconds on the clock."""
    place.settle()
    started = time.perf_counter()
    outcomes = generate_semantic(
        stage, requests, n_slots=_N_SLOTS, max_length=_LENGTH, on_device=on_device
    )
    return outcomes, place.seconds(started)


def _equal(found: Sequence[SemanticOutcome], expected: Sequence[SemanticOutcome]) -> float:
    same = [a.tokens == b.tokens for a, b in zip(found, expected, strict=True)]
    return sum(same) / len(same)

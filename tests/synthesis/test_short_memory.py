"""When memory runs out a batch goes on in half its slots, with the same sound; and stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tiny_voice import requests_of

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.errors import EnvironmentFault
from voicepipe.model.acoustic.stage import AcousticStage
from voicepipe.model.semantic.generation import SemanticBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.engines.protocol import Rendered
    from voicepipe.synthesis.request import SynthesisRequest

Sounds = dict[tuple[str, str], "NDArray[np.float32]"]
N_LINES = 8


@pytest.fixture(scope="module")
def requests(tiny_models: Path) -> list[SynthesisRequest]:
    return requests_of(tiny_models)[:N_LINES]


@pytest.fixture(scope="module")
def in_plenty(tiny_models: Path, requests: list[SynthesisRequest]) -> Sounds:
    return sounds(rendered(tiny_models, requests))


def rendered(
    root: Path, requests: Sequence[SynthesisRequest | None], n_slots: int = 8
) -> list[Rendered]:
    renderer = GptSovitsRenderer(root, root / "out", "cpu", n_slots=n_slots)
    outcomes = list(renderer.render(requests))
    renderer.close()
    return outcomes


def sounds(outcomes: Sequence[Rendered]) -> Sounds:
    found: Sounds = {}
    for outcome in outcomes:
        assert outcome.clip is not None, outcome.error
        found[outcome.request.line_id, outcome.request.language] = outcome.clip.samples
    return found


def assert_same(found: Sounds, wanted: Sounds) -> None:
    assert found.keys() == wanted.keys()
    for line, samples in wanted.items():
        np.testing.assert_array_equal(found[line], samples, err_msg=str(line))


def short_of_memory(
    monkeypatch: pytest.MonkeyPatch, where: str, fits: Callable[[SemanticBatch], bool]
) -> list[int]:
    """Make a batch run out of memory in one of its methods; gives the slots of every batch."""
    slots: list[int] = []
    real_init, real = SemanticBatch.__init__, getattr(SemanticBatch, where)

    def init(self: SemanticBatch, *args: Any, n_slots: int, **rest: Any) -> None:
        slots.append(n_slots)
        real_init(self, *args, n_slots=n_slots, **rest)

    def method(self: SemanticBatch, *args: Any) -> Any:
        if not fits(self):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, *args)

    monkeypatch.setattr(SemanticBatch, "__init__", init)
    monkeypatch.setattr(SemanticBatch, where, method)
    return slots


@pytest.mark.parametrize("where", ["admit", "step"])
def test_lines_under_way_begin_again_in_fewer_slots(
    tiny_models: Path,
    requests: list[SynthesisRequest],
    in_plenty: Sounds,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    slots = short_of_memory(monkeypatch, where, lambda batch: batch.n_active <= 2)
    assert_same(sounds(rendered(tiny_models, requests)), in_plenty)
    assert slots == [8, 4, 2]


def test_a_renderer_remembers_how_much_fits(
    tiny_models: Path, requests: list[SynthesisRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = short_of_memory(monkeypatch, "step", lambda batch: batch.n_active <= 4)
    renderer = GptSovitsRenderer(tiny_models, tiny_models / "out", "cpu", n_slots=8)
    assert len(list(renderer.render(requests))) == N_LINES
    assert len(list(renderer.render(requests[:2]))) == 2
    assert slots == [8, 4, 4]


def test_a_line_that_does_not_fit_alone_fails(
    tiny_models: Path, requests: list[SynthesisRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = short_of_memory(monkeypatch, "step", lambda _: False)
    outcomes = rendered(tiny_models, requests[:3], n_slots=4)
    assert [outcome.is_retryable for outcome in outcomes] == [False] * 3
    for outcome in outcomes:
        assert outcome.error is not None
        assert "not enough memory for this line" in outcome.error.message
    assert slots[:3] == [4, 2, 1]


def test_a_batch_that_does_not_fit_is_made_smaller(
    tiny_models: Path,
    requests: list[SynthesisRequest],
    in_plenty: Sounds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = SemanticBatch.__init__
    largest = 2

    def init(self: SemanticBatch, *args: Any, n_slots: int, **rest: Any) -> None:
        if n_slots > largest:
            raise torch.OutOfMemoryError("CUDA out of memory")
        real(self, *args, n_slots=n_slots, **rest)

    monkeypatch.setattr(SemanticBatch, "__init__", init)
    assert_same(sounds(rendered(tiny_models, requests)), in_plenty)
    largest = 0
    with pytest.raises(EnvironmentFault, match="no memory for a single line"):
        rendered(tiny_models, requests)


@pytest.mark.parametrize("n_failures", [1, 3, 100])
def test_decoding_makes_room_for_itself(
    tiny_models: Path,
    requests: list[SynthesisRequest],
    in_plenty: Sounds,
    monkeypatch: pytest.MonkeyPatch,
    n_failures: int,
) -> None:
    real = AcousticStage.decode
    failures = iter(range(n_failures))

    def decode(self: AcousticStage, *args: Any) -> Any:
        if next(failures, None) is not None:
            raise MemoryError
        return real(self, *args)

    monkeypatch.setattr(AcousticStage, "decode", decode)
    outcomes = rendered(tiny_models, requests, n_slots=8)
    assert len(outcomes) == N_LINES
    if n_failures <= 3:  # 8, 4, 2, 1: the fourth try has the device for itself
        assert_same(sounds(outcomes), in_plenty)
    else:
        assert all(outcome.error is not None for outcome in outcomes)


def test_another_error_is_not_taken_for_want_of_memory(
    tiny_models: Path, requests: list[SynthesisRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: SemanticBatch) -> None:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(SemanticBatch, "step", broken)
    with pytest.raises(RuntimeError, match="shapes differ"):
        rendered(tiny_models, requests)


# --- requests as they come ---------------------------------------------------------------------


def test_requests_are_asked_for_only_when_there_is_room(
    tiny_models: Path, requests: list[SynthesisRequest]
) -> None:
    n_given, n_out, most = 0, 0, 0

    def stream() -> Iterator[SynthesisRequest]:
        nonlocal n_given, most
        for request in requests * 3:
            n_given += 1
            most = max(most, n_given - n_out)
            yield request

    renderer = GptSovitsRenderer(tiny_models, tiny_models / "out", "cpu", n_slots=3)
    for _ in renderer.render(stream()):
        n_out += 1
    assert n_out == 3 * N_LINES
    assert most <= 3 + 1
    renderer.close()


def test_lines_go_on_while_no_request_is_there(
    tiny_models: Path, requests: list[SynthesisRequest], in_plenty: Sounds
) -> None:
    in_flight = 0

    def stream() -> Iterator[SynthesisRequest | None]:
        nonlocal in_flight
        for number, request in enumerate(requests):
            in_flight += 1
            yield request
            while in_flight > number % 3:
                yield None

    renderer = GptSovitsRenderer(tiny_models, tiny_models / "out", "cpu", n_slots=4)
    found: list[Rendered] = []
    for outcome in renderer.render(stream()):
        in_flight -= 1
        found.append(outcome)
    assert_same(sounds(found), in_plenty)
    renderer.close()


def test_outcomes_say_where_the_engines_time_went(
    tiny_models: Path, requests: list[SynthesisRequest]
) -> None:
    for outcome in rendered(tiny_models, requests):
        stages = {"front end", "prompt", "prefill", "semantic", "decoder"}
        assert set(outcome.seconds) == stages
        assert min(outcome.seconds.values()) >= 0
        assert outcome.seconds["decoder"] > 0


def test_a_shortage_that_onednn_does_not_name_is_one_all_the_same(
    tiny_models: Path,
    requests: list[SynthesisRequest],
    in_plenty: Sounds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = SemanticBatch.step

    def step(self: SemanticBatch) -> Any:
        if self.n_active > 2:
            raise RuntimeError("could not create a primitive")
        return real(self)

    monkeypatch.setattr(SemanticBatch, "step", step)
    assert_same(sounds(rendered(tiny_models, requests)), in_plenty)

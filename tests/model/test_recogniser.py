"""The recogniser of phonemes in tokens: files that describe one, and files that do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.reading import Checkpoint
from voicepipe.model.config import Family
from voicepipe.model.semantic.recogniser import PhonemeRecogniser

IDS = (5, 7, 11)


def _checkpoint(**config: Any) -> Checkpoint:
    rng = torch.Generator().manual_seed(4)
    network = PhonemeRecogniser(20, 8, 2, IDS)
    tensors = {
        name: torch.randn(value.shape, generator=rng)
        for name, value in network.state_dict().items()
    }
    return Checkpoint(
        path=Path("model.safetensors"),
        sha256="",
        source_sha256="",
        n_bytes=0,
        family=Family.RECOGNISER,
        lora_rank=None,
        config=config or {"phoneme_ids": list(IDS)},
        tensors=tensors,
        info="",
    )


def test_it_hears_two_frames_a_token_and_one_class_more_than_phonemes() -> None:
    network = PhonemeRecogniser.from_checkpoint(_checkpoint())
    assert network.n_codes == 20
    with torch.inference_mode():
        assert network(torch.zeros(1, 6, dtype=torch.int64)).shape == (1, 4, 12)


def test_marks_and_strange_phonemes_count_for_nothing() -> None:
    network = PhonemeRecogniser.from_checkpoint(_checkpoint())
    tokens = [3, 4, 5, 6, 7, 8]
    assert network.pronunciation(tokens, [1, 5, 999, 11, 2]) == network.pronunciation(
        tokens, [5, 11]
    )
    assert network.pronunciation(tokens, [5, 11]) < 0


@pytest.mark.parametrize("n_tokens", [7, 20])
def test_the_pause_token_is_the_one_least_taken_for_a_sound(n_tokens: int) -> None:
    network = PhonemeRecogniser.from_checkpoint(_checkpoint())
    with torch.inference_mode():
        rows = network(torch.arange(n_tokens)[:, None].expand(-1, 7)).softmax(1)
    pauses = rows[:, 0, 7]
    assert network.pause_token(n_tokens) == int(pauses.argmax())
    assert network.pause_token(n_tokens) < n_tokens


def test_it_finds_where_the_phonemes_it_knows_are_said() -> None:
    network = PhonemeRecogniser.from_checkpoint(_checkpoint())
    places, extents = network.spoken_extents([3, 4, 5, 6, 7, 8], [1, 5, 999, 11, 2])
    assert places == (1, 3)
    assert len(extents) == 2
    assert 0 <= extents[0].start < extents[0].end <= extents[1].start < extents[1].end <= 12
    assert network.spoken_extents([3], [5, 7, 11]) == ((), ())
    assert network.spoken_extents([3, 4], [1, 2]) == ((), ())


def test_what_a_token_says_alone_decides() -> None:
    checkpoint = _checkpoint()
    tensors = {name: torch.zeros_like(value) for name, value in checkpoint.tensors.items()}
    tensors["codes.weight"][:4, :4] = 9 * torch.eye(4)
    tensors["out.weight"][:, :4, 0] = torch.eye(4)
    network = PhonemeRecogniser.from_checkpoint(replace(checkpoint, tensors=tensors))
    assert network.pronunciation([0, 1, 1, 2, 3, 3], IDS) == 0
    assert network.pronunciation([0, 1, 1, 2, 0, 0], IDS) < network.pronunciation([1, 2, 3], IDS)


@pytest.mark.parametrize(
    "ids", [None, [], "567", [5, 5, 7], [5, 7, "11"], [5, 7, -1], [5, 7, 10**9], [True, 7, 11]]
)
def test_classes_must_be_named(ids: object) -> None:
    with pytest.raises(CheckpointError, match="phoneme_ids of its configuration"):
        PhonemeRecogniser.from_checkpoint(_checkpoint(phoneme_ids=ids))


def test_weights_must_fit_the_classes() -> None:
    with pytest.raises(CheckpointError, match="out"):
        PhonemeRecogniser.from_checkpoint(_checkpoint(phoneme_ids=[5, 7]))
    short = _checkpoint()
    tensors = {k: v for k, v in short.tensors.items() if k != "blocks.1.norm.weight"}
    with pytest.raises(CheckpointError, match=r"blocks\.1\.norm\.weight"):
        PhonemeRecogniser.from_checkpoint(replace(short, tensors=tensors))

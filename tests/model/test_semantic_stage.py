"""What the semantic stage keeps true whatever its weights: three layers of full width."""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from closeness import assert_equal_but_rounding

from voicepipe.memory import resident_mb
from voicepipe.model.config import SemanticConfig
from voicepipe.model.kernels.choice import row_attention
from voicepipe.model.semantic.attention import padded_attention
from voicepipe.model.semantic.kv_cache import KvCache
from voicepipe.model.semantic.stage import SemanticStage

if TYPE_CHECKING:
    from semantic_fixtures import GoldenVectors

LENGTHS = ((5, 9), (31, 64), (17, 0), (1, 3), (60, 25), (12, 40))


@pytest.fixture(scope="module")
def stage(golden: GoldenVectors) -> SemanticStage:
    return golden.semantic_stage("train_gpt", 1.0)


def line(seed: int, n_text: int, n_prompt: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    return (
        torch.from_numpy(rng.integers(0, 732, n_text)),
        torch.from_numpy(rng.integers(0, 1024, n_prompt)),
        torch.from_numpy(rng.standard_normal((n_text, 1024), dtype=np.float32)),
    )


def new_tokens(seed: int, count: int) -> list[int]:
    return [int(t) for t in np.random.default_rng(seed + 1000).integers(0, 1024, count)]


def run_alone(stage: SemanticStage, seed: int, n_steps: int) -> torch.Tensor:
    n_text, n_prompt = LENGTHS[seed % len(LENGTHS)]
    phonemes, prompt, bert = line(seed, n_text, n_prompt)
    cache = KvCache(stage.config, n_slots=1, max_length=n_text + n_prompt + n_steps)
    with torch.inference_mode():
        rows = [stage.prefill(cache, 0, phonemes, prompt, bert)]
        rows += [stage.decode(cache, [0], [t])[0] for t in new_tokens(seed, n_steps)]
    return torch.stack(rows)


def test_steps_with_a_cache_equal_one_pass_without(stage: SemanticStage) -> None:
    for seed in range(len(LENGTHS)):
        phonemes, prompt, bert = line(seed, *LENGTHS[seed])
        tokens = new_tokens(seed, 12)
        with torch.inference_mode():
            whole = stage(phonemes, torch.cat((prompt, torch.tensor(tokens))), bert)
        stepped = run_alone(stage, seed, 12)
        torch.testing.assert_close(stepped, whole[len(prompt) :], rtol=0, atol=2e-5)


def test_weights_are_not_there_twice_where_lines_are_only_spoken(stage: SemanticStage) -> None:
    spoken = SemanticStage(stage.config).eval()
    spoken.load_state_dict(stage.state_dict())
    spoken.pack(keeps_plain=False)
    assert torch.equal(run_alone(spoken, 4, 6), run_alone(stage, 4, 6))
    of_layers = sum(weight.nbytes for layer in stage.h for weight in layer.parameters())
    plain = sum(weight.nbytes for weight in spoken.h.parameters() if not weight.is_meta)
    assert plain < of_layers / 100  # biases and norms
    beside = sum(p.nbytes for p in stage.parameters()) - of_layers
    assert sum(weight.nbytes for weight in spoken.weights) < 1.1 * (of_layers + beside)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system is asked")
def test_what_a_line_took_goes_back_when_it_ends(stage: SemanticStage) -> None:
    cache = KvCache(stage.config, n_slots=2, max_length=2560)
    for slot in range(2):
        cache.open(slot, n_text=10, n_audio=1500)
        cache.keys[slot, :, :, :1510] = slot
        cache.values[slot, :, :, :1510] = slot
    before = resident_mb()
    cache.release(0)
    assert before - resident_mb() > 15  # of 18
    assert (cache.keys[1, :, :, :1510] == 1).all()


@pytest.mark.parametrize("n_lines", [2, 3, 5, 16, 17])
def test_scores_are_the_same_bits_alone_and_in_a_batch(stage: SemanticStage, n_lines: int) -> None:
    n_steps = 6
    cache = KvCache(stage.config, n_slots=n_lines, max_length=160)
    rows: dict[int, list[torch.Tensor]] = {}
    with torch.inference_mode():
        for slot in range(n_lines):
            parts = line(slot, *LENGTHS[slot % len(LENGTHS)])
            rows[slot] = [stage.prefill(cache, slot, *parts)]
        said = [new_tokens(slot, n_steps) for slot in range(n_lines)]
        order = list(range(n_lines))[::-1]  # the row of a batch is not the slot
        for step in range(n_steps):
            scores = stage.decode(cache, order, [said[slot][step] for slot in order])
            for row, slot in enumerate(order):
                rows[slot].append(scores[row])
    for slot in range(n_lines):
        assert torch.equal(torch.stack(rows[slot]), run_alone(stage, slot, n_steps)), slot


def test_a_line_may_enter_and_leave_between_any_two_steps(stage: SemanticStage) -> None:
    cache = KvCache(stage.config, n_slots=2, max_length=160)
    expected = run_alone(stage, 1, 8)
    guest = run_alone(stage, 4, 3)
    said, guest_said = new_tokens(1, 8), new_tokens(4, 3)
    with torch.inference_mode():
        rows = [stage.prefill(cache, 1, *line(1, *LENGTHS[1]))]
        rows += [stage.decode(cache, [1], [token])[0] for token in said[:3]]
        guest_rows = [stage.prefill(cache, 0, *line(4, *LENGTHS[4]))]
        for mine, theirs in zip(said[3:6], guest_said, strict=True):
            scores = stage.decode(cache, [0, 1], [theirs, mine])
            guest_rows.append(scores[0])
            rows.append(scores[1])
        cache.release(0)
        cache.keys[0], cache.values[0] = math.nan, math.nan
        rows += [stage.decode(cache, [1], [token])[0] for token in said[6:]]
    assert torch.equal(torch.stack(rows), expected)
    assert torch.equal(torch.stack(guest_rows), guest)


def test_lines_in_one_padded_call_score_the_same_within_rounding(
    stage: SemanticStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SemanticStage, "attends_by_row", False)
    cache = KvCache(stage.config, n_slots=4, max_length=160)
    cache.keys.fill_(math.nan)
    cache.values.fill_(math.nan)
    slots = [3, 0, 2]
    with torch.inference_mode():
        for slot in slots:
            stage.prefill(cache, slot, *line(slot, *LENGTHS[slot]))
        said = zip(*(new_tokens(slot, 3) for slot in slots), strict=True)
        scores = [stage.decode(cache, slots, tokens) for tokens in said][-1]
    monkeypatch.undo()
    for row, slot in enumerate(slots):
        torch.testing.assert_close(scores[row], run_alone(stage, slot, 3)[-1], rtol=0, atol=2e-5)


def test_text_does_not_see_audio(stage: SemanticStage) -> None:
    phonemes, prompt, bert = line(1, *LENGTHS[1])
    other = (prompt + 1) % 1024
    with torch.inference_mode():
        first = stage(phonemes, prompt, bert)[0]
        assert torch.equal(first, stage(phonemes, other, bert)[0])
        assert not torch.equal(stage(phonemes, prompt, bert)[-1], stage(phonemes, other, bert)[-1])


def test_absent_features_are_zeros(stage: SemanticStage) -> None:
    phonemes, prompt, bert = line(0, *LENGTHS[0])
    with torch.inference_mode():
        assert torch.equal(stage(phonemes, prompt), stage(phonemes, prompt, torch.zeros_like(bert)))


def test_packing_changes_no_parameter(stage: SemanticStage) -> None:
    copy = SemanticStage(stage.config)
    copy.load_state_dict(stage.state_dict())
    before = {key: value.clone() for key, value in copy.state_dict().items()}
    copy.pack()
    assert copy.state_dict().keys() == before.keys()
    for key, value in copy.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_lines_wait_for_the_weights_to_be_laid_out(stage: SemanticStage) -> None:
    fresh = SemanticStage(stage.config)
    cache = KvCache(stage.config, n_slots=1, max_length=20)
    with pytest.raises(RuntimeError, match="call pack"):
        fresh.prefill(cache, 0, *line(0, 4, 3))
    assert cache.free_slots() == (0,)


def test_both_attentions_agree_and_ignore_unreached_memory(stage: SemanticStage) -> None:
    generator = torch.Generator().manual_seed(3)
    cache = KvCache(stage.config, n_slots=5, max_length=40)
    cache.keys.copy_(torch.randn(cache.keys.shape, generator=generator))
    cache.values.copy_(torch.randn(cache.values.shape, generator=generator))
    queries, new_keys, new_values = torch.randn(3, 3, 16, 32, generator=generator).unbind(0)
    slots, lengths, layer = [4, 0, 2], [40, 7, 1], 1
    for slot, length in zip(slots, lengths, strict=True):
        cache.keys[slot, :, :, length:] = math.nan
        cache.values[slot, :, :, length:] = math.nan
        cache.open(slot, n_text=length, n_audio=0)
    exact, padded = torch.zeros(4, 512), torch.zeros(4, 512)
    joined = torch.stack((queries, new_keys, new_values), dim=1).view(3, 3 * 512)
    row_attention(cache, slots)(layer, joined, exact)
    padded_attention(
        queries,
        cache.keys[:, layer],
        cache.values[:, layer],
        slots=torch.tensor(slots),
        lengths=torch.tensor(lengths),
        longest=40,
        out=padded,
    )
    assert_equal_but_rounding(exact, padded)
    assert not exact[3].any()
    for row, (slot, length) in enumerate(zip(slots, lengths, strict=True)):
        keys, values = cache.keys[slot, layer], cache.values[slot, layer]
        assert torch.equal(keys[:, length - 1], new_keys[row])
        assert torch.equal(values[:, length - 1], new_values[row])
        for head in range(16):
            scores = keys[head, :length] @ queries[row, head] / math.sqrt(32)
            plain = torch.softmax(scores, dim=0) @ values[head, :length]
            assert_equal_but_rounding(exact[row, head * 32 : head * 32 + 32], plain)


@pytest.mark.parametrize(
    ("phonemes", "tokens", "bert", "message"),
    [
        ([], [1], None, "at least one phoneme"),
        ([732], [1], None, "phoneme ids run from 732 to 732; the limit is 732"),
        ([-1, 2], [1], None, "phoneme ids run from -1"),
        ([1], [1025], None, "token ids run from 1025"),
        ([1], [1], (2, 1024), "features (2, 1024) do not fit 1 phonemes"),
    ],
)
def test_malformed_lines_are_refused(
    stage: SemanticStage,
    phonemes: list[int],
    tokens: list[int],
    bert: tuple[int, int] | None,
    message: str,
) -> None:
    features = None if bert is None else torch.zeros(bert)
    cache = KvCache(stage.config, n_slots=1, max_length=8)
    with pytest.raises(ValueError, match=re.escape(message)):
        stage.prefill(
            cache,
            0,
            torch.tensor(phonemes, dtype=torch.int64),
            torch.tensor(tokens, dtype=torch.int64),
            features,
        )
    assert cache.free_slots() == (0,)


def test_ids_of_another_type_are_refused(stage: SemanticStage) -> None:
    cache = KvCache(stage.config, n_slots=1, max_length=8)
    with pytest.raises(ValueError, match="one row of int64"):
        stage.prefill(cache, 0, torch.zeros(2), torch.zeros(0, dtype=torch.int64))


def test_the_cache_refuses_what_it_cannot_hold(stage: SemanticStage) -> None:
    cache = KvCache(stage.config, n_slots=2, max_length=8)
    with torch.inference_mode():
        stage.prefill(cache, 0, *line(0, 4, 3))
        with pytest.raises(ValueError, match="already holds 7"):
            stage.prefill(cache, 0, *line(0, 4, 3))
        with pytest.raises(ValueError, match="would need 9 positions, and has 8"):
            stage.prefill(cache, 1, *line(0, 4, 5))
        with pytest.raises(ValueError, match="slot 1 holds no line"):
            stage.decode(cache, [0, 1], [1, 1])
        with pytest.raises(ValueError, match="named twice"):
            stage.decode(cache, [0, 0], [1, 1])
        with pytest.raises(ValueError, match="cannot take"):
            stage.decode(cache, [0], [])
        with pytest.raises(ValueError, match="is not under 1025"):
            stage.decode(cache, [0], [1025])
        assert cache.length(0) == 7
        stage.decode(cache, [0], [1])
        assert (cache.length(0), cache.audio_length(0)) == (8, 4)
        with pytest.raises(ValueError, match="would need 9"):
            stage.decode(cache, [0], [1])
    assert cache.free_slots() == (1,)


def test_a_cache_without_room_cannot_be_made(stage: SemanticStage) -> None:
    with pytest.raises(ValueError, match="needs a slot and a position"):
        KvCache(stage.config, n_slots=0, max_length=4)


def test_positions_past_the_first_table_are_reached() -> None:
    config = SemanticConfig(
        n_layers=1,
        width=8,
        n_heads=2,
        feedforward_width=32,
        vocabulary_size=9,
        phoneme_vocabulary_size=5,
        eos_id=8,
        bert_width=4,
    )
    stage = SemanticStage(config).eval()
    with torch.inference_mode():
        short = stage(torch.zeros(3, dtype=torch.int64), torch.zeros(5, dtype=torch.int64))
        long = stage(torch.zeros(3, dtype=torch.int64), torch.zeros(1500, dtype=torch.int64))
    assert torch.isfinite(long).all()
    torch.testing.assert_close(long[:6], short, rtol=0, atol=1e-5)

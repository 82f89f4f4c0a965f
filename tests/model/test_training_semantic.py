"""The semantic stage's batches and losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from golden_vectors import folder_of
from torch.nn import functional
from training_tiny import noise, semantic_stage

from voicepipe.model.training.semantic_batch import SemanticLine, collate_lines, upstream_batch
from voicepipe.model.training.semantic_losses import (
    alignment_loss,
    counted_targets,
    cross_entropy_sum,
    log_likelihood,
    preference_loss,
    spoil_tokens,
    top_accuracy,
    upstream_cross_entropy,
)
from voicepipe.model.training.semantic_scores import AttentionProbe, batch_scores
from voicepipe.parity.replay import Vectors, replay_folder
from voicepipe.parity.training import TRAINING_REPLAYS

if TYPE_CHECKING:
    from pathlib import Path

EOS = 24


def some_lines() -> list[SemanticLine]:
    return [
        SemanticLine(
            phoneme_ids=torch.arange(n_text) % 20,
            tokens=torch.arange(n_audio) * 5 % 24,
            bert=noise(n_text, 8, seed=n_text) if n_text % 2 else None,
        )
        for n_text, n_audio in ((5, 9), (8, 3), (1, 12))
    ]


@torch.no_grad()
def test_a_row_of_a_batch_scores_as_the_line_alone() -> None:
    stage, lines = semantic_stage(), some_lines()
    scores = batch_scores(stage, collate_lines(lines, eos_id=EOS, bert_width=8))
    for row, line in zip(scores, lines, strict=True):
        alone = stage(line.phoneme_ids, line.tokens, line.bert)
        torch.testing.assert_close(row[: len(alone)], alone, rtol=0, atol=1e-5)


@torch.no_grad()
def test_the_sum_counts_every_token_and_one_end_a_line() -> None:
    stage, lines = semantic_stage(), some_lines()
    batch = collate_lines(lines, eos_id=EOS, bert_width=8)
    scores = batch_scores(stage, batch)
    expected, likelihoods = 0.0, []
    for line in lines:
        targets = torch.cat((line.tokens, torch.tensor([EOS])))
        alone = stage(line.phoneme_ids, line.tokens, line.bert)
        likelihoods.append(-float(functional.cross_entropy(alone, targets, reduction="sum")))
        expected -= likelihoods[-1]
    assert float(cross_entropy_sum(scores, batch, EOS)) == pytest.approx(expected, rel=1e-5)
    found = log_likelihood(scores, batch, EOS).tolist()
    assert found == pytest.approx(likelihoods, rel=1e-5)
    assert int(counted_targets(batch).sum()) == sum(len(line.tokens) + 1 for line in lines)
    assert float(upstream_cross_entropy(scores, batch, EOS)) > expected


def test_padding_pulls_at_no_weight() -> None:
    stage, lines = semantic_stage(), some_lines()
    longer = [*lines[:2], SemanticLine(phoneme_ids=torch.arange(15), tokens=torch.arange(20))]
    gradients = []
    for batch_lines in (lines[:2], longer):
        batch = collate_lines(batch_lines, eos_id=EOS, bert_width=8)
        scores = batch_scores(stage, batch)
        stage.zero_grad()
        torch.autograd.backward(log_likelihood(scores, batch, EOS)[:2].sum())
        gradients.append(
            {n: p.grad.clone() for n, p in stage.named_parameters() if p.grad is not None}
        )
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_a_probe_finds_what_the_scores_came_from() -> None:
    stage = semantic_stage()
    batch = collate_lines(some_lines(), eos_id=EOS, bert_width=8)
    probe = AttentionProbe(heads={1: (0, 3)})
    looked = batch_scores(stage, batch, probe=probe)
    torch.testing.assert_close(looked, batch_scores(stage, batch), rtol=0, atol=1e-5)
    assert set(probe.found) == {(1, 0), (1, 3)}
    attention = probe.found[1, 0]
    assert attention.shape == (3, 13, 8)
    # The first scored column is the last of the text: it sees text alone.
    torch.testing.assert_close(attention[:, 0].sum(dim=1), torch.ones(3))
    assert float(attention[~batch.text_mask[:, None].expand_as(attention)].abs().max()) == 0


def test_alignment_is_cheapest_where_attention_already_is() -> None:
    attention = torch.tensor([[[0.8, 0.1], [0.2, 0.7]]])
    counted = torch.ones(1, 2, dtype=torch.bool)
    right, wrong = (torch.eye(2)[order][None] for order in ([0, 1], [1, 0]))
    low, high = (float(alignment_loss(attention, wanted, counted)) for wanted in (right, wrong))
    assert low == pytest.approx(-(np.log(0.8) + np.log(0.7)) / 2, rel=1e-6)
    assert low < high
    assert float(alignment_loss(attention, torch.zeros(1, 2, 2), counted)) == 0.0


def test_alignment_teaches_the_heads_it_names() -> None:
    stage = semantic_stage()
    batch = collate_lines(some_lines()[:1], eos_id=EOS, bert_width=8)
    wanted = torch.zeros(1, 10, 5)
    wanted[0, torch.arange(10), torch.arange(10) // 2] = 1.0
    counted = counted_targets(batch)
    optimizer = torch.optim.AdamW(stage.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        probe = AttentionProbe(heads={0: (1,)})
        batch_scores(stage, batch, probe=probe)
        loss = alignment_loss(probe.found[0, 1], wanted, counted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.6 * losses[0]


def test_preference_grows_cheaper_as_the_recording_grows_likelier() -> None:
    rejected = torch.tensor([-30.0, -20.0])
    losses = [float(preference_loss(rejected + gap, rejected)) for gap in (-5.0, 0.0, 5.0)]
    assert losses[0] > losses[1] > losses[2]
    assert losses[1] == pytest.approx(np.log(2), rel=1e-6)


def test_spoiling_repeats_or_loses_one_stretch_and_never_nothing() -> None:
    tokens = torch.arange(10)
    lengths = set()
    for seed in range(200):
        spoiled = spoil_tokens(tokens, np.random.default_rng(seed))
        assert 1 <= len(spoiled) <= 20
        assert len(spoiled) != 10
        lengths.add(len(spoiled) > 10)
        if len(spoiled) < 10:
            assert set(spoiled.tolist()) < set(range(10))
            assert spoiled.tolist() == sorted(spoiled.tolist())
        else:
            assert set(spoiled.tolist()) == set(range(10))
    assert lengths == {True, False}


def test_accuracy_leaves_the_end_out() -> None:
    batch = collate_lines(some_lines()[:2], eos_id=EOS, bert_width=8)
    right = functional.one_hot(functional.pad(batch.tokens, (0, 1), value=EOS), 25).float()
    assert float(top_accuracy(right, batch, EOS, n_best=1)) == 1.0
    right[0, 0] = 0.0
    right[0, 0, 23] = 1.0
    assert float(top_accuracy(right, batch, EOS, n_best=1)) == pytest.approx(11 / 12)


def test_upstream_hides_as_many_columns_on_the_left_as_it_pads_on_the_right() -> None:
    batch = upstream_batch(
        torch.tensor([[1, 2, 3], [4, 5, 0]]),
        torch.tensor([3, 2]),
        torch.tensor([[7, 8], [9, EOS]]),
        torch.tensor([2, 1]),
        torch.zeros(2, 8, 3),
    )
    assert batch.text_mask.tolist() == [[True, True, True], [False, True, True]]
    assert batch.token_mask.tolist() == [[True, True], [True, False]]


@pytest.mark.parity
def test_a_recorded_training_step_is_repeated(tmp_path: Path) -> None:
    recorded = Vectors(folder_of("train_gpt", tmp_path), "cpu")
    measures = list(replay_folder(recorded, TRAINING_REPLAYS))
    assert [measure.what for measure in measures] == ["cross-entropy", "gradients", "accuracy"]
    assert all(measure.is_passed for measure in measures), measures

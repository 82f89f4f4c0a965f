"""What tells speakers apart, as gradients pass through it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from dataset_builder import speech

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.model.encoders.timbre import TimbreEncoder
from voicepipe.model.training.timbre_distance import TimbreListener, timbre_distance
from voicepipe.pipeline.train.bases import find_timbre_weights

RATE = 24_000


def test_timbre_is_heard_as_judges_hear_it() -> None:
    clips = [speech(2.5, rate=RATE, hz=hz) for hz in (110.0, 200.0)]
    encoder = TimbreEncoder.load(find_timbre_weights())
    judged = [
        encoder.place(resample(AudioClip(samples=clip, sample_rate=RATE), 16_000).samples)
        for clip in clips
    ]
    listener = TimbreListener(find_timbre_weights(), sample_rate=RATE)
    heard = listener(torch.from_numpy(np.stack(clips)))
    likenesses = [float(torch.from_numpy(a) @ b) for a, b in zip(judged, heard, strict=True)]
    assert min(likenesses) > 0.995
    assert float(heard[0] @ heard[1]) < 0.9
    assert heard.norm(dim=1).tolist() == pytest.approx([1, 1])


def test_a_distance_of_timbre_shows_the_way_to_a_speaker() -> None:
    listener = TimbreListener(find_timbre_weights(), sample_rate=RATE)
    said = torch.from_numpy(np.stack([speech(2.0, rate=RATE, hz=hz) for hz in (110.0, 200.0)]))
    wanted = said[1:]
    made = said[:1].clone().requires_grad_()
    before = _distance(listener, made, wanted)
    (gradient,) = torch.autograd.grad(before, made)
    step = 1e-3 * gradient / gradient.square().mean().sqrt()
    after = _distance(listener, made - step, wanted)
    assert 0 < float(after.detach()) < float(before.detach())
    assert float(_distance(listener, wanted, wanted)) == pytest.approx(0, abs=1e-6)
    assert not [name for name, weight in listener.named_parameters() if weight.requires_grad]


def test_two_ways_to_listen_find_the_same_voices_apart() -> None:
    listener = TimbreListener(find_timbre_weights(), sample_rate=RATE)
    said = torch.from_numpy(np.stack([speech(2.0, rate=RATE, hz=hz) for hz in (110.0, 200.0)]))
    found = [float(_distance(listener, said[:1], said[1:], seed=seed)) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def _distance(
    listener: TimbreListener, made: torch.Tensor, wanted: torch.Tensor, *, seed: int = 0
) -> torch.Tensor:
    return timbre_distance(listener, made, wanted, [seed] * len(wanted))

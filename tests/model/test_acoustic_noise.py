"""Noise drawn by counting."""

from __future__ import annotations

import hashlib

import pytest
import torch

from voicepipe.model.noise import latent_noise


def test_a_frame_does_not_depend_on_how_many_are_drawn_or_where_drawing_begins() -> None:
    whole = latent_noise(7, 50, 192)
    assert whole.shape == (192, 50)
    assert torch.equal(latent_noise(7, 20, 192), whole[:, :20])
    assert torch.equal(latent_noise(7, 10, 192, first_frame=35), whole[:, 35:45])
    odd = latent_noise(7, 9, 5)
    assert torch.equal(latent_noise(7, 4, 5, first_frame=5), odd[:, 5:])


def test_global_streams_are_neither_read_nor_moved() -> None:
    before = torch.random.get_rng_state()
    drawn = latent_noise(7, 3, 4)
    torch.rand(1)
    assert torch.equal(drawn, latent_noise(7, 3, 4))
    torch.random.set_rng_state(before)


def test_seeds_draw_apart() -> None:
    a, b = latent_noise(1, 100, 192), latent_noise(2, 100, 192)
    correlation = float((a * b).mean())
    assert abs(correlation) < 0.03


def test_values_are_standard_normal() -> None:
    drawn = latent_noise(2**64 - 1, 2000, 192).double()
    assert float(drawn.mean()) == pytest.approx(0, abs=0.01)
    assert float(drawn.var()) == pytest.approx(1, abs=0.01)
    assert float((drawn**4).mean()) == pytest.approx(3, abs=0.05)
    assert float((drawn.abs() > 1.959964).double().mean()) == pytest.approx(0.05, abs=0.002)
    neighbours = (drawn[:-1] * drawn[1:]).mean(), (drawn[:, :-1] * drawn[:, 1:]).mean()
    assert max(abs(float(value)) for value in neighbours) < 0.01


def test_the_numbers_never_change() -> None:
    """Published banks depend on them; rounded, as a library's sine may differ in the last bit."""
    drawn = latent_noise(20_260_101, 4, 6)
    rounded = (drawn * 10_000).round().to(torch.int32)
    assert hashlib.sha256(rounded.numpy().tobytes()).hexdigest()[:16] == "45a38d001f3e94ee"


def test_nothing_drawn_is_an_empty_array() -> None:
    assert latent_noise(1, 0, 4).shape == (4, 0)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        latent_noise(seed, 1, 1)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        latent_noise(1, -1, 4)

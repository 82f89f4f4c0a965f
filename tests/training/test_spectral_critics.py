"""The critics that finish the acoustic stage: they learn, and they know whose voice they want."""

from __future__ import annotations

import torch

from voicepipe.model.training.acoustic_losses import discriminator_loss
from voicepipe.model.training.spectral_critics import Critics

STYLE = 6


def wave(hz: float) -> torch.Tensor:
    times = torch.arange(1_200) / 24_000
    return 0.2 * torch.sin(2 * torch.pi * hz * times)[None]


def critics() -> Critics:
    torch.manual_seed(0)  # noqa: TID251 - first weights of a test
    return Critics(STYLE)


def test_every_view_gives_a_verdict_and_what_led_to_it() -> None:
    one, other = critics()(wave(440), torch.zeros(1, STYLE, 1), torch.ones(1, STYLE, 1))
    assert len(one) == len(other) == 2
    assert not torch.equal(one[0].scores, other[0].scores)
    for verdict in one:
        assert verdict.scores.shape[0] == 1
        assert len(verdict.features) == 5


def test_the_same_sound_may_suit_one_style_and_not_another() -> None:
    network = critics()
    styles = torch.eye(STYLE)[:2, :, None]
    sounds = torch.cat((wave(300), wave(2_000)))
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(100):
        optimizer.zero_grad()
        # Both sounds are recordings; only who should be speaking differs.
        loss = discriminator_loss(*network(sounds, styles, styles.flip(0)))
        torch.autograd.backward(loss)
        optimizer.step()
    with torch.no_grad():
        right, wrong = network(sounds, styles, styles.flip(0))
    for fits, fits_not in zip(right, wrong, strict=True):
        assert float(fits.scores.mean()) > float(fits_not.scores.mean()) + 0.3

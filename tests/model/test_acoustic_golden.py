"""Full-size networks against the reference implementation's outputs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import torch
from acoustic_fixtures import (
    LATENT,
    MEL,
    TOLERANCE,
    network,
    vectors,
    worst_error,
)

from voicepipe.model.acoustic.networks import LatentSynthesizer, MelSynthesizer
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.parity
PRO = (Family.V2_PRO, Family.V2_PRO_PLUS)


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module", params=LATENT)
def family(request: pytest.FixtureRequest) -> Family:
    """A latent family; module scope, so that a network is built once for its tests."""
    chosen: Family = request.param
    return chosen


def latent_network(family: Family) -> LatentSynthesizer:
    made = network(family)
    assert isinstance(made, LatentSynthesizer)
    return made


def mel_network(family: Family) -> MelSynthesizer:
    made = network(family)
    assert isinstance(made, MelSynthesizer)
    return made


def recorded_style(family: Family) -> torch.Tensor:
    """The recorded style of reference 0, as the network goes on with it."""
    style = vectors(family.value)["style"]
    return latent_network(family).prelu(style) if family in PRO else style


def style_of(family: Family, reference: int) -> torch.Tensor:
    """A reference's style; in the Pro families with its own speaker."""
    net, given = latent_network(family), vectors(family.value)
    spec = given[f"refer_spec_{reference}"]
    speaker = given["sv_emb"][reference : reference + 1] if family in PRO else None
    return net.style_embedding(spec, speaker)


def render(family: Family, style: torch.Tensor, speed: float = 1.0) -> torch.Tensor:
    net, given = latent_network(family), vectors(family.value)
    prior = net.prior(given["codes"][0], [given["phones"][0]], style, speed)
    latent = net.latent(prior, style, torch.zeros_like(prior.mean), 0.0)
    audio: torch.Tensor = net(latent, style)
    return audio


@pytest.mark.slow
def test_a_latent_family_equals_the_reference(family: Family) -> None:
    net, given = latent_network(family), vectors(family.value)
    style = recorded_style(family)
    prior = net.prior(given["codes"][0], [given["phones"][0]], style)
    latent = net.latent(prior, style, torch.zeros_like(prior.mean), 0.0)
    assert given.error(prior.mean, "prior_mean") < TOLERANCE
    assert given.error(latent, "z") < TOLERANCE
    assert given.error(net(latent, style), "audio_one_ref") < TOLERANCE
    assert given.error(render(family, style, 0.85), "audio_speed_085") < TOLERANCE


@pytest.mark.slow
def test_a_laid_out_generator_equals_the_reference_and_is_near_it_in_bfloat16(
    family: Family,
) -> None:
    net, given = latent_network(family), vectors(family.value)
    style = recorded_style(family)
    exact = render(family, style)
    assert isinstance(net.dec, Generator)
    try:
        net.dec.pack(torch.float32)
        assert net.dec._packed
        assert given.error(render(family, style), "audio_one_ref") < TOLERANCE
        net.dec.pack(torch.bfloat16)
        noise = (render(family, style) - exact).pow(2).mean() / exact.pow(2).mean()
        assert -10 * math.log10(float(noise)) > 35, "dB of signal over noise"
    finally:
        net.dec._packed = {}


@pytest.mark.slow
def test_a_clip_becomes_the_reference_s_tokens(family: Family) -> None:
    given = vectors(family.value)
    assert torch.equal(latent_network(family).semantic_tokens(given["ssl"]), given["ssl_codes"][0])


@pytest.mark.slow
def test_a_clip_becomes_the_reference_s_style(family: Family) -> None:
    expected = recorded_style(family)
    assert worst_error(style_of(family, 0), expected) < TOLERANCE


@pytest.mark.slow
def test_two_references_are_averaged_as_the_reference_does(family: Family) -> None:
    both = (style_of(family, 0) + style_of(family, 1)) / 2
    assert vectors(family.value).error(render(family, both), "audio_two_refs") < TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("mel_family", MEL)
def test_a_mel_family_equals_the_reference(mel_family: Family) -> None:
    net, given = mel_network(mel_family), vectors(mel_family.value)
    style = given["style"]
    made = []
    for speed, name in ((1.0, "features"), (0.85, "features_speed_085")):
        made.append(net.features(given["codes"][0], [given["phones"][0]], style, speed))
        assert given.error(made[-1], name) < TOLERANCE
    prompt = given["prompt_mel"]
    noise = given["noise"][:, :, prompt.shape[2] :]
    for n_steps, guidance, name in ((4, 0.0, "cfm_4_steps"), (2, 0.5, "cfm_2_steps_cfg_05")):
        mel = net.cfm(made[0], prompt, noise, n_steps=n_steps, guidance=guidance)
        # The reference gives the prompt's frames too, held at zero.
        whole = torch.cat((torch.zeros_like(prompt), mel), dim=2)
        assert given.error(whole, name) < TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("mel_family", MEL)
def test_a_clip_becomes_the_reference_s_style_in_a_mel_family(mel_family: Family) -> None:
    given = vectors(mel_family.value)
    style = mel_network(mel_family).style_embedding(given["refer_spec"])
    assert given.error(style, "style") < TOLERANCE

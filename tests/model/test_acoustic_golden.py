"""Full-size networks against the reference implementation's outputs."""

from __future__ import annotations

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

from voicepipe.model.config import Family
from voicepipe.model.sovits import LatentSynthesizer, MelSynthesizer

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def reference_styles(family: Family) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Styles of both references, and what the vectors file holds as the first one's.

    The Pro vectors were taken from one style tensor to which the reference adds the speaker in
    place, call after call: once for one reference, twice more for two, once more for the speed.
    """
    net, given = latent_network(family), vectors(family.value)
    specs = [given[f"refer_spec_{i}"] for i in (0, 1)]
    if family not in PRO:
        styles = [net.style_embedding(spec) for spec in specs]
        return styles[0], styles[1], styles[0]
    plain = net.ref_enc(specs[0])
    first, second = (net.sv_emb(row[None]).unsqueeze(2) for row in given["sv_emb"])
    twice = net.prelu(plain + 2 * first)
    both = (twice + net.prelu(plain + 2 * first + second)) / 2
    late = plain + 3 * first + second
    assert worst_error(late, given["style"]) < TOLERANCE
    return 2 * both - twice, twice, late


def render(family: Family, style: torch.Tensor, speed: float = 1.0) -> torch.Tensor:
    net, given = latent_network(family), vectors(family.value)
    prior = net.prior(given["codes"][0], [given["phones"][0]], style, speed)
    latent = net.latent(prior, style, torch.zeros_like(prior.mean), 0.0)
    audio: torch.Tensor = net(latent, style)
    return audio


@pytest.mark.slow
def test_a_latent_family_equals_the_reference(family: Family) -> None:
    net, given = latent_network(family), vectors(family.value)
    assert torch.equal(net.semantic_tokens(given["ssl"]), given["ssl_codes"][0])
    speaker = given["sv_emb"][:1] if family in PRO else None
    style = net.style_embedding(given["refer_spec_0"], speaker)
    prior = net.prior(given["codes"][0], [given["phones"][0]], style)
    latent = net.latent(prior, style, torch.zeros_like(prior.mean), 0.0)
    assert worst_error(prior.mean, given["prior_mean"]) < TOLERANCE
    assert worst_error(latent, given["z"]) < TOLERANCE
    assert worst_error(net(latent, style), given["audio_one_ref"]) < TOLERANCE


@pytest.mark.slow
def test_several_references_and_speed_equal_the_reference(family: Family) -> None:
    net, given = latent_network(family), vectors(family.value)
    one, other, late = reference_styles(family)
    if family in PRO:
        late = net.prelu(late)
    else:
        assert worst_error(late, given["style"]) < TOLERANCE
    assert worst_error(render(family, (one + other) / 2), given["audio_two_refs"]) < TOLERANCE
    assert worst_error(render(family, late, 0.85), given["audio_speed_085"]) < TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("mel_family", MEL)
def test_a_mel_family_equals_the_reference(mel_family: Family) -> None:
    net, given = mel_network(mel_family), vectors(mel_family.value)
    style = net.style_embedding(given["refer_spec"])
    assert worst_error(style, given["style"]) < TOLERANCE
    for speed, name in ((1.0, "features"), (0.85, "features_speed_085")):
        features = net.features(given["codes"][0], [given["phones"][0]], style, speed)
        assert worst_error(features, given[name]) < TOLERANCE
    prompt = given["prompt_mel"]
    noise = given["noise"][:, :, prompt.shape[2] :]
    for n_steps, guidance, name in ((4, 0.0, "cfm_4_steps"), (2, 0.5, "cfm_2_steps_cfg_05")):
        mel = net.cfm(given["features"], prompt, noise, n_steps=n_steps, guidance=guidance)
        # The reference gives the prompt's frames too, held at zero.
        whole = torch.cat((torch.zeros_like(prompt), mel), dim=2)
        assert worst_error(whole, given[name]) < TOLERANCE

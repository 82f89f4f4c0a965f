"""Full-size key lists of every family are recognised for what they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.families import recognise
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from semantic_fixtures import GoldenVectors

pytestmark = pytest.mark.parity
FILE = Path("model.pth")


def shapes(golden: GoldenVectors, name: str, file: str) -> dict[str, tuple[int, ...]]:
    return {key.removeprefix("model."): tuple(shape) for key, shape, _ in golden.keys(name, file)}


@pytest.mark.parametrize(
    ("name", "file", "family"),
    [
        ("gpt_v1", "s1_keys.json", Family.SEMANTIC),
        ("gpt_v2", "s1_keys.json", Family.SEMANTIC),
        ("v1", "s2_keys.json", Family.V1),
        ("v2", "s2_keys.json", Family.V2),
        ("v2Pro", "s2_keys.json", Family.V2_PRO),
        ("v2ProPlus", "s2_keys.json", Family.V2_PRO_PLUS),
        ("speaker", "keys.json", Family.SPEAKER),
        ("bigvgan", "keys.json", Family.BIGVGAN),
        ("vocoder_v4", "keys.json", Family.VOCODER_V4),
    ],
)
def test_shapes_tell_the_family(
    golden: GoldenVectors, name: str, file: str, family: Family
) -> None:
    assert recognise(shapes(golden, name, file), path=FILE) is family


def test_a_fine_tune_without_its_posterior_encoder_is_still_its_family(
    golden: GoldenVectors,
) -> None:
    whole = shapes(golden, "v2", "s2_keys.json")
    cut = {key: shape for key, shape in whole.items() if not key.startswith("enc_q.")}
    assert len(cut) < len(whole)
    assert recognise(cut, path=FILE) is Family.V2


@pytest.mark.parametrize("name", ["v3", "v4"])
def test_flow_families_need_more_than_shapes(golden: GoldenVectors, name: str) -> None:
    found = shapes(golden, name, "s2_keys.json")
    with pytest.raises(CheckpointError, match="does not say which"):
        recognise(found, path=FILE)
    for family in (Family.V3, Family.V4):
        assert recognise(found, path=FILE, stated=family) is family

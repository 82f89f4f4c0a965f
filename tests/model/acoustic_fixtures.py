"""Full-size acoustic checkpoints from a formula, and the reference's outputs for them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golden_vectors import Recorded, document, keys

from voicepipe.formula_models.weights import formula_state as formula
from voicepipe.model.acoustic.config import read_acoustic_config
from voicepipe.model.acoustic.loading import load_network
from voicepipe.model.acoustic.networks import LatentSynthesizer, MelSynthesizer, build_network
from voicepipe.model.checkpoints.reading import Checkpoint
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

LATENT = (Family.V1, Family.V2, Family.V2_PRO, Family.V2_PRO_PLUS)
MEL = (Family.V3, Family.V4)
TOLERANCE = 1e-4
"""Of an array's largest absolute value: the bar in float32 on a CPU."""


def worst_error(actual: Tensor, expected: Tensor) -> float:
    """The largest difference, as a share of the largest expected value."""
    assert actual.shape == expected.shape
    return float((actual - expected).abs().max() / expected.abs().max())


def vectors(folder: str) -> Recorded:
    """What the reference took and gave."""
    return Recorded(folder)


def config(folder: str) -> dict[str, Any]:
    """A checkpoint's own configuration."""
    parsed: dict[str, Any] = document(f"{folder}/s2_config.json")
    return parsed


def formula_state(folder: str, name: str) -> dict[str, Tensor]:
    """A checkpoint's tensors, each seeded by its own name."""
    return formula_weights(keys(folder, name))


def formula_weights(rows: list[tuple[str, tuple[int, ...], str]]) -> dict[str, Tensor]:
    """Tensors for any rows of name, shape and type."""
    return formula(rows)


def checkpoint(
    family: Family, state: Mapping[str, Tensor], settings: Mapping[str, Any] | None = None
) -> Checkpoint:
    """A checkpoint as the reader would give it."""
    return Checkpoint(
        path=Path(f"{family.value}.pth"),
        sha256="",
        source_sha256="",
        n_bytes=0,
        family=family,
        lora_rank=None,
        config=settings or {},
        tensors=state,
        info="",
    )


def acoustic_checkpoint(family: Family) -> Checkpoint:
    """A whole acoustic checkpoint of a family."""
    return checkpoint(family, formula_state(family.value, "s2_keys.json"), config(family.value))


def network(family: Family) -> LatentSynthesizer | MelSynthesizer:
    """A family's network at full size. Only the last one made is kept in memory."""
    return _network(family)


@lru_cache(maxsize=1)
def _network(family: Family) -> LatentSynthesizer | MelSynthesizer:
    whole = acoustic_checkpoint(family)
    shapes = {name: tuple(tensor.shape) for name, tensor in whole.tensors.items()}
    described = read_acoustic_config(whole.config, shapes, family=family)
    return load_network(lambda: build_network(described), whole.tensors, whole.path)

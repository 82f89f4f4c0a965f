"""Semantic checkpoints whose weights come from a formula, and the reference's outputs for them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golden_vectors import Recorded, document, keys

from voicepipe.formula_models.weights import formula_state
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage

if TYPE_CHECKING:
    import torch

    from voicepipe.formula_models.weights import TensorRow


class GoldenVectors:
    """Checkpoints whose weights come from a formula, and what the reference made of them."""

    def keys(self, name: str, file: str) -> list[TensorRow]:
        """Key, shape and type of every tensor of a checkpoint."""
        return keys(name, file)

    def state(self, name: str, file: str, *, eos_gain: float = 0.0) -> dict[str, torch.Tensor]:
        """Every tensor of a checkpoint, by its formula."""
        return formula_state(self.keys(name, file), eos_gain=eos_gain)

    def config(self, name: str, file: str) -> dict[str, Any]:
        """A checkpoint's own configuration."""
        return dict(document(f"{name}/{file}"))

    def vectors(self, name: str) -> Recorded:
        """Inputs and outputs of the reference."""
        return Recorded(name)

    @lru_cache(maxsize=2)  # noqa: B019 - one instance a session, and two models at most
    def semantic_stage(self, name: str, eos_gain: float) -> SemanticStage:
        """A semantic stage with formula weights, ready to decode."""
        state = self.state(name, "s1_keys.json", eos_gain=eos_gain)
        with shapes_only():
            stage = SemanticStage(SemanticConfig.from_mapping(self.config(name, "s1_config.json")))
        tensors = {key.removeprefix("model."): value for key, value in state.items()}
        load_strictly(stage, tensors, source=Path(name))
        return stage.eval().pack()

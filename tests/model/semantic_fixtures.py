"""Semantic checkpoints whose weights come from a formula, and the reference's outputs for them."""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from voicepipe.model.config import SemanticConfig
from voicepipe.model.gpt import SemanticStage
from voicepipe.model.weights import load_strictly, shapes_only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"


class GoldenVectors:
    """Checkpoints whose weights come from a formula, and what the reference made of them."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.spec_from_file_location("golden_synth", folder / "synth.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.folder = folder
        self._synth_state: Callable[..., dict[str, torch.Tensor]] = module.synth_state

    def keys(self, name: str, file: str) -> list[Any]:
        """Key, shape and type of every tensor of a checkpoint."""
        return list(json.loads((self.folder / name / file).read_text()))

    def state(self, name: str, file: str, **formula: float) -> dict[str, torch.Tensor]:
        """Every tensor of a checkpoint, by its formula."""
        return self._synth_state(self.keys(name, file), **formula)

    def config(self, name: str, file: str) -> dict[str, Any]:
        """A checkpoint's own configuration."""
        return dict(json.loads((self.folder / name / file).read_text()))

    def vectors(self, name: str) -> Mapping[str, NDArray[Any]]:
        """Inputs and outputs of the reference."""
        with np.load(self.folder / name / "io.npz") as archive:
            return dict(archive)

    @lru_cache(maxsize=2)  # noqa: B019 - one instance a session, and two models at most
    def semantic_stage(self, name: str, eos_gain: float) -> SemanticStage:
        """A semantic stage with formula weights, ready to decode."""
        state = self.state(name, "s1_keys.json", eos_gain=eos_gain)
        with shapes_only():
            stage = SemanticStage(SemanticConfig.from_mapping(self.config(name, "s1_config.json")))
        tensors = {key.removeprefix("model."): value for key, value in state.items()}
        load_strictly(stage, tensors, source=self.folder / name)
        return stage.eval().pack()

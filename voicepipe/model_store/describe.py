"""What a converted model is, read from its headers alone: no torch, no weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.json_files import read_json
from voicepipe.model.checkpoints.safetensors_header import read_header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.model.checkpoints.safetensors_header import TensorFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a converted model says of itself."""

    family: str
    lora_rank: int | None
    info: str
    source: str
    source_sha256: str
    config: Mapping[str, Any]
    tensors: tuple[TensorFacts, ...]

    @property
    def n_parameters(self) -> int:
        """Numbers in all weights together."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors)

    @property
    def dimensions(self) -> Mapping[str, Any]:
        """The `model` table of its configuration."""
        model = self.config.get("model")
        return model if isinstance(model, dict) else {}


def describe_model(weights: Path) -> ModelFacts:
    """Read the description and the header of a converted model.

    Args:
        weights: Its `.safetensors` file; the `.json` lies beside it.

    Raises:
        CheckpointError: Either cannot be read.
    """
    description = _read_json(weights.with_suffix(".json"))
    return ModelFacts(
        family=str(description.get("family", "")),
        lora_rank=description.get("lora_rank"),
        info=str(description.get("info", "")),
        source=str(description.get("source", "")),
        source_sha256=str(description.get("source_sha256", "")),
        config=description.get("config") or {},
        tensors=read_header(weights),
    )


def _read_json(path: Path) -> dict[str, Any]:
    document = read_json(path, remedy="import the original again")
    if not isinstance(document, dict):
        msg = f"{path}: not the description of a model"
        raise CheckpointError(msg, remedy="import the original again")
    return document

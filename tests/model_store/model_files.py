"""Small weight files of several kinds, made on the spot."""

from __future__ import annotations

import io
from typing import Any

import torch

from voicepipe.model.config import SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage

SEMANTIC_CONFIG: dict[str, Any] = {
    "model": {
        "vocab_size": 9,
        "phoneme_vocab_size": 5,
        "embedding_dim": 8,
        "hidden_dim": 8,
        "head": 2,
        "n_layer": 2,
        "EOS": 8,
    }
}


def saved(root: object, *, code: bytes = b"PK") -> bytes:
    """What `torch.save` writes, under a family code."""
    stream = io.BytesIO()
    torch.save(root, stream)
    return code + stream.getvalue()[2:]


def semantic_file(value: float = 0.25) -> bytes:
    """A whole semantic checkpoint in half precision."""
    state = SemanticStage(SemanticConfig.from_mapping(SEMANTIC_CONFIG)).state_dict()
    weights = {f"model.{key}": torch.full_like(t, value).half() for key, t in state.items()}
    return saved({"weight": weights, "config": SEMANTIC_CONFIG, "info": "GPT-e15"})


def flow_file(code: bytes = b"PK") -> bytes:
    """An acoustic file that could be v3 or v4, unless its code says."""
    weights = {"cfm.estimator.x.weight": torch.ones(2, 2).half()}
    return saved({"weight": weights, "config": {"model": {"width": 2}}}, code=code)


def lora_file(rank: int = 2) -> bytes:
    """A LoRA of v4."""
    prefix = "cfm.base_model.model.estimator.to_q"
    weights = {
        f"{prefix}.lora_A.default.weight": torch.ones(rank, 4),
        f"{prefix}.lora_B.default.weight": torch.ones(4, rank),
    }
    return saved({"weight": weights, "config": {}, "lora_rank": rank}, code=b"04")


def encoder_file() -> bytes:
    """A bare state dict that looks like HuBERT's."""
    return saved({"feature_extractor.conv_layers.0.conv.weight": torch.ones(3)})

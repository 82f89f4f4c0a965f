"""Trained weights to the model files that voicepipe brings along, in half precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import torch
from safetensors.torch import save_file

from tiny.acoustic import LATENT_WIDTH, SETTINGS
from tiny.listening import N_MELODY
from tiny.semantic import CONFIG as SEMANTIC
from voicepipe.hashing import sha256_of_file
from voicepipe.model.acoustic.postfilter import Postfilter
from voicepipe.model.acoustic.source_filter_config import POSTFILTER
from voicepipe.model.checkpoints.reading import SIDECAR_SCHEMA
from voicepipe.model.config import Family
from voicepipe.model.semantic.recogniser import CLASSES_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

_CERTAIN = -20.0  # logarithm of a spread that no chance is heard in
_PROJECTION = "enc_p.proj"
_PUT_BACK: Final = Postfilter(formants=0.3, voicing=0.5)
"""Into the envelopes. Those of recordings vary by a little more, and more costs words: the model
card has the measurements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Weights of the three networks, and what the listener's classes are."""

    listener: Mapping[str, Tensor]
    phoneme_ids: tuple[int, ...]
    semantic: Mapping[str, Tensor]
    acoustic: Mapping[str, Tensor]


def export(trained: Trained, folder: Path) -> dict[str, str]:
    """Write the four models that make the embedded voice; gives the hash of each one's weights."""
    semantic: dict[str, Any] = {
        "hidden_dim": SEMANTIC.width,
        "embedding_dim": SEMANTIC.width,
        "n_layer": SEMANTIC.n_layers,
        "head": SEMANTIC.n_heads,
        "vocab_size": SEMANTIC.vocabulary_size,
        "phoneme_vocab_size": SEMANTIC.phoneme_vocabulary_size,
        "EOS": SEMANTIC.eos_id,
        "bert_dim": SEMANTIC.bert_width,
    }
    return {
        "tiny-content": _write(
            folder / "tiny-content", Family.PHONETIC, _under("encoder.", trained.listener), {}
        ),
        "tiny-recogniser": _write(
            folder / "tiny-recogniser",
            Family.RECOGNISER,
            _recogniser(trained.listener),
            {CLASSES_FIELD: list(trained.phoneme_ids)},
        ),
        "tiny-gpt": _write(
            folder / "tiny-gpt", Family.SEMANTIC, trained.semantic, {"model": semantic}
        ),
        "tiny-sovits": _write(
            folder / "tiny-sovits",
            Family.TINY,
            _certain(trained.acoustic) | {POSTFILTER: torch.tensor(_PUT_BACK)},
            SETTINGS,
        ),
    }


def _under(prefix: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}


def _recogniser(listener: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What hears codes, without what hears melody in them."""
    head = _under("after.", listener)
    head |= {name: head[name][:-N_MELODY] for name in ("out.weight", "out.bias")}
    return {"codes.weight": listener["codes.embed"], **head}


def _certain(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The acoustic stage with a prior that leaves nothing to chance: it never learnt a spread."""
    certain = {name: tensor.clone() for name, tensor in weights.items()}
    certain[f"{_PROJECTION}.weight"][LATENT_WIDTH:] = 0
    certain[f"{_PROJECTION}.bias"][LATENT_WIDTH:] = _CERTAIN
    return certain


def _write(
    folder: Path, family: Family, weights: Mapping[str, Tensor], config: Mapping[str, Any]
) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.to(torch.float16).contiguous() for name, tensor in weights.items()}
    path = folder / "model.safetensors"
    save_file(halves, path, metadata={"format": "pt"})
    description = {
        "schema": SIDECAR_SCHEMA,
        "family": family.value,
        "lora_rank": None,
        "info": "made by `make tiny`",
        "source": folder.name,
        "source_sha256": sha256_of_file(path),
        "config": config,
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    (folder / "model.json").write_bytes(orjson.dumps(description, option=options) + b"\n")
    return sha256_of_file(path)

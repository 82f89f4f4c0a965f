"""A whole family of formula models in a project's library: what a voice needs, without weights.

Sizes are those of v2 (HuBERT and BERT keep their widths and lose most of their layers). Imports
torch and transformers.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, HubertConfig, HubertModel

from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_file
from voicepipe.model.acoustic_config import read_acoustic_config
from voicepipe.model.checkpoint import SIDECAR_SCHEMA
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.gpt import SemanticStage
from voicepipe.model.sovits import build_network
from voicepipe.models.convert import DESCRIPTION_NAME, WEIGHTS_NAME
from voicepipe.models.formula import formula_state
from voicepipe.models.lock import Source, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from voicepipe.models.library import ModelLibrary
    from voicepipe.models.lock import LockedModel

FORMULA_GPT: Final = "formula-gpt"
FORMULA_SOVITS: Final = "formula-sovits"
FORMULA_HUBERT: Final = "formula-hubert"
FORMULA_BERT: Final = "formula-bert"

EOS_GAIN: Final = 8.0
_INFO = "weights from a formula: noise of the right shape"
_N_LAYERS = 4
_SEMANTIC: Final[Mapping[str, Any]] = {
    "model": {
        "vocab_size": 1025,
        "phoneme_vocab_size": 732,
        "embedding_dim": 512,
        "hidden_dim": 512,
        "head": 16,
        "linear_units": 2048,
        "n_layer": 24,
        "dropout": 0,
        "EOS": 1024,
    }
}
_ACOUSTIC: Final[Mapping[str, Any]] = {
    "model": {
        "inter_channels": 192,
        "hidden_channels": 192,
        "filter_channels": 768,
        "n_heads": 2,
        "n_layers": 6,
        "kernel_size": 3,
        "resblock": "1",
        "resblock_kernel_sizes": [3, 7, 11],
        "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
        "upsample_rates": [10, 8, 2, 2, 2],
        "upsample_kernel_sizes": [16, 16, 8, 2, 2],
        "upsample_initial_channel": 512,
        "gin_channels": 512,
        "version": "v2",
    },
    "data": {
        "sampling_rate": 32_000,
        "filter_length": 2048,
        "hop_length": 640,
        "win_length": 2048,
    },
}
_ACOUSTIC_SHAPES: Final = {
    "ref_enc.spectral.0.fc.weight": (128, 704),
    "ref_enc.fc.fc.weight": (512, 128),
    "enc_p.text_embedding.weight": (732, 192),
}
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaSizes:
    """How large formula models are."""

    semantic: Mapping[str, Any]
    """A semantic checkpoint's configuration."""
    acoustic: Mapping[str, Any]
    """An acoustic checkpoint's configuration."""
    acoustic_shapes: Mapping[str, tuple[int, ...]]
    """What the configuration leaves to the tensors: style and symbols."""
    hubert: Mapping[str, Any]
    """What differs from HuBERT base."""
    bert: Mapping[str, Any]
    """What differs from BERT large; the vocabulary is every common Chinese character."""
    eos_gain: float


V2_SIZES: Final = FormulaSizes(
    semantic=_SEMANTIC,
    acoustic=_ACOUSTIC,
    acoustic_shapes=_ACOUSTIC_SHAPES,
    hubert={"num_hidden_layers": _N_LAYERS},
    bert={"num_hidden_layers": _N_LAYERS},
    eos_gain=EOS_GAIN,
)
"""The pair at full size, HuBERT and BERT at full width."""


def adopt_formula_models(
    library: ModelLibrary, sizes: FormulaSizes = V2_SIZES
) -> tuple[LockedModel, ...]:
    """Write the four formula models into a library and pin them.

    Args:
        library: The project's.
        sizes: Of the models.

    Returns:
        The semantic and the acoustic stage, HuBERT, BERT.

    Raises:
        EnvironmentFault: The library cannot be written.
    """
    semantic, acoustic = _semantic_state(sizes), _acoustic_state(sizes)
    return (
        _adopt(library, FORMULA_GPT, Family.SEMANTIC, semantic, config=sizes.semantic),
        _adopt(library, FORMULA_SOVITS, Family.V2, acoustic, config=sizes.acoustic),
        _adopt(library, FORMULA_HUBERT, Family.HUBERT, *_hubert(sizes.hubert)),
        _adopt(library, FORMULA_BERT, Family.BERT, *_bert(sizes.bert)),
    )


def _semantic_state(sizes: FormulaSizes) -> dict[str, Tensor]:
    with torch.device("meta"):
        stage = SemanticStage(SemanticConfig.from_mapping(sizes.semantic))
    return _state_of(stage, prefix="model.", eos_gain=sizes.eos_gain)


def _acoustic_state(sizes: FormulaSizes) -> dict[str, Tensor]:
    config = read_acoustic_config(sizes.acoustic, sizes.acoustic_shapes, family=Family.V2)
    with torch.device("meta"):
        network = build_network(config)
    return _state_of(network)


def _hubert(changes: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    config = HubertConfig(**changes)
    with torch.device("meta"):
        network: nn.Module = HubertModel(config)
    return _state_of(network), {"config.json": {"model_type": "hubert", **changes}}


def _bert(changes: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    words = [*_SPECIAL, *map(chr, range(_FIRST_HAN, _LAST_HAN + 1)), *"，。？！,.?!…、"]
    vocabulary = {word: index for index, word in enumerate(dict.fromkeys(words))}
    sizes: dict[str, Any] = {
        "hidden_size": 1024,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
        **changes,
        "vocab_size": len(vocabulary),
    }
    with torch.device("meta"):
        network: nn.Module = BertModel(BertConfig(**sizes), add_pooling_layer=False)
    described = {"model_type": "bert", "architectures": ["BertModel"], **sizes}
    tokenizer = {"model": {"type": "WordPiece", "vocab": vocabulary}}
    return _state_of(network), {"config.json": described, "tokenizer.json": tokenizer}


def _state_of(network: nn.Module, *, prefix: str = "", eos_gain: float = 0.0) -> dict[str, Tensor]:
    rows = [
        (prefix + key, tuple(value.shape), str(value.dtype))
        for key, value in network.state_dict().items()
    ]
    state = formula_state(rows, eos_gain=eos_gain)
    halved = {
        key.removeprefix(prefix): value.half() if value.is_floating_point() else value
        for key, value in state.items()
    }
    return {key: value.contiguous() for key, value in halved.items()}


def _adopt(
    library: ModelLibrary,
    name: str,
    family: Family,
    state: Mapping[str, Tensor],
    companions: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
) -> LockedModel:
    built = library.prepare(name)
    try:
        weights = built / WEIGHTS_NAME
        save_file(dict(state), weights, metadata={"format": "pt"})
        digest = sha256_of_file(weights)
        description = {
            "schema": SIDECAR_SCHEMA,
            "family": family.value,
            "lora_rank": None,
            "info": _INFO,
            "source": name,
            "source_sha256": digest,
            "config": config or {},
        }
        _write_json(built / DESCRIPTION_NAME, description)
        for file, document in (companions or {}).items():
            _write_json(built / file, document)
        source = Source(file=name, sha256=digest, trust=Trust.LOCAL)
        return library.adopt(name, built, family=family.value, lora_rank=None, source=source)
    except OSError as error:
        msg = f"{built}: {error.strerror or error}"
        raise EnvironmentFault(msg, remedy="check permissions and space") from error
    finally:
        shutil.rmtree(built, ignore_errors=True)


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

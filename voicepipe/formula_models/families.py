"""A whole family of formula models in a project's library: what a voice needs, without weights.

Files have the names, shapes and precision of the community's: weight norm as pairs, the posterior
encoder where the published bases have it, a LoRA with what its training leaves unfrozen. So a voice
can be trained on them, too. Imports torch.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.errors import EnvironmentFault
from voicepipe.formula_models.sizes import FLOW_FAMILIES, PRO_FAMILIES, V2_SIZES
from voicepipe.formula_models.weights import formula_state
from voicepipe.hashing import sha256_of_file
from voicepipe.model.acoustic.bigvgan import BigVGAN
from voicepipe.model.acoustic.config import read_acoustic_config, read_mel_decoder
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.checkpoints.reading import SIDECAR_SCHEMA
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.encoders.bert import BertNetwork, BertSizes
from voicepipe.model.encoders.hubert import HubertNetwork, HubertSizes
from voicepipe.model.encoders.speaker import SpeakerEncoder
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.training.synthesizer import TrainableSynthesizer
from voicepipe.model.training.weight_norm_form import normalise_upstream, to_file_name
from voicepipe.model_store.convert import DESCRIPTION_NAME, WEIGHTS_NAME
from voicepipe.model_store.lock import Source, Trust
from voicepipe.model_store.weights_file import write_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from voicepipe.formula_models.sizes import FormulaSizes
    from voicepipe.formula_models.weights import TensorRow
    from voicepipe.model_store.library import ModelLibrary
    from voicepipe.model_store.lock import LockedModel

_INFO = "weights from a formula: noise of the right shape"
_USUAL_DEPTH = 4
_POSTERIOR_END: Final = "enc_q.proj."
_POSTERIOR_GAIN: Final = 0.1
"""A posterior about as narrow as a trained one: its scale is e to the power of what sixteen layers
add up to, and at the formula's own size nothing could be learned from what is drawn."""
_ADAPTED: Final = re.compile(r"cfm\.(estimator\..+\.(to_q|to_k|to_v|to_out\.0))\.weight")
"""Weights that a LoRA changes."""
_UNFROZEN: Final = ("ref_enc.", "bridge.", "wns1.", "linear_mel.")
"""Parts that the training of a LoRA leaves unfrozen, so that its file holds them whole."""
_BUFFERS: Final = re.compile(r"quantizer\..+\.(inited|cluster_size|embed|embed_avg)")
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def adopt_formula_models(
    library: ModelLibrary, sizes: FormulaSizes = V2_SIZES
) -> dict[str, LockedModel]:
    """Write a family's formula models into a library and pin them.

    Args:
        library: The project's.
        sizes: Of the models.

    Returns:
        By role, as voice files spell it: `gpt`, `sovits`, what the family needs beside them,
        `hubert`, `bert`.

    Raises:
        EnvironmentFault: The library cannot be written.
    """
    made = adopt_formula_pair(library, sizes)
    for role, family, build in (
        ("hubert", Family.HUBERT, _hubert),
        ("bert", Family.BERT, _bert),
    ):
        changes = sizes.hubert if role == "hubert" else sizes.bert
        deep = "-deep" if changes["num_hidden_layers"] > _USUAL_DEPTH else ""
        made[role] = _adopt(library, f"formula-{role}{deep}", family, *build(changes))
    return made


def adopt_formula_pair(
    library: ModelLibrary, sizes: FormulaSizes = V2_SIZES
) -> dict[str, LockedModel]:
    """Write and pin the pair alone: all that speaking takes, nothing that listens or reads.

    Returns:
        By role: `gpt`, `sovits`, and what the family needs beside them.

    Raises:
        EnvironmentFault: The library cannot be written.
    """
    gpt = "formula-gpt-v1" if sizes.family is Family.V1 else "formula-gpt"
    made = {"gpt": _adopt(library, gpt, Family.SEMANTIC, _semantic(sizes), config=sizes.semantic)}
    return made | adopt_acoustic_models(library, sizes)


def acoustic_rows(sizes: FormulaSizes) -> list[TensorRow]:
    """List what a published acoustic base of a family holds: key, shape, type."""
    config = read_acoustic_config(sizes.acoustic, sizes.acoustic_shapes, family=sizes.family)
    with shapes_only():
        if config.latent is not None:
            network: nn.Module = TrainableSynthesizer(config)
        else:
            network = build_network(config)
            normalise_upstream(network)
    return [(to_file_name(key), shape, dtype) for key, shape, dtype in _rows_of(network)]


def lora_rows(sizes: FormulaSizes) -> list[TensorRow]:
    """List what a LoRA file of a family holds, which is made of its base's rows."""
    assert sizes.lora_rank is not None, "only sizes with a rank describe a LoRA"
    rows: list[TensorRow] = []
    for key, shape, dtype in acoustic_rows(sizes):
        adapted = _ADAPTED.fullmatch(key)
        if adapted:
            layer = f"cfm.base_model.model.{adapted[1]}"
            rows.append((f"{layer}.lora_A.default.weight", (sizes.lora_rank, shape[1]), dtype))
            rows.append((f"{layer}.lora_B.default.weight", (shape[0], sizes.lora_rank), dtype))
        elif key.startswith(_UNFROZEN) or _BUFFERS.fullmatch(key):
            rows.append((key, shape, dtype))
    return rows


def acoustic_state(sizes: FormulaSizes) -> dict[str, Tensor]:
    """Make the weights of a published acoustic base of a family, in half precision."""
    return {
        key: _POSTERIOR_GAIN * value if key.startswith(_POSTERIOR_END) else value
        for key, value in _halved(acoustic_rows(sizes)).items()
    }


def adopt_acoustic_models(library: ModelLibrary, sizes: FormulaSizes) -> dict[str, LockedModel]:
    """Write and pin only what differs from family to family after the semantic stage.

    Returns:
        By role: `sovits`, `sovits_base` of a LoRA, `vocoder` of v3 and v4, `speaker` of Pro.

    Raises:
        EnvironmentFault: The library cannot be written.
    """
    family, config = sizes.family, sizes.acoustic
    kind = family.value.lower()
    name = "formula-sovits" if family is Family.V2 else f"formula-sovits-{kind}"
    whole = _adopt(library, name, family, acoustic_state(sizes), config=config)
    made = {"sovits": whole}
    if sizes.lora_rank is not None:
        state = _halved(lora_rows(sizes))
        rank = sizes.lora_rank
        lora = _adopt(library, f"formula-lora-{kind}", family, state, config=config, lora_rank=rank)
        made = {"sovits": lora, "sovits_base": whole}
    if family in FLOW_FAMILIES:
        made["vocoder"] = _adopt_vocoder(library, family)
    if family in PRO_FAMILIES:
        with shapes_only():
            speaker = SpeakerEncoder(sizes.speaker_stem)
        state = _halved(_rows_of(speaker))
        made["speaker"] = _adopt(library, "formula-speaker", Family.SPEAKER, state)
    return made


def _adopt_vocoder(library: ModelLibrary, family: Family) -> LockedModel:
    decoder = read_mel_decoder(family)
    with shapes_only():
        network: nn.Module = (BigVGAN if decoder.anti_aliased else Generator)(decoder.vocoder)
    name, kind = (
        ("formula-bigvgan", Family.BIGVGAN)
        if decoder.anti_aliased
        else ("formula-vocoder-v4", Family.VOCODER_V4)
    )
    return _adopt(library, name, kind, _halved(_rows_of(network)))


def _semantic(sizes: FormulaSizes) -> dict[str, Tensor]:
    with shapes_only():
        stage = SemanticStage(SemanticConfig.from_mapping(sizes.semantic))
    return _halved(_rows_of(stage), prefix="model.", eos_gain=sizes.eos_gain)


def _hubert(changes: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    described = {"model_type": "hubert", **changes}
    with shapes_only():
        network = HubertNetwork(HubertSizes.from_config(described))
    return _halved(_rows_of(network)), {"config.json": described}


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
    described = {"model_type": "bert", "architectures": ["BertModel"], **sizes}
    with shapes_only():
        network = BertNetwork(BertSizes.from_config(described))
    tokenizer = {"model": {"type": "WordPiece", "vocab": vocabulary}}
    return _halved(_rows_of(network)), {"config.json": described, "tokenizer.json": tokenizer}


def _rows_of(network: nn.Module) -> list[TensorRow]:
    return [
        (key, tuple(value.shape), str(value.dtype)) for key, value in network.state_dict().items()
    ]


def _halved(
    rows: Iterable[TensorRow], *, prefix: str = "", eos_gain: float = 0.0
) -> dict[str, Tensor]:
    named = [(prefix + key, shape, dtype) for key, shape, dtype in rows]
    state = formula_state(named, eos_gain=eos_gain)
    return {
        key.removeprefix(prefix): (value.half() if value.is_floating_point() else value)
        for key, value in state.items()
    }


def _adopt(
    library: ModelLibrary,
    name: str,
    family: Family,
    state: Mapping[str, Tensor],
    companions: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    lora_rank: int | None = None,
) -> LockedModel:
    built = library.prepare(name)
    try:
        weights = built / WEIGHTS_NAME
        write_weights(weights, state)
        digest = sha256_of_file(weights)
        description = {
            "schema": SIDECAR_SCHEMA,
            "family": family.value,
            "lora_rank": lora_rank,
            "info": _INFO,
            "source": name,
            "source_sha256": digest,
            "config": config or {},
        }
        _write_json(built / DESCRIPTION_NAME, description)
        for file, document in (companions or {}).items():
            _write_json(built / file, document)
        source = Source(file=name, sha256=digest, trust=Trust.LOCAL)
        return library.adopt(name, built, family=family.value, lora_rank=lora_rank, source=source)
    except OSError as error:
        msg = f"{built}: {error.strerror or error}"
        raise EnvironmentFault(msg, remedy="check permissions and space") from error
    finally:
        shutil.rmtree(built, ignore_errors=True)


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

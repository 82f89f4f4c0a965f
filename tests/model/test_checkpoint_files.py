"""Good weight files of every kind: what is read is what was written."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.checkpoints.weights import load_strictly, merge_lora
from voicepipe.model.config import Family
from voicepipe.model.semantic.stage import SemanticStage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEMANTIC_CONFIG = {
    "model": {
        "vocab_size": 9,
        "phoneme_vocab_size": 5,
        "embedding_dim": 8,
        "hidden_dim": 8,
        "head": 2,
        "linear_units": 16,
        "n_layer": 2,
        "dropout": 0,
        "EOS": 8,
    },
    "data": {"max_sec": 54},
}


class HParams:
    """Shaped like upstream's: nested bags of values."""

    def __init__(self, **values: object) -> None:
        for key, value in values.items():
            setattr(self, key, HParams(**value) if isinstance(value, dict) else value)


HParams.__module__ = "utils"


@pytest.fixture
def upstream_utils() -> Iterator[None]:
    """Upstream's module is there while a file is written, and gone when it is read."""
    module = types.ModuleType("utils")
    module.HParams = HParams  # type: ignore[attr-defined]
    sys.modules["utils"] = module
    yield
    sys.modules.pop("utils", None)


def semantic_weights() -> dict[str, torch.Tensor]:
    from voicepipe.model.config import SemanticConfig

    config = SemanticConfig.from_mapping(SEMANTIC_CONFIG)
    stage = SemanticStage(config)
    state = {f"model.{key}": value.detach() for key, value in stage.state_dict().items()}
    return {key: torch.full_like(value, 0.25).half() for key, value in state.items()}


def acoustic_weights(
    *, symbols: int = 732, generator: int = 512, pro: bool = False
) -> dict[str, torch.Tensor]:
    weights = {
        "enc_p.text_embedding.weight": torch.ones(symbols, 2).half(),
        "dec.conv_pre.weight": torch.ones(generator, 2, 7).half(),
        "ssl_proj.weight": torch.ones(3, 3, 2).half(),
    }
    if pro:
        weights["sv_emb.weight"] = torch.ones(4, 5).half()
    return weights


def flow_weights() -> dict[str, torch.Tensor]:
    return {
        "enc_p.text_embedding.weight": torch.ones(732, 2).half(),
        "cfm.estimator.transformer_blocks.0.attn.to_q.weight": torch.ones(6, 6).half(),
    }


def archive(root: object, *, code: bytes = b"PK", legacy: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(root, stream, _use_new_zipfile_serialization=not legacy)
    content = stream.getvalue()
    return content if legacy else code + content[2:]


def test_a_semantic_file_loads_with_its_prefix_off_and_its_precision_kept(tmp_path: Path) -> None:
    path = tmp_path / "s1.ckpt"
    root = {"weight": semantic_weights(), "config": SEMANTIC_CONFIG, "info": "GPT-e15"}
    path.write_bytes(archive(root))

    checkpoint = load_checkpoint(path)

    assert checkpoint.family is Family.SEMANTIC
    assert checkpoint.info == "GPT-e15"
    assert checkpoint.config == SEMANTIC_CONFIG
    assert checkpoint.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert checkpoint.source_sha256 == checkpoint.sha256
    assert checkpoint.n_bytes == path.stat().st_size
    assert not checkpoint.is_lora
    assert checkpoint.tensors["h.layers.0.linear1.weight"].dtype == torch.float16
    stage = SemanticStage.from_checkpoint(checkpoint)
    assert stage.config.n_layers == 2
    assert {p.dtype for p in stage.parameters()} == {torch.float32}
    scores = stage(torch.tensor([1, 2]), torch.tensor([3]))
    assert scores.shape == (2, 9)


@pytest.mark.parametrize(
    ("code", "weights", "family"),
    [
        (b"PK", acoustic_weights(symbols=322), Family.V1),
        (b"00", acoustic_weights(symbols=322), Family.V1),
        (b"PK", acoustic_weights(), Family.V2),
        (b"01", acoustic_weights(), Family.V2),
        (b"PK", acoustic_weights(pro=True), Family.V2_PRO),
        (b"05", acoustic_weights(pro=True), Family.V2_PRO),
        (b"06", acoustic_weights(pro=True, generator=768), Family.V2_PRO_PLUS),
        (b"PK", acoustic_weights(pro=True, generator=768), Family.V2_PRO_PLUS),
        (b"02", flow_weights(), Family.V3),
    ],
)
@pytest.mark.usefixtures("upstream_utils")
def test_acoustic_families_are_told_by_header_and_by_shape(
    tmp_path: Path, code: bytes, weights: dict[str, torch.Tensor], family: Family
) -> None:
    path = tmp_path / "s2.pth"
    config = HParams(model={"gin_channels": 512, "kernels": [3, 7]}, data={"rate": 32000})
    path.write_bytes(archive({"weight": weights, "config": config, "info": "e8"}, code=code))
    before = path.read_bytes()
    sys.modules.pop("utils")

    checkpoint = load_checkpoint(path)

    assert checkpoint.family is family
    assert family.is_acoustic
    assert checkpoint.config["model"] == {"gin_channels": 512, "kernels": [3, 7]}
    assert checkpoint.tensors.keys() == weights.keys()
    assert path.read_bytes() == before
    assert checkpoint.sha256 == hashlib.sha256(before).hexdigest()


def test_a_legacy_container_is_read_like_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "old.pth"
    path.write_bytes(archive({"weight": acoustic_weights(), "config": {"a": 1}}, legacy=True))
    checkpoint = load_checkpoint(path)
    assert checkpoint.family is Family.V2
    assert torch.equal(
        checkpoint.tensors["dec.conv_pre.weight"], acoustic_weights()["dec.conv_pre.weight"]
    )


def test_v3_and_v4_without_a_header_have_to_be_told(tmp_path: Path) -> None:
    path = tmp_path / "fine.pth"
    path.write_bytes(archive({"weight": flow_weights(), "config": {}}))
    with pytest.raises(CheckpointError, match="does not say which") as caught:
        load_checkpoint(path)
    assert "--family v4" in caught.value.remedy
    assert load_checkpoint(path, family=Family.V4).family is Family.V4
    path.write_bytes(archive({"weight": flow_weights(), "config": {"model": {"version": "v4"}}}))
    assert load_checkpoint(path).family is Family.V4


def test_published_flow_bases_are_known_by_hash(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "s2Gv4.pth"
    path.write_bytes(archive({"weight": flow_weights(), "config": {}}))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr("voicepipe.model.checkpoints.families._KNOWN_BASES", {digest: Family.V4})
    assert load_checkpoint(path).family is Family.V4


@pytest.mark.parametrize(
    ("keys", "family"),
    [
        (("conv_pre.weight_v", "ups.0.weight_v"), Family.VOCODER_V4),
        (("conv_pre.weight_v", "activation_post.act.alpha"), Family.BIGVGAN),
        (("conv1.weight", "layer3_ds.weight"), Family.SPEAKER),
        (("feature_extractor.conv_layers.0.conv.weight",), Family.HUBERT),
        (("bert.embeddings.word_embeddings.weight",), Family.BERT),
    ],
)
@pytest.mark.parametrize("wrap", ["plain", "generator"])
def test_bare_state_dicts_are_known_by_a_landmark(
    tmp_path: Path, keys: tuple[str, ...], family: Family, wrap: str
) -> None:
    path = tmp_path / "model.bin"
    weights = {key: torch.ones(3) for key in keys}
    path.write_bytes(archive(weights if wrap == "plain" else {"generator": weights}))
    checkpoint = load_checkpoint(path)
    assert checkpoint.family is family
    assert checkpoint.config == {}
    assert not family.is_acoustic


LAYER = "estimator.transformer_blocks.0.attn.to_q"
UP = f"cfm.base_model.model.{LAYER}.lora_B.default.weight"


def lora_weights(rank: int = 2) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    prefix = f"cfm.base_model.model.{LAYER}"
    return {
        f"{prefix}.lora_A.default.weight": torch.randn(rank, 6, generator=generator),
        f"{prefix}.lora_B.default.weight": torch.randn(6, rank, generator=generator),
        "enc_p.text_embedding.weight": torch.full((732, 2), 3.0),
    }


@pytest.mark.parametrize(("code", "family"), [(b"03", Family.V3), (b"04", Family.V4)])
def test_a_lora_file_says_its_rank_and_merges_into_its_base(
    tmp_path: Path, code: bytes, family: Family
) -> None:
    path = tmp_path / "lora.pth"
    root = {"weight": lora_weights(), "config": {}, "info": "x", "lora_rank": 2}
    path.write_bytes(archive(root, code=code))
    checkpoint = load_checkpoint(path)
    assert (checkpoint.family, checkpoint.lora_rank, checkpoint.is_lora) == (family, 2, True)

    base = flow_weights()
    merged = merge_lora(base, checkpoint.tensors, rank=2, source=path)

    down = checkpoint.tensors[f"cfm.base_model.model.{LAYER}.lora_A.default.weight"]
    up = checkpoint.tensors[f"cfm.base_model.model.{LAYER}.lora_B.default.weight"]
    torch.testing.assert_close(merged[f"cfm.{LAYER}.weight"], 1.0 + up @ down)
    assert float(merged["enc_p.text_embedding.weight"][0, 0]) == 3.0
    assert merged.keys() == base.keys()
    assert float(base[f"cfm.{LAYER}.weight"][0, 0]) == 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop(UP), "other half"),
        (
            lambda w: w.update(
                {f"cfm.base_model.model.{LAYER}.lora_B.default.weight": torch.ones(6, 3)}
            ),
            "not of rank 2",
        ),
        (
            lambda w: w.update(
                {f"cfm.base_model.model.{LAYER}.lora_B.default.weight": torch.ones(5, 2)}
            ),
            r"is \(5, 6\)",
        ),
        (lambda w: w.update({"dec.bias": torch.ones(1)}), "the base does not have"),
    ],
)
def test_a_lora_that_does_not_fit_its_base_is_refused(
    tmp_path: Path, change: Any, message: str
) -> None:
    weights = lora_weights()
    change(weights)
    with pytest.raises(CheckpointError, match=message):
        merge_lora(flow_weights(), weights, rank=2, source=tmp_path / "l.pth")


@pytest.mark.parametrize("rank", [None, 0, "2", True, 3])
def test_a_lora_file_with_a_wrong_rank_is_refused(tmp_path: Path, rank: object) -> None:
    path = tmp_path / "lora.pth"
    path.write_bytes(archive({"weight": lora_weights(), "lora_rank": rank}, code=b"04"))
    with pytest.raises(CheckpointError, match="lora_rank is"):
        load_checkpoint(path)


def converted(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "model.safetensors"
    weights = {key.removeprefix("model."): value for key, value in semantic_weights().items()}
    save_file(weights, path)
    sidecar: dict[str, object] = {
        "schema": 1,
        "family": "semantic",
        "config": SEMANTIC_CONFIG,
        "info": "e1",
        "lora_rank": None,
        "source_sha256": "ab" * 32,
    }
    sidecar |= changes
    path.with_suffix(".json").write_text(json.dumps(sidecar))
    return path


def test_converted_weights_load_with_the_description_beside_them(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(converted(tmp_path))
    assert checkpoint.family is Family.SEMANTIC
    assert checkpoint.source_sha256 == "ab" * 32
    assert SemanticStage.from_checkpoint(checkpoint).config.n_layers == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "schema 1"),
        ({"family": "v9"}, "family is 'v9'"),
        ({"family": "v2"}, "said to be v2, but its weights are those of semantic"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(converted(tmp_path, **changes))


def test_converted_weights_without_a_readable_description_are_refused(tmp_path: Path) -> None:
    path = converted(tmp_path)
    sidecar = path.with_suffix(".json")
    sidecar.write_text("{nope")
    with pytest.raises(CheckpointError, match=r"model\.json:1:2: not JSON"):
        load_checkpoint(path)
    sidecar.write_text(" " * (1 << 21))
    with pytest.raises(CheckpointError, match="larger than"):
        load_checkpoint(path)
    sidecar.unlink()
    with pytest.raises(CheckpointError, match=r"its description model\.json is not beside it"):
        load_checkpoint(path)


def test_a_stage_refuses_the_other_half_of_the_pair(tmp_path: Path) -> None:
    path = tmp_path / "s2.pth"
    path.write_bytes(archive({"weight": acoustic_weights(), "config": {}}))
    with pytest.raises(CheckpointError, match="holds a v2 model, not a semantic one"):
        SemanticStage.from_checkpoint(load_checkpoint(path))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_layer": 3}, "lacks h.layers.2.linear1.bias, .* and 9 more"),
        ({"n_layer": 1}, "has no place for h.layers.1.linear1.bias"),
        (
            {"phoneme_vocab_size": 6},
            r"ar_text_embedding.* has shape \(5, 8\), and must have \(6, 8\)",
        ),
        ({"n_layer": "2"}, "config.model.n_layer is '2'"),
        ({"n_layer": 10**9}, "n_layers is 1000000000"),
        ({"n_layer": 60_000}, "names 60000 layers"),
        ({"head": 3}, "does not divide into 3 heads"),
        ({"EOS": 3}, "EOS is 3"),
        ({"embedding_dim": 4}, "embedding_dim 4 differs from hidden_dim 8"),
        ({"vocab_size": True}, "vocab_size is True"),
    ],
)
def test_a_configuration_that_its_weights_contradict_is_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    path = tmp_path / "s1.ckpt"
    config = {"model": SEMANTIC_CONFIG["model"] | changes}
    path.write_bytes(archive({"weight": semantic_weights(), "config": config}))
    with pytest.raises(CheckpointError, match=message) as caught:
        SemanticStage.from_checkpoint(load_checkpoint(path))
    assert str(path) in str(caught.value)


def test_a_semantic_file_without_a_configuration_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s1.ckpt"
    path.write_bytes(archive({"weight": semantic_weights(), "config": None}))
    with pytest.raises(CheckpointError, match="config has no table `model`"):
        SemanticStage.from_checkpoint(load_checkpoint(path))


def test_strict_loading_leaves_out_what_it_is_told_to(tmp_path: Path) -> None:
    module = torch.nn.Linear(2, 2)
    tensors = {
        "weight": torch.ones(2, 2).half(),
        "bias": torch.ones(2),
        "enc_q.pre.weight": torch.ones(1),
    }
    load_strictly(module, tensors, source=tmp_path, ignored_prefixes=("enc_q.",))
    assert module.weight.dtype == torch.float32
    with pytest.raises(CheckpointError, match=r"no place for enc_q\.pre\.weight"):
        load_strictly(module, tensors, source=tmp_path)


def test_a_header_that_its_weights_contradict_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s2.pth"
    path.write_bytes(archive({"weight": acoustic_weights(), "config": {}}, code=b"05"))
    with pytest.raises(CheckpointError, match="said to be v2Pro, but its weights are those of v2"):
        load_checkpoint(path)
    path.write_bytes(archive({"weight": flow_weights(), "config": {}}, code=b"02"))
    with pytest.raises(CheckpointError, match="said to be v4, but its header says v3"):
        load_checkpoint(path, family=Family.V4)

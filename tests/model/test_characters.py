"""Chinese characters in their line: our BERT, our reader, no network and no surprises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.encoders.bert import BertNetwork, BertSizes
from voicepipe.model.encoders.characters import (
    CharacterEncoder,
    load_character_encoder,
    utterance_features,
)
from voicepipe.text.frontend import utterance

CHARACTERS = "你终究还是选择了怀疑我本可以拯救所有人,.!?…-"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(CHARACTERS)]
WIDTH = 32


def network(layers: int = 2, width: int = WIDTH, positions: int = 64) -> BertNetwork:
    sizes = BertSizes(
        n_words=len(VOCABULARY),
        width=width,
        n_layers=layers,
        n_heads=2,
        feedforward_width=2 * width,
        n_positions=positions,
    )
    made = BertNetwork(sizes).requires_grad_(requires_grad=False).eval()
    rng = np.random.default_rng(3)
    for name, tensor in made.state_dict().items():
        if "LayerNorm" not in name:
            tensor.copy_(torch.from_numpy(0.1 * rng.standard_normal(tensor.shape)))
    return made


def encoder(**options: int) -> CharacterEncoder:
    rows = {token: row for row, token in enumerate(VOCABULARY)}
    return CharacterEncoder(network(**options), rows)


def write_folder(path: Path, *, layers: int = 4) -> Path:
    """A published folder; its last two layers are never read."""
    (path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    made = network(layers)
    (path / "config.json").write_text(
        json.dumps(
            {
                "model_type": "bert",
                "vocab_size": len(VOCABULARY),
                "hidden_size": WIDTH,
                "num_hidden_layers": layers,
                "num_attention_heads": 2,
                "intermediate_size": 2 * WIDTH,
                "max_position_embeddings": 64,
            }
        )
    )
    save_file(made.state_dict(), path / "model.safetensors")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("bert"))


def test_a_character_s_vector_stands_for_each_of_its_phonemes(folder: Path) -> None:
    said = utterance("你终究还是选择了怀疑,我本可以拯救所有人。", "zh")
    made = load_character_encoder(folder)
    vectors = made.encode_characters(said.normalized_text)
    expected = [vectors[i] for i, count in enumerate(said.word2ph) for _ in range(count)]
    torch.testing.assert_close(utterance_features(said, made), torch.stack(expected))


@pytest.mark.slow
def test_vectors_are_the_library_s_third_last_hidden_layer_to_the_bit(folder: Path) -> None:
    from transformers import BertModel, BertTokenizer

    characters = "你终究还是选择了怀疑我本可以拯救所有人"
    model: Any = BertModel.from_pretrained(folder, add_pooling_layer=False)
    tokenizer: Any = BertTokenizer(str(folder / "vocab.txt"))
    batch = tokenizer(characters, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**batch, output_hidden_states=True).hidden_states
    expected = hidden[-3][0, 1:-1]
    assert torch.equal(load_character_encoder(folder).encode_characters(characters), expected)
    with shapes_only():
        ours = BertNetwork(BertSizes.from_config(model.config.to_dict()))
    assert list(ours.state_dict()) == list(model.state_dict())


@pytest.mark.parametrize("prefix", ["", "bert."])
def test_weights_of_any_age_are_read_and_what_only_training_had_is_left(
    folder: Path, tmp_path: Path, prefix: str
) -> None:
    for name in ("vocab.txt", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    older = {
        prefix
        + key.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for key, tensor in load_file(folder / "model.safetensors").items()
    }
    torch.save({**older, "cls.predictions.bias": torch.zeros(4)}, tmp_path / "pytorch_model.bin")
    found = load_character_encoder(tmp_path).encode_characters("你终")
    torch.testing.assert_close(found, load_character_encoder(folder).encode_characters("你终"))


def test_other_languages_and_respelled_words_have_zeros() -> None:
    said = utterance([("你终究hello", None), ("怀疑", "MAH-ree-oh"), ("我", None)], "zh")
    found = utterance_features(said, encoder())
    assert found.shape == (len(said.phonemes), WIDTH)
    start = 0
    for segment in said.segments:
        rows = found[start : start + len(segment.phonemes)]
        assert bool((rows != 0).any()) is segment.has_features
        start += len(segment.phonemes)


def test_an_unlisted_character_is_read_as_unknown() -> None:
    made = encoder()
    first, second = made.encode_characters("龘"), made.encode_characters("鱻")
    torch.testing.assert_close(first, second)


def test_a_line_beyond_the_network_s_reach_is_read_in_windows() -> None:
    made = encoder(positions=6)
    found = made.encode_characters("你终究还是选")
    assert found.shape == (6, WIDTH)
    torch.testing.assert_close(found[4:], made.encode_characters("是选"))


def test_without_an_encoder_only_lines_without_chinese_pass() -> None:
    found = utterance_features(utterance("hello there", "en"), None)
    assert found.shape == (len(utterance("hello there", "en").phonemes), 1024)
    assert not found.any()
    with pytest.raises(CheckpointError, match="你好"):
        utterance_features(utterance("你好", "zh"), None)


def test_a_silent_line_has_no_rows() -> None:
    assert utterance_features(utterance("", "zh"), encoder()).shape == (0, WIDTH)


def test_the_encoder_moves_and_stays_float32_outside() -> None:
    made = encoder().to("cpu", torch.bfloat16)
    assert made.width == WIDTH
    assert made.encode_characters("你").dtype is torch.float32


def test_a_full_width_network_gives_full_width_features() -> None:
    made = encoder(layers=1, width=1024)
    assert made.encode_characters("你终").shape == (2, 1024)


def test_a_shallow_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="2 layers"):
        load_character_encoder(write_folder(tmp_path, layers=2))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "roberta"}, "describes no BERT"),
        ({"hidden_act": "relu"}, "relu"),
        ({"hidden_size": 0}, "hidden_size must be a whole number"),
        ({"num_attention_heads": 5}, "5 heads do not divide"),
        ({"layer_norm_eps": "small"}, "layer_norm_eps"),
        ({"num_hidden_layers": 60_000}, "holds fewer"),
    ],
)
def test_a_configuration_that_makes_no_bert_is_refused(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    config = write_folder(tmp_path) / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    with pytest.raises(CheckpointError, match=rf"config\.json: .*{reason}"):
        load_character_encoder(tmp_path)


@pytest.mark.parametrize("rows", [{"[CLS]": 0, "[SEP]": 1}, dict.fromkeys(VOCABULARY, 999)])
def test_a_foreign_vocabulary_is_refused(rows: dict[str, int]) -> None:
    with pytest.raises(CheckpointError, match="vocabulary"):
        CharacterEncoder(network(), rows)


def test_a_missing_folder_is_an_environment_fault(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"vocab\.txt"):
        load_character_encoder(tmp_path)
    (tmp_path / "vocab.txt").write_text("[CLS]\n", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_character_encoder(tmp_path)


def test_missing_weights_are_never_made_up(folder: Path, tmp_path: Path) -> None:
    for name in ("vocab.txt", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.0.output.dense.weight"]
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"lacks encoder\.layer\.0\.output\.dense\.weight"):
        load_character_encoder(tmp_path)


def test_the_vocabulary_may_lie_inside_a_tokenizer(folder: Path, tmp_path: Path) -> None:
    for name in ("model.safetensors", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    rows = {token: row for row, token in enumerate(VOCABULARY)}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": rows}}), "utf-8")
    found = load_character_encoder(tmp_path).encode_characters("你终")
    torch.testing.assert_close(found, load_character_encoder(folder).encode_characters("你终"))


@pytest.mark.parametrize("text", ["not json", "{}", '{"model": {"vocab": {}}}'])
def test_a_tokenizer_without_a_vocabulary_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokenizer.json").write_text(text, "utf-8")
    with pytest.raises(CheckpointError, match="vocabulary"):
        load_character_encoder(tmp_path)

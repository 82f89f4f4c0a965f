from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from voicepipe.errors import CheckpointError
from voicepipe.text.features import (
    CharacterEncoder,
    load_character_encoder,
    utterance_features,
)
from voicepipe.text.frontend import utterance

CHARACTERS = "你终究还是选择了怀疑我本可以拯救所有人,.!?…-"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(CHARACTERS)]
WIDTH = 32


def network(layers: int = 4, width: int = WIDTH, positions: int = 64) -> Any:
    from transformers import BertConfig, BertModel

    torch.default_generator.manual_seed(3)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=positions,
    )
    made: Any = BertModel(config, add_pooling_layer=False)
    return made.eval()


def encoder(**options: int) -> CharacterEncoder:
    rows = {token: row for row, token in enumerate(VOCABULARY)}
    return CharacterEncoder(network(**options), rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bert")
    (path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    network().save_pretrained(path)
    return path


def test_features_are_the_third_last_hidden_layer_repeated_by_word2ph(folder: Path) -> None:
    from transformers import BertTokenizer

    said = utterance("你终究还是选择了怀疑,我本可以拯救所有人。", "zh")
    found = utterance_features(said, load_character_encoder(folder))
    tokenizer: Any = BertTokenizer(str(folder / "vocab.txt"))
    batch = tokenizer(said.normalized_text, return_tensors="pt")
    with torch.no_grad():
        hidden = network()(**batch, output_hidden_states=True).hidden_states[-3][0, 1:-1]
    expected = [hidden[i] for i, count in enumerate(said.word2ph) for _ in range(count)]
    torch.testing.assert_close(found, torch.stack(expected))


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
    made = encoder(layers=3, width=1024)
    assert made.encode_characters("你终").shape == (2, 1024)


def test_a_shallow_network_is_refused() -> None:
    with pytest.raises(CheckpointError, match="2 layers"):
        encoder(layers=2)


@pytest.mark.parametrize("rows", [{"[CLS]": 0, "[SEP]": 1}, dict.fromkeys(VOCABULARY, 999)])
def test_a_foreign_vocabulary_is_refused(rows: dict[str, int]) -> None:
    with pytest.raises(CheckpointError, match="vocabulary"):
        CharacterEncoder(network(), rows)


def test_a_missing_folder_is_an_environment_fault(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"vocab\.txt"):
        load_character_encoder(tmp_path)
    (tmp_path / "vocab.txt").write_text("[CLS]\n", encoding="utf-8")
    with pytest.raises(CheckpointError, match="not a BERT model"):
        load_character_encoder(tmp_path)


def test_missing_weights_are_never_made_up(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for name in ("vocab.txt", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.0.output.dense.weight"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"1 weights are missing.*layer\.0"):
        load_character_encoder(tmp_path)


def test_the_vocabulary_may_lie_inside_a_tokenizer(folder: Path, tmp_path: Path) -> None:
    import json

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

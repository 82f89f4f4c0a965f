"""A published BERT keeps its words inside its tokenizer; readers of plain lists find them too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import torch
from model_files import saved

from voicepipe.errors import CheckpointError
from voicepipe.model_store.importing import import_models
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.registry import find_published

if TYPE_CHECKING:
    from pathlib import Path

WORDS = {"[PAD]": 0, "[UNK]": 1, "你": 3, "好": 2, "##a": 4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "roberta"
    folder.mkdir()
    weights = {"bert.embeddings.word_embeddings.weight": torch.ones(5, 2)}
    (folder / "pytorch_model.bin").write_bytes(saved(weights))
    (folder / "config.json").write_text('{"model_type": "bert"}')
    return folder


def write_tokenizer(folder: Path, model: object) -> None:
    (folder / "tokenizer.json").write_text(json.dumps({"model": model}), encoding="utf-8")


def imported(folder: Path) -> Path:
    library = ModelLibrary(folder.parent)
    (model,) = import_models(library, folder)
    assert all(verdict.is_intact for verdict in library.verify())
    return library.folder / model.name


def test_the_words_are_written_out_in_the_order_of_their_ids(folder: Path) -> None:
    write_tokenizer(folder, {"type": "WordPiece", "vocab": WORDS})
    text = (imported(folder) / "vocab.txt").read_bytes().decode()
    assert text == "[PAD]\n[UNK]\n好\n你\n##a\n"


def test_a_list_that_is_there_is_kept(folder: Path) -> None:
    write_tokenizer(folder, {"type": "WordPiece", "vocab": WORDS})
    (folder / "vocab.txt").write_text("mine\n")
    assert (imported(folder) / "vocab.txt").read_text() == "mine\n"


@pytest.mark.parametrize("model", [None, {"type": "BPE", "vocab": {}}])
def test_other_tokenizers_have_no_such_list(folder: Path, model: object) -> None:
    write_tokenizer(folder, model)
    assert not (imported(folder) / "vocab.txt").exists()


@pytest.mark.parametrize(
    "words", [{"a": 0, "b": 2}, {"a": 0, "b": 0}, {"a": "x"}, ["a"], {"a\nb": 0}, None]
)
def test_a_vocabulary_with_gaps_is_refused(folder: Path, words: object) -> None:
    write_tokenizer(folder, {"type": "WordPiece", "vocab": words})
    with pytest.raises(CheckpointError, match=r"tokenizer\.json: its vocabulary has gaps"):
        import_models(ModelLibrary(folder.parent), folder)


def test_a_list_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "vocab.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(CheckpointError, match=r"vocab\.txt: not UTF-8"):
        import_models(ModelLibrary(folder.parent), folder)


def test_bert_is_another_name_of_roberta() -> None:
    assert find_published(["bert"]) == find_published(["roberta"])

"""What Chinese characters mean in their line: BERT vectors for the semantic stage.

The network is read from a local folder; nothing is ever downloaded. Other languages have no
features: their rows are zeros, as in training.

Source: Devlin et al., 2019; the third hidden layer from the end, one vector a character,
as RVC-Boss/GPT-SoVITS `TTS_infer_pack/TextPreprocessor.py` @48b1a01 takes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import torch

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import Family
from voicepipe.model.encoders.bert import BertNetwork, BertSizes
from voicepipe.model.encoders.published import read_sizes, read_weights, weights_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from voicepipe.text.records import SpokenSegment, Utterance

_SKIPPED_LAYERS = 2
"""Layers after the one whose output is used."""
_MARGIN = 2
"""Positions that [CLS] and [SEP] take."""
_MOST_VOCABULARY_BYTES = 1 << 24
_OLDER_NAMES = (("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias"))
_REMEDY = "voicepipe models pull roberta"


class CharacterEncoder:
    """A BERT that reads Chinese character by character.

    Holds weights and no other state; calls don't influence each other.
    """

    def __init__(self, network: BertNetwork, vocabulary: Mapping[str, int]) -> None:
        """Keep a network in inference mode.

        Args:
            network: Without the layers after the one that is used.
            vocabulary: Token → row of the network's word embedding.

        Raises:
            CheckpointError: The vocabulary does not fit the network.
        """
        rows = network.sizes.n_words
        missing = [token for token in ("[CLS]", "[SEP]", "[UNK]") if token not in vocabulary]
        if missing or max(vocabulary.values()) >= rows:
            raise CheckpointError(
                f"the vocabulary ({len(vocabulary)} tokens) does not belong to this BERT "
                f"({rows} rows){', and lacks ' + ', '.join(missing) if missing else ''}",
                remedy="give config.json, vocab.txt and weights of the same model",
            )
        self._network = network.eval()
        self._vocabulary = vocabulary
        self._window = network.sizes.n_positions - _MARGIN

    @property
    def width(self) -> int:
        """Numbers a feature: 1,024 for the model the checkpoints were trained with."""
        return self._network.sizes.width

    @property
    def weights(self) -> list[Tensor]:
        """Give the memory that processes can share, on a CPU."""
        return list(self._network.parameters())

    def to(self, device: str | torch.device, dtype: torch.dtype | None = None) -> CharacterEncoder:
        """Move the weights; returns the same encoder."""
        self._network.to(device=device, dtype=dtype)
        return self

    def encode_characters(self, characters: Sequence[str]) -> Tensor:
        """Encode characters in the company of each other.

        Args:
            characters: At least one. Beyond the network's reach (510), they are read in windows of
                that size that know nothing of each other.

        Returns:
            (characters, width), float32, on the CPU.
        """
        windows = [
            characters[start : start + self._window]
            for start in range(0, len(characters), self._window)
        ]
        return torch.cat([self._encode_window(window) for window in windows])

    @torch.inference_mode()
    def _encode_window(self, characters: Sequence[str]) -> Tensor:
        unknown = self._vocabulary["[UNK]"]
        inner = [self._vocabulary.get(character, unknown) for character in characters]
        ids = [self._vocabulary["[CLS]"], *inner, self._vocabulary["[SEP]"]]
        device = self._network.embeddings.word_embeddings.weight.device
        batch = torch.tensor([ids], device=device)
        hidden: Tensor = self._network(batch)
        return hidden[0, 1:-1].float().cpu()  # (1, characters + 2, width) -> (characters, width)


def utterance_features(utterance: Utterance, encoder: CharacterEncoder | None) -> Tensor:
    """Give every phoneme of an utterance its features.

    Args:
        utterance: Any language.
        encoder: None stands for zeros throughout, for a line without Chinese.

    Returns:
        (phonemes, width), float32, on the CPU: a character's vector for each of its phonemes,
        zeros for phonemes of other languages and of respelled words. Width is 1,024 without an
        encoder.

    Raises:
        CheckpointError: The line holds Chinese and there is no encoder.
    """
    if encoder is None:
        if any(segment.has_features for segment in utterance.segments):
            raise CheckpointError(
                f'Chinese needs the BERT model: "{utterance.text}"',
                remedy="voicepipe models pull roberta",
            )
        return torch.zeros(len(utterance.phonemes), 1024)
    rows = [_segment_features(segment, encoder) for segment in utterance.segments]
    return torch.cat(rows) if rows else torch.zeros(0, encoder.width)


def _segment_features(segment: SpokenSegment, encoder: CharacterEncoder) -> Tensor:
    if not segment.has_features or not segment.units:
        return torch.zeros(len(segment.phonemes), encoder.width)
    vectors = encoder.encode_characters(segment.units)  # (units, width)
    return vectors.repeat_interleave(torch.tensor(segment.word2ph), dim=0)


def load_character_encoder(folder: Path) -> CharacterEncoder:
    """Load a BERT from a local folder.

    Args:
        folder: Holds `config.json`, `vocab.txt` or `tokenizer.json`, and the weights, as
            `safetensors` or, read as tensors only, as `pytorch_model.bin`.

    Returns:
        An encoder in float32 on the CPU.

    Raises:
        CheckpointError: A file is missing or is not what it should be.
    """
    vocabulary = _read_vocabulary(folder)
    sizes = read_sizes(folder, BertSizes.from_config, fetch=_REMEDY, remedy=_REMEDY)
    if sizes.n_layers <= _SKIPPED_LAYERS:
        raise CheckpointError(
            f"{folder / 'config.json'}: a BERT of {sizes.n_layers} layers has no third-last one "
            "to read",
            remedy="give the folder of chinese-roberta-wwm-ext-large",
        )
    path = weights_file(folder)
    checkpoint = read_weights(path, Family.BERT, sizes.n_layers)
    with shapes_only():
        network = BertNetwork(replace(sizes, n_layers=sizes.n_layers - _SKIPPED_LAYERS))
    load_strictly(network, _renamed(checkpoint.tensors, network), source=path)
    return CharacterEncoder(network.requires_grad_(requires_grad=False), vocabulary)


def _renamed(tensors: Mapping[str, Tensor], network: BertNetwork) -> dict[str, Tensor]:
    """Give what the network takes of a file, by today's names.

    Published files also hold heads that training had, and layers after the one that is read.
    """
    wanted = network.state_dict()
    found: dict[str, Tensor] = {}
    for key, value in tensors.items():
        name = key.removeprefix("bert.")
        for old, new in _OLDER_NAMES:
            name = name.removesuffix(old) + new if name.endswith(old) else name
        if name in wanted:
            found[name] = value
    return found


def _read_vocabulary(folder: Path) -> dict[str, int]:
    """Read `vocab.txt`, or the vocabulary inside `tokenizer.json`."""
    path = folder / "vocab.txt"
    if not path.is_file() and (folder / "tokenizer.json").is_file():
        path = folder / "tokenizer.json"
    try:
        if path.stat().st_size > _MOST_VOCABULARY_BYTES:
            raise CheckpointError(f"{path}: too large for a vocabulary")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointError(
            f"{path}: the vocabulary cannot be read: {error}",
            remedy="voicepipe models pull roberta",
        ) from error
    if path.suffix == ".json":
        return _vocabulary_of_tokenizer(path, text)
    tokens = text.split("\n")
    return {token.rstrip("\r"): row for row, token in enumerate(tokens) if token.strip()}


def _vocabulary_of_tokenizer(path: Path, text: str) -> dict[str, int]:
    try:
        found = orjson.loads(text)["model"]["vocab"].items()
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: holds no vocabulary", remedy="voicepipe models pull roberta"
        ) from error
    words = {token: row for token, row in found if isinstance(row, int) and row >= 0}
    if not words:
        raise CheckpointError(f"{path}: its vocabulary is empty")
    return words

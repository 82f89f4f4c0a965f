"""What a checkpoint is, and the dimensions of its semantic stage.

Below this file nothing asks for a version: a family is a set of dimensions,
and the dimensions are read from the checkpoint itself. This module knows no
tensors and imports no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

BERT_WIDTH: Final = 1024
"""Width of the linguistic features: the hidden size of the Chinese RoBERTa large model."""


class Family(str, Enum):
    """The kinds of weight files there are."""

    SEMANTIC = "semantic"
    V1 = "v1"
    V2 = "v2"
    V2_PRO = "v2Pro"
    V2_PRO_PLUS = "v2ProPlus"
    V3 = "v3"
    V4 = "v4"
    TINY = "tiny"
    SPEAKER = "speaker"
    BIGVGAN = "bigvgan"
    VOCODER_V4 = "vocoder_v4"
    HUBERT = "hubert"
    PHONETIC = "phonetic"
    RECOGNISER = "recogniser"
    """Hears phonemes in semantic tokens."""
    BERT = "bert"
    DISCRIMINATOR = "discriminator"
    """Critics, which only training needs (upstream's s2D files)."""
    WHISPER = "whisper"
    """Recognisers in CTranslate2's form, which are kept as they are."""

    @property
    def is_acoustic(self) -> bool:
        """Whether files of this family turn semantic tokens into sound."""
        return self in ACOUSTIC_FAMILIES


ACOUSTIC_FAMILIES: Final = frozenset(
    {
        Family.V1,
        Family.V2,
        Family.V2_PRO,
        Family.V2_PRO_PLUS,
        Family.V3,
        Family.V4,
        Family.TINY,
    }
)

CONTENT_FAMILIES: Final = frozenset({Family.HUBERT, Family.PHONETIC})
"""Encoders that hear what is said in a reference clip."""

HEADER_FAMILIES: Final[Mapping[bytes, tuple[Family, bool]]] = MappingProxyType(
    {
        b"00": (Family.V1, False),
        b"01": (Family.V2, False),
        b"02": (Family.V3, False),
        b"03": (Family.V3, True),
        b"04": (Family.V4, True),
        b"05": (Family.V2_PRO, False),
        b"06": (Family.V2_PRO_PLUS, False),
    }
)
"""Two bytes that newer acoustic files carry in place of the zip magic: family, and whether LoRA.

Source: RVC-Boss/GPT-SoVITS `process_ckpt.py` @48b1a01.
"""


class ConfigError(ValueError):
    """A checkpoint's configuration lacks a number, or holds one that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticConfig:
    """The dimensions of one text-to-semantic transformer.

    Source: RVC-Boss/GPT-SoVITS `AR/models/t2s_model.py` @48b1a01, `config["model"]`.
    """

    n_layers: int
    """Post-norm transformer layers."""
    width: int
    """Hidden width, the same for embeddings and layers."""
    n_heads: int
    feedforward_width: int
    vocabulary_size: int
    """Semantic tokens, end of speech included."""
    phoneme_vocabulary_size: int
    eos_id: int
    """End of speech: always the last entry of the vocabulary."""
    bert_width: int = BERT_WIDTH

    def __post_init__(self) -> None:
        for name in ("n_layers", "width", "n_heads", "feedforward_width", "vocabulary_size"):
            _require_range(name, getattr(self, name), 1, 65_536)
        _require_range("phoneme_vocabulary_size", self.phoneme_vocabulary_size, 1, 65_536)
        _require_range("bert_width", self.bert_width, 1, 65_536)
        if self.width % (2 * self.n_heads):
            # Sine positions come in pairs, and every head has the same even width.
            msg = f"width {self.width} does not divide into {self.n_heads} heads of even width"
            raise ConfigError(msg)
        if self.eos_id != self.vocabulary_size - 1:
            msg = (
                f"EOS is {self.eos_id}, but must be the last of {self.vocabulary_size} tokens "
                f"({self.vocabulary_size - 1})"
            )
            raise ConfigError(msg)

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.width // self.n_heads

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> SemanticConfig:
        """Read the dimensions from the `config` entry of a semantic checkpoint.

        Args:
            config: The whole entry; only its `model` table is read. `linear_units` is ignored,
                because the reference builds its feed-forward four times as wide as its layers.

        Raises:
            ConfigError: A number is missing, of the wrong type or out of range.
        """
        model = config.get("model")
        if not isinstance(model, Mapping):
            msg = "config has no table `model`"
            raise ConfigError(msg)
        width = _integer(model, "hidden_dim")
        embedding = _integer(model, "embedding_dim")
        if embedding != width:
            msg = f"embedding_dim {embedding} differs from hidden_dim {width}"
            raise ConfigError(msg)
        return cls(
            n_layers=_integer(model, "n_layer"),
            width=width,
            n_heads=_integer(model, "head"),
            feedforward_width=4 * width,
            vocabulary_size=_integer(model, "vocab_size"),
            phoneme_vocabulary_size=_integer(model, "phoneme_vocab_size"),
            eos_id=_integer(model, "EOS"),
            bert_width=_integer(model, "bert_dim") if "bert_dim" in model else BERT_WIDTH,
        )


def _integer(table: Mapping[str, Any], key: str) -> int:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"config.model.{key} is {value!r}, and must be a whole number"
        raise ConfigError(msg)
    return value


def _require_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        msg = f"{name} is {value}, and must lie between {low} and {high}"
        raise ConfigError(msg)

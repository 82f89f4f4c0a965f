"""How large formula models are: every family at full size, as tables (torch-free).

Numbers are those of the published checkpoints' own configurations; what those leave to the tensors
is in `acoustic_shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError
from voicepipe.model.config import ACOUSTIC_FAMILIES, Family

if TYPE_CHECKING:
    from collections.abc import Mapping

EOS_GAIN: Final = 8.0
LORA_RANK: Final = 32
"""What the community's fine-tunes of v3 and v4 use unless told otherwise."""
PRO_FAMILIES: Final = frozenset({Family.V2_PRO, Family.V2_PRO_PLUS})
FLOW_FAMILIES: Final = frozenset({Family.V3, Family.V4})

_N_LAYERS = 4
_HUBERT_DEPTH, _BERT_DEPTH = 12, 24
_STYLE_BINS, _STYLE_INNER = 704, 128
_STYLE_BINS_V1 = 1025
_SPEAKER_STEM = 64
_SPEAKER_WIDTH_PER_STEM = 320
_SYMBOLS = {Family.V1: 322}
_SYMBOLS_LATER = 732
_SEMANTIC_SYMBOLS = {Family.V1: 512}
_FLOW_MARK = "cfm.estimator.proj_out.weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaSizes:
    """How large a family's formula models are."""

    family: Family = Family.V2
    semantic: Mapping[str, Any]
    """A semantic checkpoint's configuration."""
    acoustic: Mapping[str, Any]
    """An acoustic checkpoint's configuration."""
    acoustic_shapes: Mapping[str, tuple[int, ...]]
    """What the configuration leaves to the tensors: style, symbols, and what marks a family."""
    hubert: Mapping[str, Any]
    """What differs from HuBERT base."""
    bert: Mapping[str, Any]
    """What differs from BERT large; the vocabulary is every common Chinese character."""
    eos_gain: float
    speaker_stem: int = _SPEAKER_STEM
    """Channels that every width of the speaker model follows from; Pro families only."""
    lora_rank: int | None = None
    """Make a LoRA of this rank beside its base; v3 and v4 only."""


def formula_sizes(family: str, *, is_lora: bool = False, is_deep: bool = False) -> FormulaSizes:
    """Give a family's sizes: the pair and its companions full, HuBERT and BERT at full width.

    Args:
        family: As `Family` spells it, in any case.
        is_lora: The voice is a LoRA over the family's base.
        is_deep: All layers of HuBERT (12) and BERT (24), in place of four each.

    Raises:
        UsageError: There is no such family, or it has no LoRA.
    """
    published = ACOUSTIC_FAMILIES - {Family.TINY}
    known = {member.value.lower(): member for member in Family if member in published}
    found = known.get(family.lower())
    if found is None:
        raise UsageError(
            f'there are no formula models of "{family}"{did_you_mean(family.lower(), known)}',
            remedy=f"families are {', '.join(member.value for member in known.values())}",
        )
    if is_lora and found not in FLOW_FAMILIES:
        raise UsageError(
            f"fine-tunes of {found.value} are whole files, not LoRAs", remedy="use v3 or v4"
        )
    style_width = 1024 if found in PRO_FAMILIES else 512
    return FormulaSizes(
        family=found,
        semantic=_semantic(_SEMANTIC_SYMBOLS.get(found, _SYMBOLS_LATER)),
        acoustic=_acoustic(found, style_width),
        acoustic_shapes=acoustic_shapes(found, style_width=style_width),
        hubert={"num_hidden_layers": _HUBERT_DEPTH if is_deep else _N_LAYERS},
        bert={"num_hidden_layers": _BERT_DEPTH if is_deep else _N_LAYERS},
        eos_gain=EOS_GAIN,
        lora_rank=LORA_RANK if is_lora else None,
    )


def acoustic_shapes(
    family: Family, *, style_width: int, width: int = 192, speaker_stem: int = _SPEAKER_STEM
) -> dict[str, tuple[int, ...]]:
    """Give the shapes that tell a family's files apart.

    Args:
        family: An acoustic one.
        style_width: Of the style embedding.
        width: Of the encoders.
        speaker_stem: Of the speaker model beside it.
    """
    bins = _STYLE_BINS_V1 if family is Family.V1 else _STYLE_BINS
    shapes: dict[str, tuple[int, ...]] = {
        "ref_enc.spectral.0.fc.weight": (_STYLE_INNER, bins),
        "ref_enc.fc.fc.weight": (style_width, _STYLE_INNER),
        "enc_p.text_embedding.weight": (_SYMBOLS.get(family, _SYMBOLS_LATER), width),
    }
    if family in PRO_FAMILIES:
        shapes["sv_emb.weight"] = (style_width, _SPEAKER_WIDTH_PER_STEM * speaker_stem)
    if family in FLOW_FAMILIES:
        shapes[_FLOW_MARK] = (100, 1024)
    return shapes


def _semantic(n_symbols: int) -> dict[str, Any]:
    return {
        "model": {
            "vocab_size": 1025,
            "phoneme_vocab_size": n_symbols,
            "embedding_dim": 512,
            "hidden_dim": 512,
            "head": 16,
            "linear_units": 2048,
            "n_layer": 24,
            "dropout": 0,
            "EOS": 1024,
        }
    }


def _acoustic(family: Family, style_width: int) -> dict[str, Any]:
    is_wide = family is Family.V2_PRO_PLUS
    return {
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
            "upsample_kernel_sizes": [20 if is_wide else 16, 16, 8, 2, 2],
            "upsample_initial_channel": 768 if is_wide else 512,
            "gin_channels": style_width,
            "version": family.value,
        },
        "data": {
            "sampling_rate": 32_000,
            "filter_length": 2048,
            "hop_length": 640,
            "win_length": 2048,
        },
    }


V2_SIZES: Final = formula_sizes("v2")
"""The pair at full size, HuBERT and BERT at full width."""
TINY_SIZES: Final = FormulaSizes(
    semantic={
        "model": {
            "vocab_size": 1025,
            "phoneme_vocab_size": _SYMBOLS_LATER,
            "embedding_dim": 32,
            "hidden_dim": 32,
            "head": 4,
            "n_layer": 2,
            "EOS": 1024,
        }
    },
    acoustic={
        "model": {
            "inter_channels": 8,
            "hidden_channels": 16,
            "filter_channels": 32,
            "n_heads": 2,
            "n_layers": 2,
            "kernel_size": 3,
            "resblock": "1",
            "resblock_kernel_sizes": [3, 5],
            "resblock_dilation_sizes": [[1, 3], [1, 2]],
            "upsample_rates": [10, 8, 8],
            "upsample_kernel_sizes": [16, 16, 8],
            "upsample_initial_channel": 32,
            "gin_channels": 512,
        },
        "data": {
            "sampling_rate": 32_000,
            "filter_length": 2048,
            "hop_length": 640,
            "win_length": 2048,
        },
    },
    acoustic_shapes=acoustic_shapes(Family.V2, style_width=512, width=16),
    hubert={"num_hidden_layers": 1, "intermediate_size": 32, "conv_dim": [16] * 7},
    bert={"num_hidden_layers": 3, "intermediate_size": 32},
    eos_gain=3.0,
)
"""A hundredth of the pair: everything works as at full size, in no time."""

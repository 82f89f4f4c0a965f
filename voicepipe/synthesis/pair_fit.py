"""Whether the two halves of a voice were taught the same symbols, tokens and features (torch-free).

Each half loads alone, and a pair of unlike halves speaks fluent nonsense; so their headers are
compared before anything does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.model.config import Family

if TYPE_CHECKING:
    from voicepipe.model_store.describe import ModelFacts

_LATER_SYMBOLS: Final = 732
"""Rows of the phoneme embedding of every semantic stage since v2; that of v1 has 512."""
_PHONEMES = "ar_text_embedding.word_embeddings.weight"
_TOKENS = "ar_predict_layer.weight"
_FEATURES = "bert_proj.weight"
_CODEBOOK = "quantizer.vq.layers.0._codebook.embed"


def pair_problem(gpt: ModelFacts, sovits: ModelFacts, family: Family) -> str:
    """Say why a semantic and an acoustic file do not belong together; empty if they may.

    Args:
        gpt: Header of the semantic file.
        sovits: Header of the acoustic file, which as a LoRA lacks what its base has.
        family: Of the acoustic file.
    """
    first = {tensor.key: tensor.shape for tensor in gpt.tensors}
    second = {tensor.key: tensor.shape for tensor in sovits.tensors}
    if not {_PHONEMES, _TOKENS, _FEATURES} <= set(first):
        return ""  # no semantic file; loading it says what it lacks
    n_symbols, n_tokens = first[_PHONEMES][0], first[_TOKENS][0] - 1
    if (n_symbols < _LATER_SYMBOLS) != (family is Family.V1):
        table = "v1" if n_symbols < _LATER_SYMBOLS else "v2"
        return f"reads {n_symbols} phonemes, the table of {table}, and the other is {family.value}"
    n_codes = second[_CODEBOOK][0] if _CODEBOOK in second else n_tokens
    if n_tokens != n_codes:
        return f"writes {n_tokens} kinds of token, and the other reads {n_codes}"
    reads_characters = first[_FEATURES][-1] > 1
    if reads_characters != (family is not Family.TINY):
        kind = "a published family" if reads_characters else "the family tiny"
        return f"is of {kind}, and the other is {family.value}"
    return ""

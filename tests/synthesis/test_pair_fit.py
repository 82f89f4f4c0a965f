"""Halves that were not taught alike are refused before anything speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicepipe.formula_models.families import adopt_formula_pair
from voicepipe.model.checkpoints.safetensors_header import TensorFacts
from voicepipe.model.config import Family
from voicepipe.model_store.describe import ModelFacts
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.project import load_project
from voicepipe.synthesis.pair_fit import pair_problem

if TYPE_CHECKING:
    from pathlib import Path


def header(**shapes: tuple[int, ...]) -> ModelFacts:
    names = {
        "phonemes": "ar_text_embedding.word_embeddings.weight",
        "tokens": "ar_predict_layer.weight",
        "features": "bert_proj.weight",
        "codes": "quantizer.vq.layers.0._codebook.embed",
    }
    tensors = tuple(
        TensorFacts(key=names[name], shape=shape, dtype="F16") for name, shape in shapes.items()
    )
    return ModelFacts(
        family="", lora_rank=None, info="", source="", source_sha256="", config={}, tensors=tensors
    )


def gpt(*, phonemes: int = 732, tokens: int = 1025, features: int = 1024) -> ModelFacts:
    return header(phonemes=(phonemes, 8), tokens=(tokens, 8), features=(8, features))


SOVITS = header(codes=(1024, 8))
LORA = header()


@pytest.mark.parametrize(
    ("semantic", "acoustic", "family", "problem"),
    [
        (gpt(), SOVITS, Family.V2, ""),
        (gpt(), LORA, Family.V4, ""),
        (gpt(phonemes=512), SOVITS, Family.V1, ""),
        (gpt(features=1), SOVITS, Family.TINY, ""),
        (gpt(), SOVITS, Family.V1, "reads 732 phonemes, the table of v2, and the other is v1"),
        (gpt(phonemes=512), SOVITS, Family.V2_PRO, "reads 512 phonemes, the table of v1"),
        (gpt(features=1), SOVITS, Family.V2, "is of the family tiny, and the other is v2"),
        (gpt(), SOVITS, Family.TINY, "is of a published family, and the other is tiny"),
        (gpt(tokens=513), SOVITS, Family.V2, "writes 512 kinds of token, and the other reads 1024"),
    ],
)
def test_halves_go_together_only_when_they_were_taught_alike(
    semantic: ModelFacts, acoustic: ModelFacts, family: Family, problem: str
) -> None:
    found = pair_problem(semantic, acoustic, family)
    assert found.startswith(problem)
    assert bool(found) == bool(problem)


def test_a_voice_of_unlike_halves_is_refused_before_it_speaks(tiny: Path) -> None:
    from tiny_families import tiny_sizes

    adopt_formula_pair(ModelLibrary(tiny), tiny_sizes(Family.V1))
    voice = tiny / "voices" / "noah.yaml"
    text = voice.read_text("utf-8").replace("sovits: formula-sovits", "sovits: formula-sovits-v1")
    voice.write_text(text, "utf-8")
    found = [d for d in load_project(tiny).diagnostics if d.code == "VP615"]
    assert [d.message for d in found] == [
        'voice "noah": gpt "formula-gpt" does not go with sovits "formula-sovits-v1": '
        "it reads 732 phonemes, the table of v2, and the other is v1"
    ]

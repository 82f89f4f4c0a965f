"""The smallest family through the engine: its own ears, its own generator, and no BERT."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from smallest_settings import SETTINGS
from tiny_voice import requests_of, write_clip

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.model.acoustic_config import read_acoustic_config
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.gpt import SemanticStage
from voicepipe.model.phonetic import PhoneticEncoder
from voicepipe.model.sovits import build_network
from voicepipe.models.library import ModelLibrary
from voicepipe.models.lock import Source, Trust
from voicepipe.pipeline.project import load_project

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

WIDTH, CODES, STYLE = 24, 32, 12
LANDMARKS = {
    "ref_enc.spectral.0.fc.weight": (128, 300),
    "ref_enc.fc.fc.weight": (STYLE, 128),
    "enc_p.text_embedding.weight": (732, 16),
    "enc_p.mrte.c_pre.weight": (STYLE, 16, 1),
    "ssl_proj.weight": (WIDTH, WIDTH, 2),
    "quantizer.vq.layers.0._codebook.embed": (CODES, WIDTH),
    "dec.conv_pre.weight": (16, 8, 7),
    "dec.cond.weight": (16, STYLE, 1),
    "dec.slow.0.norm.weight": (16,),
    "dec.fast.0.norm.weight": (16,),
    "dec.envelope.weight": (40, 16, 1),
}
SEMANTIC = {
    "model": {
        "hidden_dim": 16,
        "embedding_dim": 16,
        "n_layer": 2,
        "head": 2,
        "vocab_size": CODES + 1,
        "phoneme_vocab_size": 732,
        "EOS": CODES,
        "bert_dim": 1,
    }
}
VOICE = """\
engine: gpt-sovits
model: {gpt: tiny-gpt, sovits: tiny-sovits}
clips:
  - {path: voices/calm.wav, transcript: 我们已经没有时间了。, language: zh}
sampling: {fastest: 10000, slowest: 0.1, top_k: 33}
consent:
  {id: f, kind: synthetic, who: A formula, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_010, who: noah, text: {en: "Good evening, everyone.", zh: "舱门打开了。"}}
    - goto: END
"""


def _random(network: nn.Module) -> dict[str, Tensor]:
    chance = torch.Generator().manual_seed(3)
    weights = {
        name: torch.randn(value.shape, generator=chance) * (0.3 if value.dim() > 1 else 0.1)
        for name, value in network.state_dict().items()
    }
    if "ar_predict_layer.weight" in weights:  # every token is as likely as the end
        weights["ar_predict_layer.weight"].zero_()
    return weights


def _adopt(
    library: ModelLibrary, name: str, family: Family, network: nn.Module, config: object
) -> None:
    built = library.prepare(name)
    save_file(_random(network), built / "model.safetensors", metadata={"format": "pt"})
    description = {
        "schema": 1,
        "family": family.value,
        "lora_rank": None,
        "info": "",
        "source": name,
        "source_sha256": "",
        "config": config,
    }
    (built / "model.json").write_text(json.dumps(description), "utf-8")
    source = Source(file=name, sha256="0" * 64, trust=Trust.LOCAL)
    library.adopt(name, built, family=family.value, lora_rank=None, source=source)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A voice of the family that speaks English and Chinese."""
    library = ModelLibrary(tmp_path)
    acoustic = build_network(read_acoustic_config(SETTINGS, LANDMARKS))
    _adopt(library, "tiny-sovits", Family.TINY, acoustic, SETTINGS)
    stage = SemanticStage(SemanticConfig.from_mapping(SEMANTIC))
    _adopt(library, "tiny-gpt", Family.SEMANTIC, stage, SEMANTIC)
    _adopt(library, "tiny-content", Family.PHONETIC, PhoneticEncoder(WIDTH, 2), {})
    for folder in ("voices", "scripts_in"):
        (tmp_path / folder).mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en, zh]\n", "utf-8")
    (tmp_path / "voices" / "noah.yaml").write_text(VOICE, "utf-8")
    (tmp_path / "scripts_in" / "hall.yaml").write_text(SCRIPT, "utf-8")
    write_clip(tmp_path / "voices" / "calm.wav", 110.0)
    return tmp_path


def test_chinese_needs_no_bert(project: Path) -> None:
    found = load_project(project)
    found.require_sound()
    for request in requests_of(project):
        assert set(request.inputs["model"]) == {"gpt", "sovits", "hubert"}  # type: ignore[arg-type]


def test_it_draws_in_its_own_way_where_the_voice_is_silent(project: Path) -> None:
    for request in requests_of(project):
        sampling: Any = request.inputs["sampling"]
        assert sampling["repetition_penalty"] == 1.0
        assert sampling["temperature"] == 0.5
        assert sampling["top_k"] == 33


def test_lines_of_both_languages_are_spoken(project: Path) -> None:
    renderer = GptSovitsRenderer(project, project / "out", "cpu")
    outcomes = list(renderer.render(requests_of(project)))
    renderer.close()
    assert len(outcomes) == 2
    for outcome in outcomes:
        assert outcome.clip is not None, outcome.error
        assert outcome.clip.sample_rate == 24_000
        assert outcome.clip.duration_s > 0.4
        assert np.isfinite(outcome.clip.samples).all()

"""Files of every family with their real keys and shapes, and one short line through each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from golden_vectors import keys
from tiny_voice import requests_of, write_clip

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.formula_models.families import acoustic_rows, adopt_formula_models, lora_rows
from voicepipe.formula_models.sizes import LORA_RANK, formula_sizes
from voicepipe.model_store.library import ModelLibrary

RATES = {"v1": 32_000, "v2Pro": 32_000, "v2ProPlus": 32_000, "v3": 24_000, "v4": 48_000}
VOICE = """\
engine: gpt-sovits
model: {MODELS}
clips: [{path: voices/calm.wav, transcript: We have no time left., language: en}]
sampling: {fastest: 10000, n_steps: 2}
consent: {id: f, kind: synthetic, who: Formula, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_0010, who: noah, text: {en: We are late.}}
    - goto: END
"""


@pytest.mark.parity
@pytest.mark.parametrize("family", ["v1", "v2", "v2Pro", "v2ProPlus", "v3", "v4"])
def test_files_hold_the_keys_of_published_bases(family: str) -> None:
    real = {key: (shape, kind) for key, shape, kind in keys(family, "s2_keys.json")}
    made = {key: (shape, kind) for key, shape, kind in acoustic_rows(formula_sizes(family))}
    assert made == real


@pytest.mark.parametrize("family", ["v3", "v4"])
def test_a_lora_holds_pairs_and_what_stays_unfrozen(family: str) -> None:
    rows = {key: shape for key, shape, _ in lora_rows(formula_sizes(family, is_lora=True))}
    halves = [key for key in rows if ".lora_A.default." in key]
    # 22 blocks, each with query, key, value and output.
    assert len(halves) == 22 * 4
    assert all(rows[key][0] == LORA_RANK for key in halves)
    assert all(rows[key.replace("lora_A", "lora_B")][1] == LORA_RANK for key in halves)
    assert {key.split(".")[0] for key in rows} == {
        "ref_enc",
        "bridge",
        "wns1",
        "linear_mel",
        "quantizer",
        "cfm",
    }
    assert "enc_p.text_embedding.weight" not in rows


@pytest.mark.slow
@pytest.mark.parametrize("voice", ["v1", "v2Pro", "v2ProPlus", "v3", "v4-lora"])
def test_a_short_line_sounds_at_full_size(tmp_path: Path, voice: str) -> None:
    family = voice.removesuffix("-lora")
    sizes = formula_sizes(family, is_lora=voice != family)
    models = adopt_formula_models(ModelLibrary(tmp_path), sizes)
    table = ", ".join(f"{role}: {model.name}" for role, model in models.items())
    (tmp_path / "voices").mkdir()
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    (tmp_path / "voices" / "noah.yaml").write_text(VOICE.replace("MODELS", f"{table}"), "utf-8")
    write_clip(tmp_path / "voices" / "calm.wav", 110.0)
    (tmp_path / "scripts_in" / "hall.yaml").write_text(SCRIPT, "utf-8")
    renderer = GptSovitsRenderer(tmp_path, tmp_path / "out", "cpu")
    (outcome,) = renderer.render(requests_of(tmp_path))
    assert outcome.clip is not None, outcome.error
    assert outcome.clip.sample_rate == RATES[family]
    assert 0.4 < outcome.clip.duration_s < 5
    assert np.isfinite(outcome.clip.samples).all()
    assert 0.01 < np.abs(outcome.clip.samples).max() <= 1.0

"""Every family at a hundredth of its size in one project: a voice each, and one line a voice."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tiny_decoders import mel_decoder
from tiny_voice import TINY, write_clip

from voicepipe.formula_models.families import adopt_acoustic_models, adopt_formula_models
from voicepipe.formula_models.sizes import acoustic_shapes
from voicepipe.model.acoustic import config
from voicepipe.model.config import Family
from voicepipe.model.encoders.speaker import SpeakerEncoder
from voicepipe.model_store.library import ModelLibrary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from voicepipe.formula_models.sizes import FormulaSizes
    from voicepipe.model_store.lock import LockedModel

STEM = 8
FLOW = (Family.V3, Family.V4)
RATES = {
    "v1": 32_000,
    "v2": 32_000,
    "v2pro": 32_000,
    "v3": 24_000,
    "v4": 48_000,
    "v3_lora": 24_000,
    "v4_lora": 48_000,
}
"""Voice to sample rate."""
TEXT = "Good evening, everyone, the doors are open."

_VOICE = """\
engine: gpt-sovits
model: {{{models}}}
clips: [{{path: voices/calm.wav, transcript: We have no time left., language: en}}]
sampling: {{fastest: 10000, slowest: 5, n_steps: 2}}
consent:
  {{id: f, kind: synthetic, who: A formula, scope: ["*"], languages: ["*"], from: 2020-01-01}}
"""


def tiny_sizes(family: Family, *, lora_rank: int | None = None) -> FormulaSizes:
    """A family's sizes, cut."""
    style_width = 1024 if family is Family.V2_PRO else 512
    model: dict[str, Any] = {**TINY.acoustic["model"], "gin_channels": style_width}
    semantic = TINY.semantic
    if family is Family.V1:
        semantic = {"model": {**semantic["model"], "phoneme_vocab_size": 512}}
    return replace(
        TINY,
        family=family,
        semantic=semantic,
        acoustic={**TINY.acoustic, "model": model},
        acoustic_shapes=acoustic_shapes(
            family, style_width=style_width, width=16, speaker_stem=STEM
        ),
        speaker_stem=STEM,
        lora_rank=lora_rank,
    )


@contextmanager
def small_parts() -> Iterator[None]:
    """Files of v3, v4 and the speaker model do not say how large they are; the code does."""
    decoders = {family: mel_decoder(family) for family in FLOW}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "_MEL_DECODERS", decoders)
        small = partial(SpeakerEncoder, STEM)
        patch.setattr("voicepipe.model.acoustic.loading.SpeakerEncoder", small)
        yield


def write_families(root: Path) -> None:
    """Models, voices and lines; to be called under `small_parts`."""
    library = ModelLibrary(root)
    shared = adopt_formula_models(library, TINY)
    early = adopt_formula_models(library, tiny_sizes(Family.V1))
    made: dict[str, Mapping[str, LockedModel]] = {"v2": shared, "v1": early}
    made["v2pro"] = shared | adopt_acoustic_models(library, tiny_sizes(Family.V2_PRO))
    for family in FLOW:
        made[family.value] = shared | adopt_acoustic_models(library, tiny_sizes(family))
        lora = adopt_acoustic_models(library, tiny_sizes(family, lora_rank=2))
        made[f"{family.value}_lora"] = shared | lora
    (root / "voices").mkdir(parents=True)
    (root / "scripts_in").mkdir()
    (root / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    write_clip(root / "voices" / "calm.wav", 110.0)
    rows = []
    for number, (voice, models) in enumerate(sorted(made.items())):
        table = ", ".join(f"{role}: {model.name}" for role, model in models.items())
        (root / "voices" / f"{voice}.yaml").write_text(_VOICE.format(models=table), "utf-8")
        rows.append(f'    - {{line: hall_{number}0, who: {voice}, text: {{en: "{TEXT}"}}}}\n')
    script = "scene: hall\nnodes:\n  door:\n" + "".join(rows) + "    - goto: END\n"
    (root / "scripts_in" / "hall.yaml").write_text(script, "utf-8")

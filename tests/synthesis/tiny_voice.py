"""A whole project whose models are a hundredth of their size, with weights from the formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from voicepipe.formula_models.families import adopt_formula_models
from voicepipe.formula_models.sizes import TINY_SIZES
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.project import load_project

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.formula_models.sizes import FormulaSizes
    from voicepipe.synthesis.request import SynthesisRequest

TINY = TINY_SIZES
SETTINGS = "bank: small\nlanguages: [en, zh]\nrender: {jobs: 1}\n"
VOICE = """\
engine: gpt-sovits
model: {gpt: formula-gpt, sovits: formula-sovits, hubert: formula-hubert, bert: formula-bert}
clips:
  - {path: voices/CLIP.wav, transcript: We have no time left., language: en}
  - {path: voices/sad.wav, transcript: 我们已经没有时间了。, language: zh, emotion: sad}
sampling: {fastest: 10000, slowest: 5}
consent:
  id: formula
  kind: synthetic
  who: A formula
  scope: ["*"]
  languages: ["*"]
  from: 2020-01-01
"""
LINES = {
    "en": (
        "Good evening, everyone.",
        "We are late.",
        "Stay where you are! [pause:300ms]Nobody leaves this room.",
        "[speed:1.5]Run, [emotion:sad]or stay with us.",
        "[pitch:+2st]No.",
        "The engine is cold and the doors are open.",
        "Who told you that?",
        "I could have saved them.",
    ),
    "zh": (
        "你终究还是选择了怀疑。",
        "我本可以拯救所有人。",
        "嗯。",
        "我们走吧！[pause:200ms]快一点。",
        "没有时间了。",
        "是谁告诉你的？",
        "舱门打开了。",
        "留在这里。",
    ),
}


def write_tiny_project(root: Path, *, n_lines: int = 8, sizes: FormulaSizes = TINY) -> None:
    """A project with models, one voice and some lines in two languages."""
    adopt_formula_models(ModelLibrary(root), sizes)
    write_project_files(root, n_lines=n_lines)


def write_project_files(root: Path, *, n_lines: int = 8) -> None:
    """Everything of the project but its models."""
    (root / "voices").mkdir(parents=True, exist_ok=True)
    (root / "scripts_in").mkdir(exist_ok=True)
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "voices" / "noah.yaml").write_text(VOICE.replace("CLIP", "calm"), "utf-8")
    for name, hz in (("calm", 110.0), ("sad", 90.0)):
        write_clip(root / "voices" / f"{name}.wav", hz)
    rows = [
        f'    - {{line: hall_{i:02d}0, who: noah, text: {{en: "{LINES["en"][i]}", '
        f'zh: "{LINES["zh"][i]}"}}}}\n'
        for i in range(n_lines)
    ]
    script = "scene: hall\nnodes:\n  door:\n" + "".join(rows) + "    - goto: END\n"
    (root / "scripts_in" / "hall.yaml").write_text(script, "utf-8")


def write_clip(path: Path, hz: float, duration_s: float = 3.5, rate: int = 32_000) -> None:
    """Something that buzzes in syllables."""
    time = np.arange(int(duration_s * rate)) / rate
    phase = 2 * np.pi * hz * time + 3 * np.sin(2 * np.pi * 0.7 * time)
    buzz: Any = sum(np.sin(k * phase) / k for k in range(1, 15))
    wave = 0.2 * buzz * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time)) ** 2
    noise = np.random.Generator(np.random.PCG64(7)).standard_normal(len(time))
    soundfile.write(path, (wave + 0.001 * noise).astype(np.float32), rate, subtype="PCM_16")


def requests_of(root: Path) -> list[SynthesisRequest]:
    """A request a line and language, as a render would make them."""
    project = load_project(root)
    project.require_valid()
    engine = project.engines["gpt-sovits"]
    return [engine.request(line, 1000 + i) for i, line in enumerate(project.cast)]

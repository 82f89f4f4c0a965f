"""A whole render at full size: core-seconds for a second of speech, and how busy the cores are.

Weights come from the formula, since values do not change the cost: the pair at the size of v2.
Every process of the render is counted, from its start to its end: planning, loading, listening to
the reference clip, speaking, finishing, storing, publishing. Wall time and busy shares mean
something on a quiet machine only; core-seconds hardly change.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from voicepipe.formula_models.families import adopt_formula_models
from voicepipe.formula_models.sizes import V2_SIZES, FormulaSizes
from voicepipe.model_store.library import ModelLibrary

ROOT = Path(__file__).parents[1]
SETTINGS = "bank: bench\nlanguages: [en]\n"
VOICE = """\
engine: gpt-sovits
model: {gpt: formula-gpt, sovits: formula-sovits, hubert: formula-hubert, bert: formula-bert}
clips: [{path: voices/noah.wav, transcript: We have no time left., language: en}]
sampling: {fastest: 10000, slowest: 5}
consent: {id: f, kind: synthetic, who: f, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""
SAID = (
    "the engine is cold and nobody came back from the harbour before morning so we waited in "
    "the old house by the river until the lights went out and all the doors stood open"
)
WORDS = SAID.split()
EOS_GAIN = 4.5
"""Lines of two to six seconds, most of them."""
RENDER = """
import json, sys
from collections import Counter
from pathlib import Path
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
spent, lengths = Counter(), []
def note(event):
    spent.update(getattr(event, "seconds", {}))
    lengths.append(getattr(event, "audio_s", 0.0))
project = load_project(Path(sys.argv[1]))
report = render_project(project, RenderOptions(jobs=int(sys.argv[2])), on_event=note)
found = {"audio_s": report.audio_s, "rendered": report.rendered, "failed": len(report.failed),
         "longest_s": max(lengths), "seconds": dict(spent)}
print(json.dumps(found))
"""


def write_project(
    root: Path, n_lines: int, sizes: FormulaSizes, n_words: tuple[int, int] = (7, 18)
) -> None:
    """Write a project of one voice whose lines are words at random."""
    adopt_formula_models(ModelLibrary(root), sizes)
    (root / "voices").mkdir()
    (root / "scripts_in").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "voices/noah.yaml").write_text(VOICE, "utf-8")
    time_s = np.arange(4 * 32_000) / 32_000
    buzz = sum(np.sin(2 * np.pi * 110 * k * time_s) / k for k in range(1, 15))
    syllables = (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time_s)) ** 2
    soundfile.write(root / "voices/noah.wav", (0.2 * buzz * syllables).astype("f4"), 32_000)
    rng = np.random.default_rng(1)
    rows = []
    for number in range(n_lines):
        said = " ".join(rng.choice(WORDS, int(rng.integers(*n_words))))
        rows.append(f'    - {{line: hall_{number:04d}, who: noah, text: {{en: "{said}."}}}}\n')
    script = "scene: hall\nnodes:\n  door:\n" + "".join(rows) + "    - goto: END\n"
    (root / "scripts_in/hall.yaml").write_text(script, "utf-8")


def measure(root: Path, jobs: int) -> dict[str, Any]:
    shutil.rmtree(root / "out", ignore_errors=True)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-c", RENDER, str(root), str(jobs)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found: dict[str, Any] = json.loads(told.stdout)
    spent = found.pop("seconds")
    work_s = sum(s for stage, s in spent.items() if stage != "waiting")
    audio_s = found["audio_s"]
    return {
        "jobs": jobs,
        **found,
        "wall_s": wall_s,
        "core_s": cpu_s,
        "core_s_per_audio_s": cpu_s / audio_s,
        "cores_kept_busy": cpu_s / wall_s,
        "share_of_worker_time_not_waiting": work_s / (work_s + spent.get("waiting", 0.0)),
        "stage_s_per_audio_s": {stage: s / audio_s for stage, s in sorted(spent.items())},
        "load_average": os.getloadavg()[0],
    }


def run(n_lines: int, jobs: list[int], keep: Path | None) -> None:
    """Measure renders with several numbers of processes."""
    with tempfile.TemporaryDirectory() as folder:
        root = keep or Path(folder) / "project"
        if not (root / "voicepipe.yaml").exists():
            root.mkdir(parents=True, exist_ok=True)
            write_project(root, n_lines, replace(V2_SIZES, eos_gain=EOS_GAIN))
        for count in jobs:
            figures = json.dumps(measure(root, count))
            rounded = json.loads(figures, parse_float=lambda text: round(float(text), 3))
            print(json.dumps(rounded), flush=True)

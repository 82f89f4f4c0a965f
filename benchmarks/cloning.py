"""What a minute of one speaker does for the embedded voice: likeness, errors, naturalness.

Every speaker is a folder `<language>-<name>` with `learn/` and `other/`: recordings, each beside a
`.txt` of its words. The voice is trained by the whole pipeline on the first seconds of `learn/`;
then the same sentences are rendered with the same seeds, before and after, and in another language
too. Likeness is to the recordings in `other/`, which nothing has heard. In brackets is the standard
error of the change, over lines, which are paired. What was trained and rendered is kept in the
folder, so a run that was stopped goes on.
"""

from __future__ import annotations

import csv
import json
import shutil
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from benchmarks.cloning_sentences import N_OTHER, OTHER, SENTENCES
from benchmarks.judged_clips import Likeness, Naturalness, rendered_clips, standard_error
from benchmarks.trained_voices import trained_models
from voicepipe.audio.clip import AudioClip
from voicepipe.audio.wav import read_clip
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.pull import pull_model
from voicepipe.model_store.registry import find_published
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.published import published_clips
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.pipeline.train.checks import hear_dataset, load_training_voice
from voicepipe.pipeline.train.voice_edit import set_models
from voicepipe.synthesis.request import seed_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BEFORE, AFTER = "before", "after"
_SHORTEST_CLIP_S: Final = 3.2
_SETTINGS: Final = """\
bank: cloning
languages: [en, zh, ja]
audio: {sample_rate: 24000, loudness_lufs: -23}
qc: {retakes: 0, retake_above: never, analysers: [intelligibility]}
"""
_VOICE: Final = """\
engine: gpt-sovits
model: {{base: tiny}}
clips:
  - {{path: voices/clip.wav, transcript: {transcript}, language: {language}}}
consent:
  id: speaker
  kind: synthetic
  who: A speaker of the benchmark
  scope: [cloning, training]
  languages: ["*"]
  from: 2026-01-01
"""


class Measured(NamedTuple):
    """One clip in figures."""

    likeness: float
    """Cosine, to the middle of the other recordings."""
    error: float
    """Share of words misheard."""
    naturalness: float


def run(
    data: Path,
    speakers: Sequence[str],
    seconds: float,
    n_lines: int,
    stages: Sequence[str],
    folder: Path,
) -> None:
    """Train, render what is missing, measure, and print a row a speaker.

    Args:
        data: Folder of speakers.
        speakers: Which of them; all when empty.
        seconds: Of `learn/` that are used.
        n_lines: Sentences in a speaker's own language.
        stages: What is trained; what the command trains unless told when empty.
        folder: Where everything is kept.
    """
    torch.set_num_threads(1)
    print(
        "| speaker | trained in | likeness | of recordings | errors | naturalness "
        "| other language | errors |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in speakers or sorted(path.name for path in data.iterdir() if path.is_dir()):
        project = folder / "-".join([name, f"{seconds:g}s", *stages])
        language = name.partition("-")[0]
        if not (project / "voicepipe.yaml").exists():
            _write_project(project, data / name, language, seconds, n_lines)
        cost = _train(project, language, stages)
        found = load_project(project)
        found.require_valid()
        render_project(found, RenderOptions(jobs=1, qc="full"), on_event=lambda _: None)
        ceiling = _ceiling(project, data / name)
        print(_row(name, cost, ceiling, _measured(project, data / name, language)), flush=True)


def _write_project(
    project: Path, speaker: Path, language: str, seconds: float, n_lines: int
) -> None:
    (project / "voices").mkdir(parents=True)
    (project / "scripts_in").mkdir()
    library = ModelLibrary(project)
    for model in find_published(["tiny"]):
        pull_model(library, model)
    chosen = _first(speaker / "learn", seconds)
    (project / "learn").mkdir()
    for path in chosen:
        for one in (path, path.with_suffix(".txt")):
            shutil.copy(one, project / "learn" / one.name)
    leads = next(path for path in chosen if read_clip(path).duration_s >= _SHORTEST_CLIP_S)
    shutil.copy(leads, project / "voices/clip.wav")
    said = json.dumps(leads.with_suffix(".txt").read_text("utf-8").strip(), ensure_ascii=False)
    for voice in (BEFORE, AFTER):
        text = _VOICE.format(transcript=said, language=language)
        (project / f"voices/{voice}.yaml").write_text(text, "utf-8")
    _write_script(project, language, n_lines)
    (project / "voicepipe.yaml").write_text(_SETTINGS, "utf-8")


def _first(learn: Path, seconds: float) -> list[Path]:
    chosen, total = [], 0.0
    for path in sorted(learn.glob("*.wav")):
        if total < seconds:
            chosen.append(path)
            total += read_clip(path).duration_s
    return chosen


def _write_script(project: Path, language: str, n_lines: int) -> None:
    """Write every sentence for both voices; its seed is the same for both."""
    other = OTHER[language]
    sentences = [(language, text) for text in SENTENCES[language][:n_lines]]
    sentences += [(other, text) for text in SENTENCES[other][:N_OTHER]]
    lines, rows = [], []
    for number, (spoken, text) in enumerate(sentences):
        for voice in (BEFORE, AFTER):
            name = f"s{number:03d}_{voice}"
            written = json.dumps(text, ensure_ascii=False)
            lines.append(f"    - {{line: {name}, who: {voice}, text: {{{spoken}: {written}}}}}")
            rows.append([name, spoken, "take", 1, seed_for(f"s{number:03d}", spoken, 1)])
    script = "scene: said\nnodes:\n  one:\n" + "\n".join(lines) + "\n    - goto: END\n"
    (project / "scripts_in/said.yaml").write_text(script, "utf-8")
    with (project / "decisions.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        header = "line language kind take seed pin pinned_take recording text change"
        table.writerow(header.split())
        table.writerows([*row, "", 0, "", "", 1] for row in rows)


def _train(project: Path, language: str, stages: Sequence[str]) -> float:
    """Train as the command does; gives the core-seconds it took, 0 when it had been done."""
    started = time.process_time()
    subject = load_training_voice(project, AFTER)
    if "base" not in subject.voice.model:
        return 0.0
    heard = hear_dataset(subject, project / "learn", language=language)
    models = trained_models(subject, heard, base="tiny", stages=stages)
    set_models(project, subject.voice_path, models)
    return time.process_time() - started


def _ceiling(project: Path, speaker: Path) -> float:
    """How like themselves recordings are, cut to the length of the rendered lines."""
    entries = published_clips(project).entries
    length_s = float(np.mean([entry.duration_s for entry in entries]))
    likeness = Likeness(speaker)
    found = []
    for path in sorted((speaker / "learn").glob("*.wav")):
        clip = read_clip(path)
        cut = clip.samples[: int(length_s * clip.sample_rate)]
        found.append(likeness.of(AudioClip(samples=cut, sample_rate=clip.sample_rate)))
    return float(np.mean(found))


def _measured(
    project: Path, speaker: Path, language: str
) -> dict[tuple[str, bool], list[Measured]]:
    """Measure every clip, by voice and whether it is in the speaker's own language."""
    judge = Naturalness()
    likeness = Likeness(speaker)
    found: dict[tuple[str, bool], list[Measured]] = {}
    for entry, clip in rendered_clips(project):
        key = (entry.line.partition("_")[2], entry.language == language)
        found.setdefault(key, []).append(
            Measured(likeness.of(clip), entry.scores["word_error"], judge.of(clip))
        )
    return found


def _row(
    name: str, cost: float, ceiling: float, found: Mapping[tuple[str, bool], Sequence[Measured]]
) -> str:
    def pair(is_own: bool, field: str, factor: float, digits: str) -> str:
        before, after = (
            factor * np.array([getattr(one, field) for one in found[voice, is_own]])
            for voice in (BEFORE, AFTER)
        )
        error = standard_error(after - before)
        return f"{before.mean():{digits}} → {after.mean():{digits}} ({error:{digits}})"

    return (
        f"| {name} | {cost:.0f} s | {pair(True, 'likeness', 1, '.3f')} | {ceiling:.3f} "
        f"| {pair(True, 'error', 100, '.1f')} % | {pair(True, 'naturalness', 1, '.2f')} "
        f"| {pair(False, 'likeness', 1, '.3f')} | {pair(False, 'error', 100, '.1f')} % |"
    )

"""How the embedded voice speaks as people it never heard: the rows of its model card.

Every speaker is a folder `<language>-<name>` with `learn/` and `other/`: recordings, each beside a
`.txt` of its words. The shortest and the longest clip of `learn/` that a voice may have lead one
voice each, which says sentences in the speaker's language and in the other ones. Likeness is to
the recordings in `other/`, and so is which speaker a line is nearest to. Other model files, as
`make tiny` exports them, say the same lines with the same seeds, and so do the voices once they
have learnt from their one clip; what that changes is told with its standard error over lines. What
was trained and rendered is kept, so a run that was stopped goes on.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from benchmarks.cloning_sentences import SENTENCES
from benchmarks.judged_clips import Likeness, Naturalness, rendered_clips, standard_error
from benchmarks.trained_voices import trained_models
from voicepipe.audio.wav import read_clip
from voicepipe.model_store.pull import EMBEDDED_FOLDER
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.pipeline.train.checks import hear_reference_clips, load_training_voice
from voicepipe.qc.speaker import SpeakerAnalyser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


_CLIP_S: Final = (3.2, 9.8)
_LEARNT: Final = "learnt"
_LOST: Final = 0.5
"""A line that loses more of its words is lost."""
_MODELS: Final = {
    "gpt": "tiny-gpt",
    "sovits": "tiny-sovits",
    "hubert": "tiny-content",
    "recogniser": "tiny-recogniser",
}
_FILES: Final = {role: f"weights/{name}/model.safetensors" for role, name in _MODELS.items()}
"""What voices name before they have learnt."""
_SETTINGS: Final = """\
bank: unheard
languages: [en, zh, ja]
audio: {sample_rate: 24000, loudness_lufs: -23}
qc: {retakes: 0, retake_above: never, analysers: [intelligibility]}
"""


class Asked(NamedTuple):
    """What is to be compared, and on how many lines."""

    models: Sequence[Path]
    """Folders of model files beside those of the package."""
    learns: bool
    """Whether voices that have learnt from their clips are compared as well."""
    n_lines: int
    """Sentences of each voice in its own language."""
    n_crossed: int
    """Sentences of each voice in each other language."""
    jobs: int
    """Workers that render."""


class Voice(NamedTuple):
    """A speaker behind one clip."""

    name: str
    speaker: str
    language: str
    clip: Path


class Said(NamedTuple):
    """A line in figures."""

    line: str
    language: str
    is_own: bool
    error: float
    naturalness: float
    likeness: float
    is_nearest: bool


def run(data: Path, asked: Asked, folder: Path) -> None:
    """Render what is missing, measure, and print the rows of each set of models.

    Args:
        data: Folder of speakers.
        asked: What is compared.
        folder: Where everything is kept.
    """
    torch.set_num_threads(1)
    voices = list(_voices(data))
    speakers = {data / voice.speaker for voice in voices}
    analyser = SpeakerAnalyser()
    likenesses = {
        speaker.name: Likeness(speaker, sorted(speakers - {speaker}), analyser)
        for speaker in speakers
    }
    sets = {"package": EMBEDDED_FOLDER} | {path.name: path for path in asked.models}
    if asked.learns:
        sets[_LEARNT] = EMBEDDED_FOLDER
    found: dict[str, list[Said]] = {}
    for label, source in sets.items():
        project = folder / label
        if not (project / "voicepipe.yaml").exists():
            _write_project(project, source, voices, asked)
        if label == _LEARNT:
            _learn(project, voices)
        checked = load_project(project)
        checked.require_valid()
        render_project(checked, RenderOptions(jobs=asked.jobs, qc="full"), on_event=lambda _: None)
        found[label] = list(_said(project, voices, likenesses))
        _print_rows(label, found[label])
    for label in list(sets)[1:]:
        _print_changes(label, found["package"], found[label])


def _voices(data: Path) -> Iterator[Voice]:
    """Two of each speaker: behind the shortest clip and the longest one."""
    shortest, longest = _CLIP_S
    for speaker in sorted(path for path in data.iterdir() if path.is_dir()):
        lengths = {path: read_clip(path).duration_s for path in (speaker / "learn").glob("*.wav")}
        fit = sorted(
            (path for path, length in lengths.items() if shortest <= length <= longest),
            key=lambda path: (lengths[path], path.name),
        )
        language, _, name = speaker.name.partition("-")
        for number, clip in enumerate((fit[0], fit[-1]), start=1):
            yield Voice(f"{language}_{name}_{number}", speaker.name, language, clip)


def _write_project(project: Path, models: Path, voices: Sequence[Voice], asked: Asked) -> None:
    for name in ("voices", "scripts_in"):
        (project / name).mkdir(parents=True, exist_ok=True)
    for name in _MODELS.values():
        shutil.copytree(models / name, project / "weights" / name, dirs_exist_ok=True)
    lines = []
    for number, voice in enumerate(voices):
        shutil.copy(voice.clip, project / f"voices/{voice.name}.wav")
        (project / f"voices/{voice.name}.yaml").write_text(_voice_file(voice, _FILES), "utf-8")
        for language, sentences in SENTENCES.items():
            n = asked.n_lines if language == voice.language else asked.n_crossed
            for place in range(n):
                text = sentences[(number * n + place) % len(sentences)]
                line = f"{voice.name}_{language}_{place:02d}"
                said = json.dumps(text, ensure_ascii=False)
                lines.append(
                    f"    - {{line: {line}, who: {voice.name}, text: {{{language}: {said}}}}}"
                )
    script = "scene: said\nnodes:\n  one:\n" + "\n".join(lines) + "\n    - goto: END\n"
    (project / "scripts_in/said.yaml").write_text(script, "utf-8")
    (project / "voicepipe.yaml").write_text(_SETTINGS, "utf-8")


def _learn(project: Path, voices: Sequence[Voice]) -> None:
    """Train every voice on its clip that has not learnt from it; unfit clips teach nothing."""
    for voice in voices:
        subject = load_training_voice(project, voice.name)
        if subject.voice.model["sovits"] != _FILES["sovits"]:
            continue
        heard = hear_reference_clips(subject)
        if not heard.is_fit:
            print(f"{voice.name} stays as it was: its clip would train a bad voice")
            continue
        models = trained_models(subject, heard)
        (project / subject.voice_path).write_text(_voice_file(voice, _FILES | models), "utf-8")


def _voice_file(voice: Voice, models: Mapping[str, str]) -> str:
    transcript = voice.clip.with_suffix(".txt").read_text("utf-8").strip()
    settings = {
        "engine": "gpt-sovits",
        "model": dict(models),
        "clips": [
            {
                "path": f"voices/{voice.name}.wav",
                "transcript": transcript,
                "language": voice.language,
            }
        ],
        "consent": {
            "id": voice.name,
            "kind": "synthetic",
            "who": "A speaker of the benchmark",
            "scope": ["unheard", "training"],
            "languages": ["*"],
            "from": "2026-01-01",
        },
    }
    return json.dumps(settings, ensure_ascii=False, indent=1)


def _said(
    project: Path, voices: Sequence[Voice], likenesses: dict[str, Likeness]
) -> Iterator[Said]:
    judge = Naturalness()
    by_name = {voice.name: voice for voice in voices}
    for entry, clip in rendered_clips(project):
        voice = by_name[entry.voice]
        likeness, to_another = likenesses[voice.speaker].compared(clip)
        yield Said(
            line=entry.line,
            language=entry.language,
            is_own=entry.language == voice.language,
            error=entry.scores["word_error"],
            naturalness=judge.of(clip),
            likeness=likeness,
            is_nearest=likeness > to_another,
        )


def _print_rows(label: str, said: Sequence[Said]) -> None:
    print(f"\n| {label} | lines | errors | lost | naturalness | likeness | nearest |")
    print("|---|---|---|---|---|---|---|")
    for row, rows in _rows(said):
        errors = 100 * np.array([one.error for one in rows])
        print(
            f"| {row} | {len(rows)} | {errors.mean():.1f} % ({standard_error(errors):.1f}) "
            f"| {int((errors > 100 * _LOST).sum())} | {_mean(rows, 'naturalness'):.2f} "
            f"| {_mean(rows, 'likeness'):.3f} | {100 * _mean(rows, 'is_nearest'):.0f} % |",
            flush=True,
        )


def _print_changes(label: str, before: Sequence[Said], after: Sequence[Said]) -> None:
    print(f"\n| {label} − package | lines | errors | naturalness | likeness | nearest |")
    print("|---|---|---|---|---|---|")
    later = {one.line: one for one in after}
    for row, rows in _rows(before):
        pairs = [(one, later[one.line]) for one in rows]

        def change(field: str, factor: float, digits: str, pairs: list[tuple[Said, Said]]) -> str:
            changes = np.array([getattr(b, field) - getattr(a, field) for a, b in pairs]) * factor
            return f"{changes.mean():+{digits}} ({standard_error(changes):{digits}})"

        print(
            f"| {row} | {len(rows)} | {change('error', 100, '.1f', pairs)} % "
            f"| {change('naturalness', 1, '.2f', pairs)} | {change('likeness', 1, '.3f', pairs)} "
            f"| {change('is_nearest', 100, '.0f', pairs)} % |",
            flush=True,
        )


def _rows(said: Sequence[Said]) -> Iterator[tuple[str, list[Said]]]:
    for is_own in (True, False):
        for language in SENTENCES:
            rows = [one for one in said if (one.language, one.is_own) == (language, is_own)]
            if rows:
                yield f"{language}, {'own' if is_own else 'other'} clips", rows


def _mean(rows: Sequence[Said], field: str) -> float:
    return float(np.mean([getattr(one, field) for one in rows]))

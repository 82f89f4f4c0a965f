"""Datasets made by arithmetic: something that buzzes in syllables, as long as its text takes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from voicepipe.training.dataset.files import read_dataset
from voicepipe.training.dataset.reading import DatasetReader
from voicepipe.training.dataset.verdict import DatasetReport, judge_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Samples = np.ndarray[Any, np.dtype[np.float32]]

RATE = 32_000
SECONDS_A_LETTER = 0.075
SENTENCES = (
    "Good evening, everyone, and thank you for coming out in this weather.",
    "We are late.",
    "Stay where you are, because nobody leaves this room before I say so.",
    "The engine is cold and the doors are open.",
    "Who told you that?",
    "I could have saved them, all of them, if you had only listened.",
    "There is a measure of joy in finding a coin.",
    "Fifty boys chose the thick yellow jackets.",
    "She usually enjoys the view.",
    "Put the book by the window, then go.",
    "How about a little sugar with your tea, sir?",
    "Not now.",
    "That was the vision which the oil boy saw.",
    "Nothing in the world could ever make me young again, my dear.",
    "He thought about it for a while.",
    "The child laughed at the good measure of the garage.",
)


@cache
def speech(seconds: float, *, rate: int = RATE, hz: float = 120.0, seed: int = 1) -> Samples:
    """A buzz in syllables with hisses between, in a quiet room, with its highs intact."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * hz * time + 2 * np.sin(2 * np.pi * 0.6 * time)
    buzz = 1.6 * (phase / (2 * np.pi) % 1.0) - 0.8
    syllables = (0.5 + 0.5 * np.sin(2 * np.pi * 3.5 * time)) ** 2
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(len(time))
    hiss = 0.03 * noise * (syllables < 0.05) * (np.sin(2 * np.pi * 0.9 * time) > 0)
    quiet = np.minimum(1.0, 20 * np.minimum(time, time[::-1]))
    wave = (0.2 * buzz * syllables + hiss) * quiet + 1e-4 * noise
    made: Samples = wave.astype(np.float32)
    made.setflags(write=False)
    return made


def silence(seconds: float, rate: int = RATE) -> Samples:
    noise = np.random.Generator(np.random.PCG64(9)).standard_normal(round(seconds * rate))
    return np.asarray(1e-4 * noise, dtype=np.float32)


def spoken(text: str, *, rate: int = RATE, seed: int = 1) -> Samples:
    """A recording of a text: the longer the text, the longer the sound."""
    return speech(max(0.7, SECONDS_A_LETTER * len(text)), rate=rate, seed=seed)


def write_sound(path: Path, samples: Any, rate: int = RATE, subtype: str = "PCM_16") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype=subtype)


def write_takes(
    folder: Path, texts: Sequence[str] = SENTENCES, *, n: int = 16, rate: int = RATE
) -> Path:
    """Recordings `takes/001.wav` … and a CSV that names them."""
    rows = []
    for number in range(n):
        text = texts[number % len(texts)]
        name = f"takes/{number + 1:03d}.wav"
        write_sound(folder / name, spoken(text, rate=rate, seed=number + 2), rate)
        rows.append((name, text))
    write_table(folder, rows)
    return folder


def write_table(
    folder: Path, rows: Sequence[tuple[str, str]], *, name: str = "transcript.csv"
) -> None:
    lines = ["file,text,language", *(f'{file},"{text}",en' for file, text in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return folder


def report_of(data: Path, *, language: str = "en", speaker: str = "") -> DatasetReport:
    dataset, problems = read_dataset(data, language=language, speaker=speaker)
    reader = DatasetReader(dataset)
    clips = [clip for _, found in reader.clips() for clip in found]
    return judge_dataset(reader, clips, problems)


def codes_of(report: DatasetReport) -> list[str]:
    return sorted({diagnostic.code for diagnostic in report.diagnostics})

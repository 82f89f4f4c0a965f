"""Datasets with one fault each; sounds are made by arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from voicepipe.training.dataset.files import read_dataset
from voicepipe.training.dataset.reading import DatasetReader
from voicepipe.training.dataset.verdict import judge_dataset, name_other_voices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic

RATE = 24_000
Samples = np.ndarray[Any, np.dtype[np.float32]]
_TEXTS = (
    "We have no time left.",
    "Nobody leaves this room before I say so, do you hear?",
    "Who told you that?",
    "The engine is cold and the doors are open.",
)


def check_dataset(root: Path) -> Sequence[Diagnostic]:
    """Find what is wrong with the dataset in a folder."""
    dataset, problems = read_dataset(root, language="en")
    reader = DatasetReader(dataset)
    clips = [clip for _, found in reader.clips() for clip in found]
    return judge_dataset(reader, clips, problems).diagnostics


def check_voices(root: Path) -> Sequence[Diagnostic]:
    """Look for other voices, as if the speaker network had heard one in the fourth recording."""
    dataset, _ = read_dataset(root, language="en")
    clips = [clip for _, found in DatasetReader(dataset).clips() for clip in found]
    heard = np.tile(np.array([1.0, 0.5, 0.2], dtype=np.float32), (len(clips), 1))
    heard[3] = (0.1, -1.0, 0.4)
    return name_other_voices(clips, heard)


def _speech(seconds: float, seed: int = 1, rate: int = RATE) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    raw = np.random.PCG64(seed).random_raw(len(time)).astype(np.float64) / 2.0**64 - 0.5
    syllables = np.clip(np.sin(2 * np.pi * 3.5 * time), 0, None)
    quiet = np.minimum(1.0, 20 * np.minimum(time, time[::-1]))
    buzz = sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, rate // 320, 2))
    return np.asarray((0.2 * buzz * syllables + 0.02 * raw) * quiet, dtype=np.float32)


def _take(text: str, seed: int = 1, rate: int = RATE) -> Samples:
    return _speech(0.08 * len(text), seed, rate)


def _silent(seconds: float) -> Samples:
    return np.asarray(1e-3 * _speech(seconds), dtype=np.float32)


def _write(root: Path, name: str, samples: Samples, rate: int = RATE) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(root / name, samples, rate, subtype="PCM_16")


def _table(root: Path, rows: Sequence[tuple[str, str]]) -> None:
    lines = ["file,text", *(f'{name},"{text}"' for name, text in rows)]
    (root / "takes.csv").write_text("\n".join(lines) + "\n", "utf-8")


def _good(root: Path, n: int = 16) -> None:
    """Takes with their texts, about a minute of them."""
    rows = []
    for number in range(n):
        text = _TEXTS[number % len(_TEXTS)]
        _write(root, f"{number:02d}.wav", _take(text, number + 3))
        rows.append((f"{number:02d}.wav", text))
    _table(root, rows)


def _one(
    make: Callable[[], Samples], text: str = _TEXTS[0], rate: int = RATE
) -> Callable[[Path], None]:
    """A dataset of one take."""

    def make_it(root: Path) -> None:
        _write(root, "a.wav", make(), rate)
        _table(root, [("a.wav", text)])

    return make_it


def _lists(files: Mapping[str, str], **sounds: Samples) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for name, content in files.items():
            (root / name).write_text(content, "utf-8")
        for name, samples in sounds.items():
            _write(root, f"{name}.wav", samples)

    return make


def _outside(root: Path) -> None:
    _table(root, [("../../secret.wav", "A secret."), ("/tmp/other.wav", "Another.")])
    (root / "linked.wav").symlink_to(root.parent / "elsewhere.wav")


def _unusable(root: Path) -> None:
    _write(root, "silent.wav", np.zeros(RATE, dtype=np.float32))
    (root / "empty.wav").write_bytes(b"")
    whole = _speech(2.0)
    _write(root, "short.wav", whole)
    (root / "short.wav").write_bytes((root / "short.wav").read_bytes()[:9_000])
    not_numbers = whole.copy()
    not_numbers[7] = np.nan
    soundfile.write(root / "nan.wav", not_numbers, RATE, subtype="FLOAT")
    names = ("silent", "empty", "short", "nan", "gone")
    _table(root, [(f"{name}.wav", "We have no time left.") for name in names])


def _twice(root: Path) -> None:
    _write(root, "a.wav", _take(_TEXTS[0]))
    _write(root, "b.wav", _take(_TEXTS[0]))
    _table(root, [("a.wav", _TEXTS[0]), ("a.wav", _TEXTS[2]), ("b.wav", _TEXTS[0])])


def _uncut(root: Path) -> None:
    parts = [part for text in _TEXTS * 2 for part in (_take(text), _silent(0.5))]
    _write(root, "long.wav", np.concatenate(parts))
    _write(root, "one.wav", np.concatenate(parts[2:]))
    texts = " ".join(_TEXTS * 2)
    _table(root, [("long.wav", texts.replace("left.", "left. Now. Go.")), ("one.wav", "We go on")])


def _paces(root: Path) -> None:
    _good(root)
    _write(root, "00.wav", _speech(0.8))
    _write(root, "01.wav", _speech(14.0))
    _write(root, "02.wav", _speech(3.6))


def _loud(root: Path) -> None:
    _good(root)
    for number in range(4):
        _write(root, f"{number:02d}.wav", 0.03 * _take(_TEXTS[number], number + 3))


def _shifted(root: Path) -> None:
    _good(root, 20)
    names = [f"{number:02d}.wav" for number in range(20)]
    sizes = [7, 40, 12, 55, 20, 33, 48, 9, 26, 60, 15, 44, 30, 8, 52, 18, 36, 11, 57, 23]
    texts = [("We go on and on and on. " * 3)[:size] for size in sizes]
    for number, (name, text) in enumerate(zip(names, texts, strict=True)):
        _write(root, name, _speech(0.4 + 0.08 * len(text), number + 3))
    _table(root, list(zip(names, ["A row too many.", *texts[:-1]], strict=True)))


def _up(samples: Samples) -> Samples:
    """8 kHz sound in a file of 24 kHz."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / RATE) > 3_600] = 0
    return np.asarray(np.fft.irfft(spectrum, len(samples)), dtype=np.float32)


def _dull(root: Path) -> None:
    _good(root)
    for number in range(16):
        spectrum = np.fft.rfft(_take(_TEXTS[number % 4], number + 3))
        frequencies = np.fft.rfftfreq(len(_take(_TEXTS[number % 4])), 1 / RATE)
        spectrum[frequencies > 7_500] = 0
        samples = np.fft.irfft(spectrum, len(_take(_TEXTS[number % 4])))
        _write(root, f"{number:02d}.wav", np.asarray(samples, dtype=np.float32))


def _noisy() -> Samples:
    raw = np.random.PCG64(5).random_raw(round(0.08 * 21 * RATE)).astype(np.float64) / 2.0**64 - 0.5
    return np.asarray(_take(_TEXTS[0]) + 0.3 * raw, dtype=np.float32)


_LINE = "We have no time left."
DATASET_MAKERS: dict[str, Callable[[Path], None]] = {
    "VP630": _lists(
        {"takes.csv": "file,txt\na.wav,We go.\n", "takes.list": "a.wav|noah|We go.\n|noah|en|Go.\n"}
    ),
    "VP631": _outside,
    "VP632": _unusable,
    "VP633": _lists({"b.txt": "\n"}, a=_speech(1.0), b=_speech(1.0)),
    "VP634": _twice,
    "VP635": _lists(
        {"takes.list": f"a.wav|noah|en|{_LINE}\nb.wav|ada|en|{_LINE}\n"},
        a=_take(_LINE),
        b=_speech(2),
    ),
    "VP636": _one(lambda: _speech(2.0), "?!…"),
    "VP637": _lists({"takes.list": f"a.wav|noah|fr|{_LINE}\n"}, a=_take(_LINE)),
    "VP638": _lists({"takes.csv": "file,text\n"}),
    "VP640": _uncut,
    "VP641": _one(lambda: _speech(0.2), "No."),
    "VP642": _one(lambda: np.clip(20 * _take(_TEXTS[0]), -1.0, 1.0)),
    "VP643": _one(lambda: np.concatenate([_noisy(), _noisy()])),
    "VP644": _one(lambda: _up(_take(_TEXTS[1])), _TEXTS[1]),
    "VP645": _one(lambda: _take(_TEXTS[0]) + np.float32(0.05)),
    "VP646": _paces,
    "VP647": _loud,
    "VP648": _one(lambda: np.stack([_take(_TEXTS[0])] * 2, axis=1)),
    "VP650": _one(lambda: _take(_TEXTS[0])),
    "VP651": _one(lambda: _up(_take(_TEXTS[1])), _TEXTS[1]),
    "VP652": _shifted,
    "VP653": lambda root: _good(root, 28),
    "VP654": _good,
    "VP655": _dull,
    "VP656": _good,
}
"""Code → what makes its dataset in an empty folder."""

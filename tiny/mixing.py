"""Speakers nobody has met: clips in voices mixed from those of the corpus.

A voice of Kokoro-82M is a table of numbers, and a mixture of two tables is a voice as well. Twenty
voices are few to learn from what a speaker is; mixtures say sentences that the corpus leaves unused
while there are any, and only the acoustic stage learns from them. Needs what the corpus's own
`make.py` needs:

    python -m tiny.mixing --corpus ../shared/corpus --voices package/voices --out .tiny/mixed
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import random
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import soundfile

from tiny.corpus import LANGUAGES, MIXED, SAMPLE_RATE

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

N_VOICES: Final = 12
"""In each language."""
N_SENTENCES: Final = 8
"""By each voice."""

_SHARES = (0.45, 0.8)  # of the voice that speaks the language by birth
_BEYOND_SHARE, _BEYOND = 0.25, 1.3  # some are less like another voice than that one is
_SHORTEST, _LONGEST = 1.0, 9.0  # seconds


class Mixture(NamedTuple):
    """A voice out of two."""

    name: str
    own: str
    other: str
    share: float
    """Of the first; what is left is of the other, and may be less than nothing."""

    def style(self, voices: Path) -> NDArray[np.float32]:
        """(510, 256) numbers for lines of every length."""
        own, other = (
            np.fromfile(voices / f"{name}.bin", np.float32) for name in (self.own, self.other)
        )
        mixed = self.share * own + (1 - self.share) * other
        return mixed.reshape(-1, 256).astype(np.float32)


def mixtures(language: str, voices: dict[str, list[str]]) -> list[Mixture]:
    """Draw the voices of a language; the same ones every time.

    Args:
        language: Which they are to speak.
        voices: Names by language.
    """
    rng = random.Random(f"mixed:{language}")
    everyone = sorted(name for names in voices.values() for name in names)
    found = []
    for number in range(N_VOICES):
        own = voices[language][number % len(voices[language])]
        other = rng.choice([name for name in everyone if name != own])
        is_beyond = rng.random() < _BEYOND_SHARE
        share = _BEYOND if is_beyond else rng.uniform(*_SHARES)
        found.append(Mixture(f"{MIXED}{language}-{number:02}", own, other, share))
    return found


def main() -> None:
    """Speak every voice's sentences; clips that are there already are kept."""
    parser = argparse.ArgumentParser(prog="python -m tiny.mixing", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--voices", type=Path, required=True, help="tables of Kokoro's voices")
    parser.add_argument("--out", type=Path, default=Path(".tiny/mixed"))
    asked = parser.parse_args()
    maker = _maker(asked.corpus / "make.py")
    for language in LANGUAGES:
        _speak(language, asked.corpus, asked.voices, asked.out, maker)


def _speak(language: str, corpus: Path, voices: Path, out: Path, maker: ModuleType) -> None:
    pronounce = maker.phonemizer(language)
    sentences = iter(_sentences(corpus, language))
    out.mkdir(parents=True, exist_ok=True)
    with (out / f"clips-{language}.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("path", "language", "voice", "seconds", "speed", "text"))
        for voice in mixtures(language, maker.TRAIN):
            style = voice.style(voices)
            for text in (next(sentences) for _ in range(N_SENTENCES)):
                name = hashlib.sha256(f"{language}:{text}".encode()).hexdigest()[:12]
                path = out / language / voice.name / f"{name}.opus"
                seconds = _clip(path, pronounce(text), style, maker)
                if _SHORTEST <= seconds <= _LONGEST:
                    row = (path.relative_to(out).as_posix(), language, voice.name)
                    table.writerow((*row, f"{seconds:.3f}", 1.0, text))
                    stream.flush()
            print(f"{voice.name}: {voice.share:.2f} {voice.own}, {voice.other}", flush=True)


def _clip(path: Path, phonemes: str, style: NDArray[np.float32], maker: ModuleType) -> float:
    """Write a clip unless it is there; gives its seconds."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        wave = np.clip(maker.kokoro._infer(phonemes, style, 1.0), -1, 1)
        aside = path.with_suffix(".part")
        soundfile.write(aside, wave, SAMPLE_RATE, format="OGG", subtype="OPUS")
        aside.replace(path)
    return float(soundfile.info(path).duration)


def _sentences(corpus: Path, language: str) -> list[str]:
    """All sentences of a language, those first that no clip of the corpus says."""
    with (corpus / f"clips-{language}.csv").open(encoding="utf-8", newline="") as stream:
        said = {row["text"] for row in csv.DictReader(stream)}
    lines = (corpus / "texts" / f"{language}.txt").read_text("utf-8").splitlines()
    return sorted(dict.fromkeys(filter(None, map(str.strip, lines))), key=said.__contains__)


def _maker(path: Path) -> ModuleType:
    """The corpus's own script: its voices, its phonemes and its session of the model."""
    spec = importlib.util.spec_from_file_location("corpus_maker", path)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    options = maker.ort.SessionOptions()
    options.intra_op_num_threads = 1
    maker.kokoro._load()
    maker.kokoro._session = maker.ort.InferenceSession(
        str(maker.kokoro.model_path()), options, providers=["CPUExecutionProvider"]
    )
    return maker


if __name__ == "__main__":
    main()

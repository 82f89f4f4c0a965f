"""The clips the model learns from: a folder with tables of path, language, voice and text."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LANGUAGES: Final = ("en", "zh", "ja")
SAMPLE_RATE: Final = 24_000
"""Of the clips, in Hz."""
MIXED: Final = "mixed-"
"""What names of voices that are mixed from others begin with."""

_LANGUAGES_OF = {"a": "en", "b": "en", "j": "ja", "z": "zh"}  # by a voice's first letter
_COLUMNS = ("path", "language", "voice", "seconds", "speed", "text")
_HELD_OUT_SHARE = 40  # every fortieth sentence is kept to judge by
_SLOWEST, _SLOW_ROOM = 0.86, 0.07
_FASTEST, _FAST_ROOM = 1.07, 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One sentence by one voice."""

    path: Path
    name: str
    """Relative to the corpus: language, voice, and a file named by its sentence."""
    language: str
    voice: str
    text: str

    @property
    def is_held_out(self) -> bool:
        """Whether the sentence is kept to judge by, whoever says it."""
        return int(self.path.stem[:6], 16) % _HELD_OUT_SHARE == 0


def read_corpus(folders: Sequence[Path]) -> tuple[Clip, ...]:
    """Read every `clips-*.csv` of some folders, in one order; a clip listed twice counts once.

    Raises:
        FileNotFoundError: A folder has no such table.
    """
    found: dict[str, Clip] = {}
    for folder in folders:
        tables = sorted(folder.glob("clips-*.csv"))
        if not tables:
            raise FileNotFoundError(f"{folder} holds no clips-*.csv")
        for table in tables:
            for clip in _clips(table, folder):
                found.setdefault(clip.name, clip)
    return tuple(found[name] for name in sorted(found))


def is_of_the_language(voice: str, language: str) -> bool:
    """Whether a voice speaks a language by birth; neither a mixed nor a crossing one does."""
    return not voice.startswith(MIXED) and _LANGUAGES_OF.get(voice[:1]) == language


def pitch_factors(voice: str) -> tuple[float, ...]:
    """Give the rates a voice is played at: its own, and two that make other speakers of it.

    The factors are the voice's own, so that a voice played faster is one speaker in every clip.
    """
    number = int(hashlib.sha256(voice.encode()).hexdigest(), 16)
    slow = _SLOWEST + _SLOW_ROOM * (number % 1000) / 1000
    fast = _FASTEST + _FAST_ROOM * (number // 1000 % 1000) / 1000
    return 1.0, slow, fast


def _clips(table: Path, folder: Path) -> Iterator[Clip]:
    with table.open(encoding="utf-8", newline="") as stream:
        has_header = stream.readline().startswith("path,")
        stream.seek(0)
        for row in csv.DictReader(stream, None if has_header else _COLUMNS):
            yield Clip(
                path=folder / row["path"],
                name=row["path"],
                language=row["language"],
                voice=row["voice"],
                text=row["text"],
            )

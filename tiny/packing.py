"""Clips measured once: samples, what the encoder sees, pitch and phonemes, in flat files."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import soundfile
import soxr
import torch
from joblib import Parallel, delayed
from swift_f0 import SwiftF0

from tiny.corpus import SAMPLE_RATE, is_of_the_language, pitch_factors
from voicepipe.documents.replacing import replace_file
from voicepipe.model.encoders.phonetic import MEL, phonetic_mel
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tiny.corpus import Clip

N_RATES: Final = 3
"""Rates every clip is packed at: its own, slower, faster."""
TOKEN_SAMPLES: Final = 960
"""Samples of one semantic token: 25 a second."""
MEL_RATE: Final = 100
"""Frames a second of mel and pitch."""

_LATENT_SAMPLES = 480
_LOWEST_HZ, _HIGHEST_HZ = 60, 600
_TRACKER_RATE = 16_000
_VOICED = 0.5
_CHUNK = 200  # clips measured between two words of progress
_INDEX = "index.json"
_KINDS = {"wave": np.int16, "mel": np.float16, "pitch": np.float32}
_FULL_SCALE = 32_767


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One clip in the pack."""

    name: str
    language: str
    voice: str
    text: str
    is_held_out: bool
    phonemes: tuple[str, ...]
    phoneme_ids: tuple[int, ...]
    places: dict[str, tuple[tuple[int, int], ...]]
    """By kind, a start and a length for every rate."""

    @property
    def speaker(self) -> tuple[str, str]:
        """Whose clip it is."""
        return self.language, self.voice


class Pack:
    """The packed clips, read from disk as they are asked for.

    Attributes:
        clips: Of voices in the language they were born to.
        further: Of mixed voices, and of voices in another language: for the acoustic stage alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        rows = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        clips = tuple(_packed(row) for row in rows)
        self.clips = tuple(c for c in clips if is_of_the_language(c.voice, c.language))
        self.further = tuple(c for c in clips if not is_of_the_language(c.voice, c.language))

    @cached_property
    def _maps(self) -> dict[str, NDArray[np.generic]]:
        return {k: np.memmap(self._folder / k, kind, "r") for k, kind in _KINDS.items()}

    def wave(self, clip: Packed, rate: int) -> NDArray[np.float32]:
        """Samples of a clip at one of its rates, a whole number of latent frames."""
        return self._part("wave", clip, rate).astype(np.float32) / _FULL_SCALE

    def mel(self, clip: Packed, rate: int) -> NDArray[np.float32]:
        """What the content encoder sees, (T, 80)."""
        return self._part("mel", clip, rate).astype(np.float32).reshape(-1, MEL.n_mels)

    def pitch(self, clip: Packed, rate: int) -> NDArray[np.float32]:
        """Hz of every hundredth of a second; 0 where there is no voice."""
        return np.asarray(self._part("pitch", clip, rate), dtype=np.float32)

    def _part(self, kind: str, clip: Packed, rate: int) -> NDArray[np.generic]:
        start, length = clip.places[kind][rate]
        return self._maps[kind][start : start + length]


def pack_corpus(clips: Sequence[Clip], folder: Path, *, jobs: int) -> None:
    """Measure every clip into a folder, those first in it that are not packed yet."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = _packed_first(folder, clips)
    _write_index(folder, rows)  # before what follows them is written over
    ends = {kind: rows[-1]["places"][kind][-1] if rows else (0, 0) for kind in _KINDS}
    offsets = {kind: start + length for kind, (start, length) in ends.items()}
    with ExitStack() as stack:
        streams = {
            kind: stack.enter_context(_opened_at(folder / kind, offset * _KINDS[kind]().itemsize))
            for kind, offset in offsets.items()
        }
        for start in range(len(rows), len(clips), _CHUNK):
            chunk = clips[start : start + _CHUNK]
            measured = Parallel(jobs)(map(delayed(_measure), chunk))
            for clip, rates in zip(chunk, measured, strict=True):
                places: dict[str, list[tuple[int, int]]] = {kind: [] for kind in _KINDS}
                for arrays in rates:
                    for kind, array in arrays.items():
                        streams[kind].write(array.tobytes())
                        places[kind].append((offsets[kind], array.size))
                        offsets[kind] += array.size
                rows.append(_row(clip, places))
            for stream in streams.values():
                stream.flush()
            _write_index(folder, rows)
            print(f"packed {len(rows)} of {len(clips)} clips", flush=True)


def _packed_first(folder: Path, clips: Sequence[Clip]) -> list[dict[str, Any]]:
    """Rows of the first clips of these that are packed: up to where the pack is another one."""
    index = folder / _INDEX
    rows = json.loads(index.read_text(encoding="utf-8")) if index.exists() else []
    same = takewhile(lambda pair: pair[0]["name"] == pair[1].name, zip(rows, clips, strict=False))
    return [row for row, _ in same]


def _opened_at(path: Path, size: int) -> BinaryIO:
    """A file to go on with after its first bytes."""
    stream = path.open("ab")
    stream.truncate(size)
    return stream


def _write_index(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    replace_file(folder / _INDEX, json.dumps(rows, ensure_ascii=False).encode())


def _measure(clip: Clip) -> list[dict[str, NDArray[np.generic]]]:
    own, rate = soundfile.read(clip.path, dtype="float32")
    assert rate == SAMPLE_RATE, clip.path
    tracked = _tracked(own)
    found = []
    for factor in pitch_factors(clip.voice):
        wave = own if factor == 1 else soxr.resample(own, SAMPLE_RATE * factor, SAMPLE_RATE, "HQ")
        wave = wave[: len(wave) // _LATENT_SAMPLES * _LATENT_SAMPLES]
        frames = np.arange(len(wave) * MEL_RATE // SAMPLE_RATE + 1) * factor
        pitch = tracked[np.minimum(np.round(frames).astype(int), len(tracked) - 1)] * factor
        heard = soxr.resample(wave, SAMPLE_RATE, MEL.spectrogram.sample_rate).astype(np.float32)
        with torch.inference_mode():
            mel = phonetic_mel(torch.from_numpy(heard)[None])[0].t().numpy()
        arrays = {
            "wave": (np.clip(wave, -1, 1) * _FULL_SCALE).astype(np.int16),
            "mel": np.ascontiguousarray(mel).astype(np.float16),
            "pitch": pitch.astype(np.float32),
        }
        found.append(arrays)
    return found


def _tracked(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pitch in Hz of every hundredth of a second, 0 where there is no voice."""
    heard = soxr.resample(wave, SAMPLE_RATE, _TRACKER_RATE)
    found = SwiftF0(threads=1).detect(heard, _TRACKER_RATE, fmin=_LOWEST_HZ, fmax=_HIGHEST_HZ)
    at = np.arange(len(wave) * MEL_RATE // SAMPLE_RATE + 1) / MEL_RATE
    pitch = np.interp(at, found.timestamps, found.pitch_hz)
    voiced = np.interp(at, found.timestamps, found.confidence) >= _VOICED
    return np.where(voiced, pitch, 0).astype(np.float32)


def _row(clip: Clip, places: dict[str, list[tuple[int, int]]]) -> dict[str, Any]:
    said = utterance(clip.text, clip.language, style=ReadingStyle.SPOKEN)
    packed = Packed(
        name=clip.name,
        language=clip.language,
        voice=clip.voice,
        text=clip.text,
        is_held_out=clip.is_held_out,
        phonemes=said.phonemes,
        phoneme_ids=said.phoneme_ids,
        places={kind: tuple(rows) for kind, rows in places.items()},
    )
    return asdict(packed)


def _packed(row: dict[str, object]) -> Packed:
    places = row.pop("places")
    assert isinstance(places, dict)
    return Packed(
        **row
        | {
            "phonemes": tuple(row["phonemes"]),
            "phoneme_ids": tuple(row["phoneme_ids"]),
            "places": {k: tuple(map(tuple, v)) for k, v in places.items()},
        }
    )

"""How exact the times of words are, against recognisers that we did not write.

Needs `faster-whisper` with a model's folder, and for English `pocketsphinx`; neither is a
dependency of voicepipe's alignment. Borders of words that both sides heard alike are compared.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import numpy as np

from voicepipe.audio.resample import resample
from voicepipe.audio.wav import read_clip
from voicepipe.lipsync.spoken import spoken_line
from voicepipe.lipsync.times import clip_timing
from voicepipe.pipeline.clip_times import clip_timer
from voicepipe.pipeline.published import published_clips

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip

_RATE = 16_000
_LANGUAGES = ("en", "zh", "ja")

Borders = list[tuple[str, float, float]]
"""Words with their beginnings and ends in seconds."""


@dataclass(frozen=True)
class Spoken:
    """A clip, its text, and the words we find in it."""

    kind: str
    language: str
    text: str
    clip: AudioClip
    ours: Borders


def run(project: Path | None, clips: list[Path], n_clips: int, whisper: Path) -> None:
    """Compare, and print the figures of each kind, language and recogniser."""
    spoken: list[Spoken] = []
    if project is not None:
        spoken += _published(project, n_clips)
    for table in clips:
        spoken += _listed(table, n_clips)
    off: dict[tuple[str, str, str], list[float]] = {}
    ears = _Whisper(whisper)
    for one in spoken:
        theirs = {"whisper": ears.words(one)}
        if one.language == "en":
            theirs["pocketsphinx"] = _pocketsphinx(one)
        for name, words in theirs.items():
            key = (one.kind, one.language, name)
            off.setdefault(key, []).extend(_differences(one.ours, words))
    for (kind, language, name), found in sorted(off.items()):
        size = np.abs(found) * 1000
        print(
            f"{kind} {language} {name}: median {np.median(size):.0f} ms, "
            f"90 % within {np.quantile(size, 0.9):.0f} ms, "
            f"shift {1000 * np.median(found):+.0f} ms, {len(found)} borders"
        )


def _published(project: Path, n_clips: int) -> list[Spoken]:
    found = published_clips(project.resolve())
    timer = clip_timer(found.project)
    chosen: list[Spoken] = []
    for language in _LANGUAGES:
        entries = [entry for entry in found.entries if entry.language == language]
        step = max(1, len(entries) // n_clips)
        for timed in timer.times(entries[::step][:n_clips]):
            if timed.timing.is_estimated:
                print(f"left out: {timed.entry.line} ({language}): {timed.timing.why}")
                continue
            entry = timed.entry
            path = found.project.out / "banks" / found.manifest.bank / found.manifest.version
            words = [(w.text, w.start_s, w.end_s) for w in timed.timing.words]
            clip = read_clip(path / entry.file)
            chosen.append(Spoken("published", language, entry.text, clip, words))
    return chosen


def _listed(table: Path, n_clips: int) -> list[Spoken]:
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen = []
    for row in rows[:: max(1, len(rows) // n_clips)][:n_clips]:
        clip = read_clip(table.parent / row["path"])
        language, text = row["language"], row["text"]
        timing = clip_timing(clip, spoken_line(text, language=language), language=language)
        words = [(w.text, w.start_s, w.end_s) for w in timing.words]
        chosen.append(Spoken("listed", language, text, clip, words))
    return chosen


class _Whisper:
    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel  # noqa: PLC0415

        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def words(self, one: Spoken) -> Borders:
        waveform = resample(one.clip, _RATE).samples
        segments, _ = self._model.transcribe(
            waveform,
            language=one.language,
            beam_size=5,
            temperature=0.0,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        return [
            (word.word, float(word.start), float(word.end))
            for segment in segments
            for word in segment.words or ()
        ]


def _pocketsphinx(one: Spoken) -> Borders:
    from pocketsphinx import Decoder  # noqa: PLC0415

    decoder: Any = Decoder(lm=None, loglevel="FATAL")
    words = re.findall(r"[a-z']+", one.text.lower().replace("’", "'"))
    samples = (resample(one.clip, _RATE).samples * 32_767).astype("<i2")
    try:
        decoder.set_align_text(" ".join(words))
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), full_utt=True)
        decoder.end_utt()
    except RuntimeError:  # a word its dictionary lacks
        return []
    return [
        (re.sub(r"\(\d\)", "", part.word), part.start_frame / 100, (part.end_frame + 1) / 100)
        for part in decoder.seg() or ()
        if not part.word.startswith("<")
    ]


def _differences(ours: Borders, theirs: Borders) -> list[float]:
    """Compare borders at characters that both heard."""
    begins, ends = _by_character(theirs)
    mine = [_plain(word) for word, _, _ in ours]
    matcher = SequenceMatcher(
        None, "".join(mine), "".join(_plain(word) for word, _, _ in theirs), autojunk=False
    )
    same = {
        block.a + n: block.b + n
        for block in matcher.get_matching_blocks()
        for n in range(block.size)
    }
    found: list[float] = []
    at = 0
    for word, (_, start_s, end_s) in zip(mine, ours, strict=True):
        first, last = same.get(at), same.get(at + len(word) - 1)
        at += len(word)
        if word and first in begins:
            found.append(start_s - begins[first])
        if word and last in ends:
            found.append(end_s - ends[last])
    return found


def _by_character(words: Borders) -> tuple[dict[int | None, float], dict[int | None, float]]:
    begins: dict[int | None, float] = {}
    ends: dict[int | None, float] = {}
    at = 0
    for word, start_s, end_s in words:
        size = len(_plain(word))
        if size:
            begins[at] = start_s
            ends[at + size - 1] = end_s
        at += size
    return begins, ends


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(character for character in folded if character.isalnum())

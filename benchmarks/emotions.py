"""How far voices follow the prosody table, and what it costs in words.

Every sentence is rendered once without an emotion and once with each, in one voice and with one
seed, by the whole pipeline; then the two are compared. Needs `librosa` for pitch and what the
analyser of intelligibility needs. What was rendered or measured is kept in the folder and not done
again, so a run that was stopped goes on.
"""

from __future__ import annotations

import csv
import json
import math
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.emotion_sentences import HELD_OUT
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import read_clip
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.published import published_clips
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.synthesis.request import seed_for
from voicepipe.voices.prosody import PLAIN, STANDARD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.voices.prosody import Prosody

_RATE, _HOP, _WINDOW = 16_000, 160, 1024
_NEUTRAL: Final = "neutral"
_HALF: Final = 0.5
_FEWEST_WORDS, _MOST_WORDS = 5, 14
_MEASURES: Final = ("rate", "pitch", "range", "level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One clip in figures."""

    speech_s: float
    pitch: float
    """Mean of frames that have one, in semitones over 100 Hz; 0 without any."""
    spread: float
    """Semitones from the 10th to the 90th percentile."""
    voiced: float
    """Share of frames with a pitch, of those that sound."""
    level: float
    """LUFS."""
    error: float
    """Share of words misheard."""


def run(project: Path, emotions: Sequence[str], n_lines: int, folder: Path) -> None:
    """Render what is missing, measure, and print a table.

    Args:
        project: Whose voices speak; its models are there.
        emotions: Of the standard table.
        n_lines: Sentences: half of them are the project's, the others stand in no script.
        folder: Where everything is kept.
    """
    if not (folder / "voicepipe.yaml").exists():
        _write_project(project, folder, n_lines)
    _write_script(folder, ["", *emotions])
    found = load_project(folder)
    found.require_valid()
    render_project(found, RenderOptions(jobs=1, qc="full"), on_event=lambda _: None)
    clips = _measured(folder)
    print("| | rate | pitch, semitones | range | level, dB | all four | voiced | errors |")
    print("|---|---|---|---|---|---|---|---|")
    for emotion in emotions:
        print(_row(emotion, clips))
    plain = [clip.error for (_, kind), clip in clips.items() if kind == _NEUTRAL]
    print(f"\nneutral: {100 * np.mean(plain):.1f} % misheard, {len(plain)} lines")


def _write_project(project: Path, folder: Path, n_lines: int) -> None:
    found = load_project(project)
    found.require_valid()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("voices", "models"):
        shutil.copytree(project / name, folder / name)
    for name in ("models.lock", found.settings.lexicon):
        if (project / name).exists():
            shutil.copy(project / name, folder / name)
    settings = (
        f'bank: {found.settings.bank}\nlanguages: [en]\nprosody: "on"\n'
        f"audio: {{loudness_lufs: {found.settings.audio.loudness_lufs:g}}}\n"
        "qc: {retakes: 0, retake_above: never, analysers: [intelligibility]}\n"
    )
    (folder / "voicepipe.yaml").write_text(settings, "utf-8")
    own = [
        (str(cast.voice.id), cast.text.plain)
        for cast in found.cast
        if cast.language == "en" and _is_plain(cast.text.plain) and len(cast.text.segments) == 1
    ]
    n_own = min(len(own), n_lines // 2)
    chosen = [own[number * len(own) // n_own] for number in range(n_own)]
    voices = sorted({voice for voice, _ in own})
    chosen += [
        (voices[number % len(voices)], text)
        for number, text in enumerate(HELD_OUT[: n_lines - n_own])
    ]
    (folder / "sentences.json").write_text(json.dumps(chosen, indent=1), "utf-8")


def _is_plain(text: str) -> bool:
    return _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS and "{" not in text


def _write_script(folder: Path, emotions: Sequence[str]) -> None:
    """Write every sentence once an emotion; its seed is the same in all."""
    sentences = json.loads((folder / "sentences.json").read_text("utf-8"))
    lines, rows = [], []
    for number, (voice, text) in enumerate(sentences):
        for emotion in emotions:
            name = f"s{number:03d}_{emotion or _NEUTRAL}"
            how = f"emotion: {emotion}, " if emotion else ""
            lines.append(
                f"    - {{line: {name}, who: {voice}, {how}text: {{en: {json.dumps(text)}}}}}"
            )
            seed = seed_for(f"s{number:03d}", "en", 1)
            rows.append([name, "en", "take", 1, seed, "", 0, "", "", 1])
    script = "scene: said\nnodes:\n  one:\n" + "\n".join(lines) + "\n    - goto: END\n"
    (folder / "scripts_in").mkdir(exist_ok=True)
    (folder / "scripts_in/said.yaml").write_text(script, "utf-8")
    with (folder / "decisions.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        header = "line language kind take seed pin pinned_take recording text change"
        table.writerow(header.split())
        table.writerows(rows)


def _measured(folder: Path) -> dict[tuple[str, str], Measured]:
    kept = folder / "measured.json"
    known: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    clips = {}
    published = published_clips(folder)
    bank = published.project.out / "banks" / published.manifest.bank / published.manifest.version
    for entry in published.entries:
        if entry.sha256 not in known:
            known[entry.sha256] = asdict(_measure(bank / entry.file, entry))
            kept.write_text(json.dumps(known), "utf-8")
        sentence, _, emotion = entry.line.partition("_")
        clips[sentence, emotion] = Measured(**known[entry.sha256])
    return clips


def _measure(path: Path, entry: ManifestEntry) -> Measured:
    import librosa  # noqa: PLC0415

    samples = resample(read_clip(path), _RATE).samples
    pitch_hz, _, _ = librosa.pyin(
        samples, fmin=60, fmax=600, sr=_RATE, frame_length=_WINDOW, hop_length=_HOP
    )
    semitones = 12 * np.log2(pitch_hz[np.isfinite(pitch_hz)] / 100)
    low, high = np.percentile(semitones, [10, 90]) if len(semitones) else (0.0, 0.0)
    assert entry.loudness_lufs is not None, f"{entry.line} is too short to be measured"
    return Measured(
        speech_s=entry.speech_s,
        pitch=float(semitones.mean()) if len(semitones) else 0.0,
        spread=float(high - low),
        voiced=len(semitones) * _HOP / _RATE / entry.speech_s,
        level=entry.loudness_lufs,
        error=entry.scores["word_error"],
    )


def _row(emotion: str, clips: dict[tuple[str, str], Measured]) -> str:
    """Write one emotion's means, declared values, and shares of lines that moved half as far."""
    row = STANDARD[emotion]
    pairs = [
        (clips[sentence, _NEUTRAL], said)
        for (sentence, kind), said in clips.items()
        if kind == emotion
    ]
    wanted = _declared(row)
    moved = [_moved(plain, said) for plain, said in pairs]
    shares = {
        name: np.mean([one[name] / wanted[name] >= _HALF for one in moved]) for name in wanted
    }
    all_four = np.mean([all(one[name] / wanted[name] >= _HALF for name in wanted) for one in moved])
    cells = [
        _cell(name, [one[name] for one in moved], wanted[name], shares[name])
        if name in wanted
        else "none"
        for name in _MEASURES
    ]
    voiced = 100 * np.mean([said.voiced for _, said in pairs])
    before, after = (100 * np.mean([pair[place].error for pair in pairs]) for place in (0, 1))
    return (
        f"| {emotion} | {' | '.join(cells)} | {100 * all_four:.0f} % | {voiced:.0f} % "
        f"| {after:.1f} % ({after - before:+.1f}) |"
    )


def _declared(row: Prosody) -> dict[str, float]:
    """Give what a row asks for; ratios as logarithms, so that half of it has a meaning."""
    if row.is_voiceless:
        return {"rate": math.log(row.speed), "level": row.level_db}
    return {
        "rate": math.log(row.speed),
        "pitch": row.pitch_semitones,
        "range": math.log(row.range),
        "level": row.level_db - PLAIN.level_db,
    }


def _moved(plain: Measured, said: Measured) -> dict[str, float]:
    return {
        "rate": math.log(plain.speech_s / said.speech_s),
        "pitch": said.pitch - plain.pitch,
        "range": math.log(said.spread / plain.spread) if said.spread else 0.0,
        "level": said.level - plain.level,
    }


def _cell(name: str, moved: Sequence[float], wanted: float, share: float) -> str:
    mean, asked = float(np.mean(moved)), wanted
    digits = ".1f"
    if name in ("rate", "range"):
        mean, asked, digits = math.exp(mean), math.exp(wanted), ".2f"
    return f"{mean:{digits}} ({asked:{digits}}), {100 * share:.0f} %".replace("-", "−")

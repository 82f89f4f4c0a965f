"""Writing the folder of a review: what is kept, what is made again, what is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hostile_story import run

from voicepipe.audio.clip import AudioClip
from voicepipe.errors import UsageError
from voicepipe.pages.folder import PagesFolder, page, script_value
from voicepipe.pages.pictures import N_BANDS, N_COLUMNS, N_PEAKS, picture_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("duration_s", [0.001, 0.02, 0.7, 20.0])
@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_a_picture_has_its_size_whatever_the_clip(duration_s: float, rate: int) -> None:
    import base64

    time = np.arange(max(1, int(duration_s * rate))) / rate
    clip = AudioClip(samples=np.sin(2 * np.pi * 440 * time).astype(np.float32), sample_rate=rate)
    picture = picture_of(clip)
    assert len(base64.b64decode(picture.peaks)) == N_PEAKS
    assert len(base64.b64decode(picture.spectrogram)) * 2 == N_BANDS * N_COLUMNS


def test_a_picture_shows_what_sounds_where() -> None:
    import base64

    rate = 16_000
    time = np.arange(rate) / rate
    tone = np.where(time < 0.5, np.sin(2 * np.pi * 300 * time), 0.5 * np.sin(12_000 * time))
    picture = picture_of(AudioClip(samples=tone.astype(np.float32), sample_rate=rate))
    peaks = np.frombuffer(base64.b64decode(picture.peaks), np.uint8)
    assert peaks[: N_PEAKS // 2].min() > 250
    assert 120 < peaks[N_PEAKS // 2 + 2 :].max() < 135
    packed = np.frombuffer(base64.b64decode(picture.spectrogram), np.uint8)
    points = np.stack([packed >> 4, packed & 15], axis=1).reshape(N_COLUMNS, N_BANDS)
    low, high = points[20].argmax(), points[-20].argmax()
    assert low < 8
    assert high > low + 15


def test_no_text_can_end_a_script() -> None:
    written = script_value({"a": "</script><!--\u2028\u2029&", "ä": 'q"'})
    assert "<" not in written
    assert ">" not in written
    assert "\u2028" not in written
    assert "\u2029" not in written
    head = {"bank": "</title><script>", "version": ""}
    shown = page("review.html", {"head": head, "config": "{}"}).decode()
    assert "&lt;/title&gt;&lt;script&gt;" in shown
    assert "</title><script>" not in shown


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="other files"):
        PagesFolder(tmp_path, "review")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    PagesFolder(tmp_path / "play", "play")
    with pytest.raises(UsageError):
        PagesFolder(tmp_path / "play", "review")


def test_a_second_review_writes_only_what_changed_and_sweeps_the_rest(
    rendered_story: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "review"
    assert run(rendered_story, "review", "-o", str(folder)) == 0
    sounds = {path: path.stat().st_mtime_ns for path in (folder / "sounds").glob("*.wav")}
    pictures = {path: path.stat().st_mtime_ns for path in (folder / "data").glob("pictures-*")}
    stale = folder / "sounds" / "gone.wav"
    stale.write_bytes(b"")
    assert len(sounds) == 11, "one line has an earlier take"
    assert run(rendered_story, "review", "-o", str(folder), "--lang", "en") == 0
    assert not stale.exists()
    left = {path: path.stat().st_mtime_ns for path in (folder / "sounds").glob("*")}
    assert len(left) == 6
    assert left.items() <= sounds.items()
    assert run(rendered_story, "review", "-o", str(folder), "--lang", "en") == 0
    again = {path: path.stat().st_mtime_ns for path in (folder / "data").glob("pictures-*")}
    assert len(again) == 1
    assert not again.keys() & pictures.keys()


def test_sounds_can_be_made_smaller(rendered_story: Path, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    assert run(rendered_story, "review", "-o", str(folder), "--audio", "mp3", "--lang", "de") == 0
    suffixes = {path.suffix for path in (folder / "sounds").iterdir()}
    assert suffixes == {".mp3"}
    assert run(rendered_story, "review", "-o", str(folder), "--audio", "aac") == 2

"""Reference clips as people have them: MP3 and AAC."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tones import speech_like

from voicepipe.audio.wav import AudioFileError, decode_clip, read_clip, read_duration_s

NEEDS_FFMPEG = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="there is no ffmpeg")


def _mp3(path: Path) -> bytes:
    clip = speech_like(seconds=2.0)
    soundfile.write(path, clip.samples, clip.sample_rate, format="MP3")
    return path.read_bytes()


def test_mp3_is_read_the_same_each_time_and_refused_when_it_is_cut_short(tmp_path: Path) -> None:
    content = _mp3(tmp_path / "a.mp3")
    clip, facts = decode_clip(content, "a.mp3")
    assert (facts.container, facts.channels, facts.sample_rate) == ("MP3", 1, 32_000)
    assert clip.duration_s == pytest.approx(2.0, abs=0.1)
    assert read_duration_s(tmp_path / "a.mp3") == pytest.approx(clip.duration_s)
    assert np.array_equal(decode_clip(content, "a.mp3")[0].samples, clip.samples)
    with pytest.raises(AudioFileError, match="cut short"):
        decode_clip(content[: len(content) // 2], "a.mp3")


def test_aac_without_ffmpeg_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "a.m4a"
    for head in (b"\0\0\0\x1cftypM4A ", b"\xff\xf1\x50\x80"):
        path.write_bytes(head + bytes(100))
        for read in (read_clip, read_duration_s):
            with pytest.raises(AudioFileError, match=r"a\.m4a: is an AAC file, which needs ffmpeg"):
                read(path)


def test_what_ffmpeg_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text('#!/bin/sh\necho "moov atom not found" >&2\nexit 1\n', "utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AudioFileError, match="damaged or cut short: moov atom not found"):
        decode_clip(b"\0\0\0\x1cftypM4A " + bytes(100), "a.m4a")


@NEEDS_FFMPEG
@pytest.mark.parametrize("suffix", ["m4a", "aac"])
def test_aac_is_read_the_same_each_time_and_refused_when_it_is_cut_short(
    tmp_path: Path, suffix: str
) -> None:
    _mp3(tmp_path / "a.mp3")
    path = tmp_path / f"a.{suffix}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(tmp_path / "a.mp3"), str(path)], check=True)
    clip = read_clip(path)
    assert clip.duration_s == pytest.approx(2.0, abs=0.2)
    assert read_duration_s(path) == clip.duration_s
    assert np.array_equal(read_clip(path).samples, clip.samples)
    content = path.read_bytes()
    with pytest.raises(AudioFileError, match="damaged or cut short"):
        decode_clip(content[: len(content) // 2], path.name)

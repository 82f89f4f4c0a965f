"""A clip's length is read from its file once, and is that of the file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.syntax import Language
from voicepipe.synthesis import clip_lengths
from voicepipe.synthesis.clip_lengths import KEPT_LENGTHS, ClipLengths
from voicepipe.user_cache import CACHE_VARIABLE
from voicepipe.voices.voice import ReferenceClip

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
OGG = "voices/noah/en.ogg"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / KEPT_LENGTHS.file_name


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files that are read by a library."""
    names: list[str] = []
    length: Callable[[Path], float] = clip_lengths._read_length_s

    def noted(path: Path) -> float:
        names.append(path.name)
        return length(path)

    monkeypatch.setattr(clip_lengths, "_read_length_s", noted)
    return names


def clip(root: Path, path: str) -> ReferenceClip:
    return ReferenceClip(
        path=path,
        sha256=hashlib.sha256((root / path).read_bytes()).hexdigest(),
        transcript="Hello.",
        language=Language("en"),
        emotion="neutral",
        span=SourceSpan(path="voices/noah.yaml"),
    )


def test_a_compressed_clip_is_read_once(cache: Path, read: list[str]) -> None:
    length_s = soundfile.info(str(ROOT / OGG)).duration
    one = clip(ROOT, OGG)
    assert [ClipLengths(ROOT).of(one) for _ in range(3)] == [length_s] * 3
    assert read == ["en.ogg"]
    other = replace(one, sha256="0" * 64)
    assert ClipLengths(ROOT).of(other) == length_s
    assert read == ["en.ogg"] * 2
    cache.write_bytes(b"\xff" * 10_000)
    assert ClipLengths(ROOT).of(one) == length_s
    assert read == ["en.ogg"] * 3


def test_what_cannot_be_read_is_looked_at_again(tmp_path: Path, read: list[str]) -> None:
    (tmp_path / "a.ogg").write_bytes(b"OggS and no more")
    one = clip(tmp_path, "a.ogg")
    assert ClipLengths(tmp_path).of(one) == 0
    (tmp_path / "a.ogg").write_bytes((ROOT / OGG).read_bytes())
    assert ClipLengths(tmp_path).of(one) > 1
    assert read == ["a.ogg"] * 2

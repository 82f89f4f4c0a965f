"""Clips are packed once: a packing that was stopped goes on, and gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tiny import packing
from tiny.corpus import SAMPLE_RATE, Clip
from tiny.packing import Pack, pack_corpus

if TYPE_CHECKING:
    from pathlib import Path


def clips_in(folder: Path, names: str) -> tuple[Clip, ...]:
    """A third of a second of a tone of its own each."""
    found = []
    for name in names:
        path = folder / f"{name}.wav"
        tone = np.sin(np.arange(SAMPLE_RATE // 3) * (0.02 + 0.001 * ord(name)))
        soundfile.write(path, 0.3 * tone, SAMPLE_RATE)
        found.append(
            Clip(path=path, name=path.name, language="en", voice="af_heart", text="Good evening.")
        )
    return tuple(found)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_CHUNK", 2)


@pytest.mark.usefixtures("_two_at_a_time")
def test_a_stopped_packing_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = clips_in(tmp_path, "abcde")
    pack_corpus(clips, tmp_path / "whole", jobs=1)
    measured: list[str] = []
    measure = packing._measure

    def stopping(clip: Clip) -> object:
        if len(measured) == 3:
            raise KeyboardInterrupt
        measured.append(clip.name)
        return measure(clip)

    with monkeypatch.context() as patched:
        patched.setattr(packing, "_measure", stopping)
        with pytest.raises(KeyboardInterrupt):
            pack_corpus(clips, tmp_path / "stopped", jobs=1)
    assert [clip.name for clip in Pack(tmp_path / "stopped").clips] == ["a.wav", "b.wav"]
    pack_corpus(clips, tmp_path / "stopped", jobs=1)
    assert bytes_of(tmp_path / "stopped") == bytes_of(tmp_path / "whole")


@pytest.mark.usefixtures("_two_at_a_time")
def test_other_clips_are_packed_anew_from_the_first_that_differs(tmp_path: Path) -> None:
    pack_corpus(clips_in(tmp_path, "ace"), tmp_path / "pack", jobs=1)
    for names in ("acde", "ac"):
        clips = clips_in(tmp_path, names)
        pack_corpus(clips, tmp_path / "pack", jobs=1)
        pack_corpus(clips, tmp_path / f"only-{names}", jobs=1)
        assert [clip.name for clip in Pack(tmp_path / "pack").clips] == [c.name for c in clips]
        wave = Pack(tmp_path / "pack").wave(Pack(tmp_path / "pack").clips[-1], 0)
        only = Pack(tmp_path / f"only-{names}")
        assert np.array_equal(wave, only.wave(only.clips[-1], 0))

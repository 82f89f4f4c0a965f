from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.audio.riff import (
    MAX_CHUNKS,
    Chunk,
    RiffError,
    find_chunks,
    plain_duration_s,
    read_chunk,
    write_chunk,
    write_wave,
)

if TYPE_CHECKING:
    from pathlib import Path

_IDS = st.binary(min_size=4, max_size=4).filter(lambda name: name != b"data")


@settings(deadline=None)
@given(st.lists(st.tuples(_IDS, st.binary(max_size=40)), max_size=8))
def test_what_was_written_is_found(chunks: list[tuple[bytes, bytes]]) -> None:
    content = write_wave(Chunk(id=name, payload=payload) for name, payload in chunks)
    found = [(p.id, content[p.start : p.start + p.size]) for p in find_chunks(content)]
    assert found == chunks
    assert len(content) % 2 == 0


def test_an_odd_payload_is_padded_and_its_size_is_not() -> None:
    assert write_chunk(Chunk(id=b"note", payload=b"abc")) == b"note\x03\0\0\0abc\0"


def test_a_chunk_that_is_not_there_is_none() -> None:
    content = write_wave([Chunk(id=b"fmt ", payload=b"1234")])
    assert read_chunk(content, b"data") is None
    assert read_chunk(content, b"fmt ") == b"1234"


@pytest.mark.parametrize("content", [b"", b"RIFF", b"OggS" * 20, b"RIFF\4\0\0\0AVI "])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(RiffError, match="does not begin"):
        find_chunks(content)


def test_every_cut_inside_the_data_is_noticed() -> None:
    content = write_wave([Chunk(id=b"fmt ", payload=b"1234"), Chunk(id=b"data", payload=b"x" * 20)])
    for end in range(len(content) - 20, len(content)):
        with pytest.raises(RiffError, match="only"):
            find_chunks(content[:end])


def test_bytes_after_the_riff_chunk_are_let_pass() -> None:
    content = write_wave([Chunk(id=b"data", payload=b"abcd")]) + b"junk\xff\xff\xff\x00tail"
    assert [place.id for place in find_chunks(content)] == [b"data"]


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF], ids=["zero", "all ones"])
def test_data_of_unknown_length_runs_to_the_end(size: int) -> None:
    content = b"RIFF" + struct.pack("<I", size) + b"WAVEdata" + struct.pack("<I", size) + b"abcdef"
    assert read_chunk(content, b"data") == b"abcdef"


def test_an_empty_data_chunk_of_a_finished_file_is_empty() -> None:
    content = write_wave([Chunk(id=b"data", payload=b""), Chunk(id=b"note", payload=b"ab")])
    assert read_chunk(content, b"data") == b""
    assert read_chunk(content, b"note") == b"ab"


def test_a_flood_of_chunks_is_refused() -> None:
    content = write_wave(Chunk(id=b"junk", payload=b"") for _ in range(MAX_CHUNKS + 1))
    with pytest.raises(RiffError, match="more than"):
        find_chunks(content)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "PCM_U8"])
@pytest.mark.parametrize("channels", [1, 2])
def test_plain_samples_are_as_long_as_the_library_says(
    tmp_path: Path, subtype: str, channels: int
) -> None:
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.zeros((12_345, channels)), 44_100, subtype=subtype)
    with path.open("rb") as stream:
        assert plain_duration_s(stream) == soundfile.info(str(path)).duration


def test_only_whole_plain_samples_have_a_length(tmp_path: Path) -> None:
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.zeros(1_000), 32_000, subtype="PCM_16")
    whole = path.read_bytes()
    soundfile.write(path, np.zeros(1_000), 32_000, subtype="ULAW")
    fmt = whole.index(b"fmt ") + 8
    broken = (
        b"",
        whole[:40],
        whole[:-1],
        b"RIFX" + whole[4:],
        whole[:fmt] + bytes(16) + whole[fmt + 16 :],
        whole[:36] + b"data" + bytes(4) + whole[44:],
        path.read_bytes(),
        b"RIFF\0\0\0\0WAVE" + b"LIST\0\0\0\0" * 1_000,
    )
    for content in broken:
        assert plain_duration_s(io.BytesIO(content)) is None

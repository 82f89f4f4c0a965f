"""The head of a WAV file against what is written down about it."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.riff import Chunk, RiffError, write_wave
from voicepipe.audio.wave_facts import read_wave_facts, wave_fault

WAVE = np.linspace(-0.5, 0.5, 4_801, dtype=np.float32)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_our_own_files_are_what_they_say(bits: int) -> None:
    content = encode_wav(AudioClip(samples=WAVE, sample_rate=48_000), bit_depth=bits, dither_seed=0)
    facts = read_wave_facts(io.BytesIO(content))
    assert (facts.channels, facts.sample_rate, facts.bit_depth, facts.n_frames) == (
        1,
        48_000,
        bits,
        4_801,
    )
    fault = wave_fault(
        io.BytesIO(content), sample_rate=48_000, bit_depth=bits, duration_s=4_801 / 48_000
    )
    assert fault == ""


def _wave(form: bytes, payload: bytes = b"\0" * 64) -> bytes:
    return write_wave([Chunk(id=b"fmt ", payload=form), Chunk(id=b"data", payload=payload)])


GOOD = struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 16)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is a text",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00WAVE",
        _wave(GOOD)[:-1],
        _wave(GOOD)[:30],
        _wave(GOOD[:10]),
        _wave(struct.pack("<HHIIHH", 1, 0, 8_000, 16_000, 2, 16)),
        _wave(struct.pack("<HHIIHH", 1, 1, 0, 16_000, 2, 16)),
        _wave(struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 12)),
        write_wave([Chunk(id=b"data", payload=b"\0" * 64)]),
        write_wave([Chunk(id=b"fmt ", payload=GOOD)]),
    ],
)
def test_what_is_no_whole_wav_file_is_refused(content: bytes) -> None:
    with pytest.raises(RiffError):
        read_wave_facts(io.BytesIO(content))
    said = wave_fault(io.BytesIO(content), sample_rate=8_000, bit_depth=16, duration_s=0.004)
    assert "no whole WAV file" in said


@pytest.mark.parametrize(
    ("rate", "bits", "seconds"), [(16_000, 16, 0.004), (8_000, 24, 0.004), (8_000, 16, 0.1)]
)
def test_another_form_or_length_is_named(rate: int, bits: int, seconds: float) -> None:
    content = io.BytesIO(_wave(GOOD))
    assert "instead of" in wave_fault(content, sample_rate=rate, bit_depth=bits, duration_s=seconds)


def test_two_channels_are_not_one() -> None:
    stereo = io.BytesIO(_wave(struct.pack("<HHIIHH", 1, 2, 8_000, 32_000, 4, 16)))
    assert "2 channels" in wave_fault(stereo, sample_rate=8_000, bit_depth=16, duration_s=0.002)

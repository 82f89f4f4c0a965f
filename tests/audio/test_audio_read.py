from __future__ import annotations

import contextlib
import io
import os
import random
import struct
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tones import silence, sine, speech_like

from voicepipe.audio import wav
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.wav import AudioFileError, decode_clip, read_clip, read_duration_s
from voicepipe.errors import EnvironmentFault, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

_TONE = sine(hz=440, dbfs=-6, seconds=0.25)


def _encoded(container: str, subtype: str, channels: int = 1, rate: int = 48_000) -> bytes:
    stream = io.BytesIO()
    frames = np.repeat(sine(hz=440, dbfs=-6, seconds=0.25, rate=rate).samples[:, None], channels, 1)
    soundfile.write(stream, frames, rate, format=container, subtype=subtype)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("container", "subtype", "tolerance"),
    [
        ("WAV", "PCM_16", 1e-4),
        ("WAV", "PCM_24", 1e-6),
        ("WAV", "PCM_U8", 1e-2),
        ("WAV", "FLOAT", 0.0),
        ("WAV", "DOUBLE", 1e-7),
        ("WAVEX", "PCM_24", 1e-6),
        ("FLAC", "PCM_16", 1e-4),
        ("FLAC", "PCM_24", 1e-6),
    ],
)
def test_lossless_files_come_back(container: str, subtype: str, tolerance: float) -> None:
    clip, facts = decode_clip(_encoded(container, subtype), "a file")
    assert facts.container == container
    assert facts.encoding == subtype
    assert clip.samples.dtype == np.float32
    assert np.max(np.abs(clip.samples - _TONE.samples)) <= tolerance


def test_a_length_is_read_without_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for container, subtype in (("WAV", "PCM_24"), ("FLAC", "PCM_16"), ("OGG", "OPUS")):
        path = tmp_path / f"tone.{container.lower()}"
        path.write_bytes(_encoded(container, subtype))
        monkeypatch.setattr(soundfile.SoundFile, "read", None)
        assert read_duration_s(path) == pytest.approx(0.25, abs=0.02)
        monkeypatch.undo()
    (tmp_path / "tone.txt").write_text("no sound", "utf-8")
    for name in ("tone.txt", "nowhere.wav"):
        with pytest.raises(AudioFileError, match=f"{name}: is no sound file"):
            read_duration_s(tmp_path / name)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_ogg_files_are_read(subtype: str) -> None:
    clip, facts = decode_clip(_encoded("OGG", subtype), "a file")
    assert (facts.container, facts.encoding) == ("OGG", subtype)
    assert clip.duration_s == pytest.approx(0.25, abs=0.02)


def test_channels_are_averaged() -> None:
    stream = io.BytesIO()
    soundfile.write(stream, np.tile([[0.5, -0.1]], (100, 1)), 48_000, format="WAV", subtype="FLOAT")
    clip, facts = decode_clip(stream.getvalue(), "a file")
    assert facts.channels == 2
    assert clip.samples == pytest.approx(np.full(100, 0.2), abs=1e-6)


@pytest.mark.parametrize("bit_depth", [16, 24, 32])
def test_what_we_write_we_read(bit_depth: int) -> None:
    clip, facts = decode_clip(encode_wav(_TONE, bit_depth=bit_depth), "a file")
    assert facts.sample_rate == 48_000
    error = np.max(np.abs(clip.samples - _TONE.samples))
    assert error <= (0 if bit_depth == 32 else 2.0**-bit_depth)


@pytest.mark.parametrize(
    ("container", "subtype"),
    [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS")],
)
def test_a_file_cut_short_is_refused_wherever_it_is_cut(container: str, subtype: str) -> None:
    content = _encoded(container, subtype)
    for share in (0.01, 0.1, 0.5, 0.8, 0.95, 0.99):
        with pytest.raises(AudioFileError) as caught:
            decode_clip(content[: int(len(content) * share)], "take.wav")
        assert caught.value.message.startswith("take.wav: ")
        assert caught.value.remedy
    with pytest.raises(AudioFileError):
        decode_clip(content[:-1], "take.wav")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"not a sound at all" * 10, "cannot be decoded"),
        (b"RIFF\x24\0\0\0WAVE", "cannot be decoded"),
        (b"OggS", "not whole"),
        (b"fLaC" + b"\0" * 100, "cannot be decoded"),
        (_encoded("AIFF", "PCM_16"), "is a AIFF file"),
        (_encoded("WAV", "PCM_16", channels=9), "9 channels, the limit is 8"),
        (_encoded("WAV", "PCM_16", rate=4_000), "has 4000 Hz"),
        (encode_wav(silence(0.0), bit_depth=16), "holds no sound"),
    ],
    ids=["empty", "text", "header", "ogg", "flac", "aiff", "channels", "rate", "no frames"],
)
def test_what_is_not_usable_is_said(content: bytes, what: str) -> None:
    with pytest.raises(AudioFileError, match=what):
        decode_clip(content, "x.wav")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(value: float) -> None:
    samples = _TONE.samples.copy()
    samples[100] = value
    data = samples.astype("<f4").tobytes()
    content = encode_wav(_TONE, bit_depth=32)
    with pytest.raises(AudioFileError, match="not numbers"):
        decode_clip(content[: -len(data)] + data, "x.wav")


def test_a_header_that_promises_hours_is_refused_before_anything_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wav, "MAX_DURATION_S", 0.2)
    with pytest.raises(AudioFileError, match="the limit is 0 s"):
        decode_clip(_encoded("WAV", "PCM_16"), "x.wav")


def test_a_flac_header_that_lies_about_its_length_is_refused() -> None:
    content = bytearray(_encoded("FLAC", "PCM_16"))
    # STREAMINFO: the low 32 bits of the total number of samples lie at byte 8 + 14.
    struct.pack_into(">I", content, 8 + 14, 48_000 * 300)
    with pytest.raises(AudioFileError):
        decode_clip(bytes(content), "x.flac")


def test_random_damage_never_gets_past_the_error() -> None:
    draw = random.Random(11)
    originals = [
        _encoded("WAV", "PCM_16"),
        _encoded("FLAC", "PCM_16"),
        _encoded("OGG", "VORBIS"),
    ]
    for turn in range(240):
        content = bytearray(originals[turn % 3])
        for _ in range(draw.randint(1, 12)):
            content[draw.randrange(min(len(content), 400 if turn % 2 else 10**9))] = draw.randrange(
                256
            )
        with contextlib.suppress(AudioFileError):
            clip, _ = decode_clip(bytes(content), "x")
            assert np.isfinite(clip.samples).all()


def test_a_file_on_disk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "söng 1.wav"
    path.write_bytes(encode_wav(speech_like(), bit_depth=24))
    assert read_clip(path).sample_rate == 32_000


@pytest.mark.parametrize("name", ["missing.wav", "folder", "a\0b.wav"])
def test_a_path_without_a_file_is_an_environment_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(EnvironmentFault) as caught:
        read_clip(tmp_path / name)
    assert caught.value.exit_code is ExitCode.ENVIRONMENT
    assert caught.value.remedy


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX thing")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioFileError, match="is not a file"):
        read_clip(tmp_path / "pipe.wav")


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as stream:
        stream.truncate(wav.MAX_FILE_BYTES + 1)  # sparse
    with pytest.raises(AudioFileError, match="the limit is"):
        read_clip(path)


@pytest.mark.parametrize("bit_depth", [16, 24])
def test_the_plainest_reader_there_is_reads_what_we_write(bit_depth: int) -> None:
    facts = ClipMetadata(
        line="a", text="你好", speaker="s", voice="v", language="zh", source="scratch"
    )
    content = encode_wav(_TONE, bit_depth=bit_depth, metadata=facts, dither_seed=1)
    with wave.open(io.BytesIO(content)) as reader:
        assert reader.getparams()[:4] == (1, bit_depth // 8, 48_000, _TONE.n_samples)
        assert len(reader.readframes(10**6)) == _TONE.n_samples * bit_depth // 8

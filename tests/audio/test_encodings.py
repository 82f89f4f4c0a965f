"""Clips as FLAC, Ogg Vorbis, Opus and MP3: the same bytes each time, the same level, labelled."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from facts_of_clips import FACTS
from hypothesis import given, settings
from hypothesis import strategies as st
from tones import speech_like

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import Encoding, encode, make_encoding, read_encoded_metadata
from voicepipe.audio.loudness import measure_loudness
from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.ogg import OggError, read_ogg_comments, write_ogg
from voicepipe.errors import UsageError

KEY = "0123456789abcdef" * 4
FORMS = ("wav", "flac", "ogg", "opus", "mp3")
LOSSY = ("ogg", "opus", "mp3")


def wav(rate: int = 48_000, facts: ClipMetadata | None = FACTS, seconds: float = 1.2) -> bytes:
    clip = speech_like(seconds=seconds, rate=rate, dbfs=-23.0)
    return encode_wav(clip, bit_depth=24, metadata=facts, dither_seed=0)


def decoded(content: bytes) -> AudioClip:
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return AudioClip(samples=samples, sample_rate=rate)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_clip_gives_the_same_bytes(form: str) -> None:
    first, second = (encode(wav(), make_encoding(form), key=KEY) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_length_and_loudness_stay(form: str, rate: int) -> None:
    clip = decoded(encode(wav(rate), make_encoding(form), key=KEY))
    before = decoded(wav(rate))
    assert clip.duration_s == pytest.approx(before.duration_s, abs=0.001)
    was, now = measure_loudness(before), measure_loudness(clip)
    assert was is not None
    assert now is not None
    assert now.lufs == pytest.approx(was.lufs, abs=0.1)


@pytest.mark.parametrize("form", FORMS)
def test_sound_stays_where_it_was(form: str) -> None:
    before, after = decoded(wav()), decoded(encode(wav(), make_encoding(form), key=KEY))
    n = min(before.n_samples, after.n_samples)
    spectra = np.fft.rfft(before.samples[:n]), np.fft.rfft(after.samples[:n])
    shift = int(np.argmax(np.fft.irfft(spectra[0] * np.conj(spectra[1]))))
    assert min(shift, n - shift) <= 48  # samples: a millisecond


@pytest.mark.parametrize("form", FORMS)
def test_every_fact_goes_along(form: str) -> None:
    content = encode(wav(), make_encoding(form), key=KEY)
    assert read_encoded_metadata(content) == FACTS


@pytest.mark.parametrize("form", FORMS[1:])
def test_players_show_line_voice_and_statement(form: str) -> None:
    with soundfile.SoundFile(io.BytesIO(encode(wav(), make_encoding(form), key=KEY))) as file:
        assert (file.title, file.artist, file.genre) == ("bridge_0010", "noah_v2", "Speech")
        assert file.comment == FACTS.statement


@pytest.mark.parametrize("form", FORMS)
def test_a_clip_that_says_nothing_says_nothing_afterwards(form: str) -> None:
    content = encode(wav(facts=None), make_encoding(form), key=KEY)
    assert read_encoded_metadata(content) is None


@pytest.mark.parametrize("form", LOSSY)
def test_a_better_quality_is_larger_and_nearer(form: str) -> None:
    sizes, errors = [], []
    for quality in (0.0, 4.0, 10.0):
        content = encode(wav(), make_encoding(form, quality=quality), key=KEY)
        n = min(decoded(content).n_samples, decoded(wav()).n_samples)
        sizes.append(len(content))
        difference = decoded(content).samples[:n] - decoded(wav()).samples[:n]
        errors.append(float(np.abs(difference).mean()))
    assert sizes == sorted(sizes)
    assert errors[2] < errors[0]


@pytest.mark.parametrize(
    ("rate", "written"), [(22_050, 24_000), (32_000, 48_000), (44_100, 48_000), (24_000, 24_000)]
)
def test_opus_takes_the_next_rate_it_knows(rate: int, written: int) -> None:
    content = encode(wav(rate), make_encoding("opus"), key=KEY)
    head = content[content.index(b"OpusHead") :]
    assert int.from_bytes(head[12:16], "little") == written


def test_another_clip_has_another_serial_number() -> None:
    one = encode(wav(), make_encoding("ogg"), key=KEY)
    other = encode(wav(), make_encoding("ogg"), key=KEY[::-1])
    assert one[14:18] == bytes.fromhex(KEY[:8])[::-1]
    assert one[14:18] != other[14:18]


def test_a_wav_of_the_same_form_is_the_clip_itself() -> None:
    assert encode(wav(), make_encoding("wav"), key=KEY) == wav()


def test_a_wav_may_have_another_rate_and_depth() -> None:
    content = encode(wav(), make_encoding("wav", sample_rate=22_050, bit_depth=16), key=KEY)
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.samplerate, file.subtype) == (22_050, "PCM_16")


def test_flac_loses_nothing() -> None:
    content = encode(wav(), make_encoding("flac"), key=KEY)
    assert np.array_equal(decoded(content).samples, decoded(wav()).samples)


@pytest.mark.parametrize("form", FORMS)
def test_ffmpeg_reads_it_without_complaint(form: str, tmp_path: Path) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed here")
    path = tmp_path / f"clip.{form}"
    path.write_bytes(encode(wav(), make_encoding(form), key=KEY))
    command = [program, "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_comments_longer_than_a_page_are_paged() -> None:
    comments = {"TITLE": "x", "LONG": "语" * 60_000}
    for form in ("ogg", "opus"):
        content = encode(wav(), make_encoding(form), key=KEY)
        longer = write_ogg(content, serial=7, comments=comments)
        assert read_ogg_comments(longer) == comments
        assert np.array_equal(decoded(longer).samples, decoded(content).samples)


@pytest.mark.parametrize(
    ("form", "options", "says"),
    [
        ("aac", {}, '"aac" is no encoding of sound'),
        ("flac", {"quality": 5.0}, "nothing is lost"),
        ("ogg", {"quality": 11.0}, "11 is not between 0 and 10"),
        ("ogg", {"quality": float("nan")}, "not between 0 and 10"),
        ("mp3", {"bit_depth": 16}, "no bit depth"),
        ("wav", {"bit_depth": 8}, "8 bits cannot be written"),
        ("opus", {"sample_rate": 44_100}, "44100 Hz cannot be written"),
        ("ogg", {"sample_rate": 4_000}, "4000 Hz is not between"),
    ],
)
def test_what_cannot_be_written_is_refused(form: str, options: dict[str, float], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make_encoding(form, **options)  # type: ignore[arg-type]  # wrong on purpose


def test_the_name_of_an_encoding_tells_encodings_apart() -> None:
    names = {
        make_encoding("ogg").name,
        make_encoding("ogg", quality=5.1).name,
        make_encoding("ogg", sample_rate=24_000).name,
        make_encoding("wav", bit_depth=16).name,
        make_encoding("wav").name,
    }
    assert len(names) == 5
    assert max(map(len, names)) <= 28
    assert make_encoding("ogg") == Encoding(form=make_encoding("ogg").form, quality=5.0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_are_refused_and_never_crash(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMS))
    content = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(600, len(content) - 1)))] = data.draw(
            st.integers(0, 255)
        )
    read_encoded_metadata(bytes(content[: data.draw(st.integers(0, len(content)))]))


def test_pages_cut_short_are_refused() -> None:
    content = SAMPLES["ogg"]
    for length in (0, 20, 60, len(content) - 1):
        with pytest.raises(OggError):
            write_ogg(content[:length], serial=1, comments={})


SAMPLES = {form: encode(wav(seconds=0.1), make_encoding(form), key=KEY) for form in FORMS}

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loaded_modules import loaded_by
from tones import clip_of, joined, noise, silence, sine, speech_like

from voicepipe.audio.loudness import LoudnessMethod, measure_loudness, true_peak_dbtp
from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.post_settings import (
    PostSettings,
    post_fingerprint,
    post_settings,
    settings_for,
)
from voicepipe.audio.postprocess import FinishedClip, finish_clip
from voicepipe.audio.tags import read_metadata
from voicepipe.audio.wav import decode_clip
from voicepipe.errors import SynthesisError
from voicepipe.settings import AudioSettings

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip

FACTS = ClipMetadata(
    line="a_0010", text="Hello.", speaker="ada", voice="ada", language="en", source="synthetic"
)


def _post(**changes: float) -> PostSettings:
    return replace(post_settings(AudioSettings()), **changes)  # type: ignore[arg-type]


def _finish(clip: AudioClip, post: PostSettings | None = None, seed: int = 1) -> FinishedClip:
    return finish_clip(clip, post or _post(), FACTS, dither_seed=seed)


def _decoded(finished: FinishedClip) -> AudioClip:
    return decode_clip(finished.wav_bytes, "finished")[0]


@pytest.mark.parametrize("bit_depth", [16, 24, 32])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_a_meter_held_to_the_file_reads_what_the_record_says(bit_depth: int, rate: int) -> None:
    finished = _finish(speech_like(seconds=1.5), _post(bit_depth=bit_depth, sample_rate=rate))
    clip = _decoded(finished)
    loudness = measure_loudness(clip)
    assert loudness is not None
    assert finished.loudness_lufs == pytest.approx(-23.0, abs=0.02)
    assert loudness.lufs == pytest.approx(finished.loudness_lufs, abs=0.02)
    assert true_peak_dbtp(clip) == pytest.approx(finished.peak_dbtp, abs=0.02)
    assert (clip.sample_rate, finished.bit_depth) == (rate, bit_depth)
    assert clip.duration_s == pytest.approx(finished.duration_s)
    assert finished.note == ""


def test_the_same_clip_gives_the_same_bytes_and_another_seed_another_dither() -> None:
    first, second = _finish(speech_like()), _finish(speech_like())
    assert first == second
    assert _finish(speech_like(), seed=2).wav_bytes != first.wav_bytes


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import sys, hashlib; sys.path[:0] = sys.argv[1:]\n"
        "from test_audio_finish import _finish\nfrom tones import speech_like\n"
        "print(hashlib.sha256(_finish(speech_like()).wav_bytes).hexdigest())"
    )
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-c", program, here, here.parent],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(_finish(speech_like()).wav_bytes).hexdigest()


def test_the_tags_are_inside() -> None:
    assert read_metadata(_finish(speech_like()).wav_bytes) == FACTS


def test_peaks_win_over_loudness_and_the_record_says_so() -> None:
    clicks = speech_like(dbfs=-40).samples.copy()
    clicks[10_000:10_016] = 0.9
    finished = _finish(clip_of(clicks, 32_000))
    assert finished.peak_dbtp <= -1.0
    assert finished.loudness_lufs is not None
    assert finished.loudness_lufs < -23.5
    assert "peaks reach the -1 dBTP ceiling" in finished.note
    assert true_peak_dbtp(_decoded(finished)) <= -0.99


def test_boost_has_an_end() -> None:
    finished = _finish(speech_like(dbfs=-55))
    assert finished.gain_db == pytest.approx(20.0, abs=0.001)
    assert "more than the 20 dB boost" in finished.note


def test_a_hot_clip_is_turned_down() -> None:
    hot = _finish(sine(hz=300, dbfs=0, seconds=1), _post(loudness_lufs=-3))
    assert hot.peak_dbtp == pytest.approx(-1.0, abs=0.01)
    assert hot.gain_db < 0


def test_a_short_shout_is_levelled_and_does_not_claim_an_integrated_loudness() -> None:
    finished = _finish(sine(hz=500, dbfs=-30, seconds=0.2), _post(keep_ms=0))
    assert finished.levelled_by is LoudnessMethod.UNGATED
    assert finished.loudness_lufs is None
    reading = measure_loudness(_decoded(finished))
    assert reading is not None
    assert reading.lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    "clip",
    [
        silence(0.0),
        silence(1.0),
        noise(dbfs=-80, seconds=1.0),
        clip_of(np.full(48_000, 0.25)),
        clip_of([0.001]),
        sine(hz=6, dbfs=-58, seconds=1.0),
    ],
    ids=["empty", "zeros", "hiss", "only an offset", "one sample", "rumble nobody hears"],
)
def test_silence_is_refused_and_never_amplified(clip: AudioClip) -> None:
    with pytest.raises(SynthesisError, match="silent"):
        _finish(clip)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(value: float) -> None:
    samples = speech_like().samples.copy()
    samples[5] = value
    with pytest.raises(SynthesisError, match="not numbers"):
        _finish(clip_of(samples, 32_000))


def test_an_offset_is_removed() -> None:
    offset = clip_of(speech_like().samples + np.float32(0.2), 32_000)
    assert abs(float(_decoded(_finish(offset)).samples.mean())) < 1e-3


def test_pads_are_digital_silence_of_exact_length() -> None:
    post = _post(head_ms=120, tail_ms=250)
    bare, padded = _finish(speech_like()), _finish(speech_like(), post)
    clip = _decoded(padded)
    head, tail = 5760, 12_000  # 120 and 250 ms at 48 kHz
    assert clip.n_samples == _decoded(bare).n_samples + head + tail
    assert not clip.samples[:head].any()
    assert not clip.samples[-tail:].any()
    assert clip.samples[head : head + 480].any()


def test_edges_are_faded_so_that_nothing_clicks() -> None:
    clip = _decoded(_finish(sine(hz=997, dbfs=-20, seconds=1, phase=1.5), _post(trim=False)))
    assert np.abs(clip.samples[:3]).max() < 0.001
    assert np.abs(clip.samples[-3:]).max() < 0.001


def test_trimming_takes_the_silence_and_keeps_the_margin() -> None:
    clip = joined(silence(1.0, 32_000), speech_like(), silence(1.0, 32_000))
    assert _finish(clip).duration_s == pytest.approx(1.08, abs=0.03)
    assert _finish(clip, _post(trim=False)).duration_s == pytest.approx(3.0, abs=0.001)


def test_a_line_brings_its_own_loudness_and_pauses() -> None:
    project = _post(head_ms=10, tail_ms=20)
    line = settings_for(project, loudness_lufs=-18, opening_pause_ms=400, closing_pause_ms=100)
    assert (line.loudness_lufs, line.head_ms, line.tail_ms) == (-18, 410, 120)
    assert settings_for(project) == project


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-55, 0),
    st.floats(0.03, 1.2),
    st.sampled_from([16_000, 24_000, 32_000, 44_100, 48_000]),
    st.floats(-30, -14),
)
def test_no_finished_clip_passes_the_ceiling_or_the_target(
    dbfs: float, seconds: float, rate: int, target: float
) -> None:
    finished = _finish(
        sine(hz=700, dbfs=dbfs, seconds=seconds, rate=rate), _post(loudness_lufs=target)
    )
    clip = _decoded(finished)
    reading = measure_loudness(clip)
    assert reading is not None
    assert true_peak_dbtp(clip) <= -1.0 + 0.02
    assert reading.lufs <= target + 0.05
    assert finished.note or reading.lufs >= target - 0.55


def test_the_fingerprint_changes_with_any_setting() -> None:
    base = _post()
    changes = {
        field.name: (not value) if isinstance(value, bool) else value + 1
        for field in fields(base)
        for value in [getattr(base, field.name)]
    }
    prints = {str(post_fingerprint(_post(**{name: new}))) for name, new in changes.items()}
    assert len(prints | {str(post_fingerprint(base))}) == len(fields(base)) + 1


def test_planning_needs_no_arrays() -> None:
    assert not loaded_by("import voicepipe.audio.post_settings, voicepipe.audio.metadata")


def test_finishing_needs_no_torch() -> None:
    program = "import sys, voicepipe.audio.postprocess; print('torch' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"

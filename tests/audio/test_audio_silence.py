from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tones import clip_of, joined, noise, silence, sine, speech_like

from voicepipe.audio.silence import find_speech, frame_levels_db, speech_fault, trim

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip

RATE = 32_000


def _extent_s(clip: AudioClip) -> tuple[float, float]:
    extent = find_speech(clip)
    assert extent is not None
    return extent.start / clip.sample_rate, extent.end / clip.sample_rate


def test_digital_silence_around_a_tone_is_found_to_a_frame() -> None:
    tone = sine(hz=300, dbfs=-12, seconds=1.0, rate=RATE)
    start, end = _extent_s(joined(silence(0.5, RATE), tone, silence(0.7, RATE)))
    assert start == pytest.approx(0.5, abs=0.011)
    assert end == pytest.approx(1.5, abs=0.011)


def test_the_margin_is_kept() -> None:
    tone = sine(hz=300, dbfs=-12, seconds=1.0, rate=RATE)
    trimmed = trim(joined(silence(0.5, RATE), tone, silence(0.7, RATE)), keep_ms=40)
    assert trimmed.duration_s == pytest.approx(1.08, abs=0.022)


def test_a_room_with_noise_is_trimmed_too() -> None:
    speech = speech_like(seconds=1.0, rate=RATE, dbfs=-20)
    bed = noise(dbfs=-72, seconds=3.0, rate=RATE)
    clip = joined(silence(1.0, RATE), speech, silence(1.0, RATE))
    start, end = _extent_s(clip_of(clip.samples + bed.samples, RATE))
    assert start == pytest.approx(1.0, abs=0.03)
    assert end == pytest.approx(2.0, abs=0.03)


def test_a_breath_before_the_words_stays() -> None:
    breath = noise(dbfs=-62, seconds=0.25, rate=RATE)
    speech = speech_like(seconds=1.0, rate=RATE, dbfs=-18)
    clip = joined(silence(0.5, RATE), breath, silence(0.15, RATE), speech)
    start, _ = _extent_s(clip)
    assert start == pytest.approx(0.5, abs=0.02)


def test_a_soft_onset_stays() -> None:
    ramp_s = 0.3
    t = np.arange(round(ramp_s * RATE)) / RATE
    onset = clip_of(0.25 * (t / ramp_s) ** 2 * np.sin(2 * np.pi * 200 * t), RATE)
    body = sine(hz=200, dbfs=-12, seconds=0.5, rate=RATE)
    start, _ = _extent_s(joined(silence(0.5, RATE), onset, body))
    assert start <= 0.5 + 0.08  # the ramp passes 1/300 of the body's level at 0.02 s


def test_a_click_far_from_the_words_does_not_hold_the_silence() -> None:
    click = np.zeros(round(0.9 * RATE))
    click[100:110] = 0.01
    clip = joined(clip_of(click, RATE), speech_like(seconds=1.0, rate=RATE))
    start, _ = _extent_s(clip)
    assert start == pytest.approx(0.9, abs=0.03)


def test_a_click_louder_than_the_words_does_not_become_the_words() -> None:
    click = np.zeros(round(0.9 * RATE))
    click[100:110] = 1.0
    murmur = speech_like(seconds=1.0, rate=RATE, dbfs=-58)
    start, _ = _extent_s(joined(clip_of(click, RATE), murmur))
    assert start == pytest.approx(0.9, abs=0.05)


def test_noise_far_from_the_words_is_cut_and_near_them_stays() -> None:
    soft = noise(dbfs=-66, seconds=0.1, rate=RATE)
    speech = speech_like(seconds=1.0, rate=RATE)
    start, _ = _extent_s(joined(soft, silence(1.0, RATE), speech))
    assert start == pytest.approx(1.1, abs=0.03)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 1.0])
def test_a_silent_clip_has_no_extent_and_is_not_trimmed(seconds: float) -> None:
    clip = silence(seconds, RATE)
    assert find_speech(clip) is None
    assert trim(clip, keep_ms=10) is clip


def test_one_sample_is_a_frame() -> None:
    assert frame_levels_db(clip_of([0.5], RATE)) == pytest.approx([-6.02], abs=0.01)
    assert _extent_s(clip_of([0.5], RATE)) == (0.0, 1 / RATE)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9000), st.integers(200, 9000), st.integers(0, 9000), st.floats(-50, 0))
def test_no_sample_of_the_tone_is_ever_lost(head: int, body: int, tail: int, dbfs: float) -> None:
    tone = sine(hz=1000, dbfs=dbfs, seconds=body / RATE, rate=RATE, phase=0.5)
    clip = joined(silence(head / RATE, RATE), tone, silence(tail / RATE, RATE))
    extent = find_speech(clip)
    assert extent is not None
    frame = round(0.010 * RATE)
    assert extent.start <= head
    assert extent.end >= head + body - frame // 2
    assert extent.end <= clip.n_samples


def test_what_cannot_be_speech_is_told_from_what_can() -> None:
    hum = clip_of(0.1 * np.sin(np.arange(16_000) * 0.05))
    click = np.zeros(16_000)
    click[100] = 0.002
    assert speech_fault(hum) == ""
    assert "no numbers" in speech_fault(clip_of(hum.samples[:0]))
    assert "no numbers" in speech_fault(clip_of(np.full(100, np.inf)))
    assert "silent" in speech_fault(clip_of(np.zeros(16_000)))
    assert "loud as speech" in speech_fault(clip_of(click))

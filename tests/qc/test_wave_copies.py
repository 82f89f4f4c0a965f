"""Stretches that are there twice, to the wave, and short words whose room is not heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.wav import read_clip
from voicepipe.qc.levels import levels_of
from voicepipe.qc.signal_rules import likely_copies, room_db
from voicepipe.qc.wave_copies import copied_wave

VOICES = Path(__file__).parents[2] / "voices"


def _with_copy(clip: AudioClip, start_s: float, end_s: float, *, noise: float = 0.0) -> AudioClip:
    start, end = (round(moment * clip.sample_rate) for moment in (start_s, end_s))
    again = clip.samples[start:end]
    again = again + noise * np.random.default_rng(2).standard_normal(len(again)).astype(np.float32)
    samples = np.concatenate([clip.samples[:end], again, clip.samples[end:]]).astype(np.float32)
    return replace(clip, samples=samples)


@pytest.mark.parametrize("voice", ["noah", "mara", "wei"])
def test_a_stretch_that_is_copied_to_the_wave_is_found_where_it_is(voice: str) -> None:
    clip = read_clip(VOICES / voice / "en.ogg")
    twice = _with_copy(clip, 0.6337, 1.0171)  # no whole number of frames
    near = [(1.01, 1.40), (2.0, 2.4)]
    assert copied_wave(twice, near) == near[0]
    assert copied_wave(clip, near) is None
    louder = replace(twice, samples=twice.samples * np.float32(0.5))
    assert copied_wave(louder, near) == near[0]


def test_a_stretch_that_is_only_like_the_one_before_is_no_copy() -> None:
    clip = read_clip(VOICES / "noah" / "en.ogg")
    level = float(np.sqrt(np.mean(np.square(clip.samples))))
    assert copied_wave(_with_copy(clip, 0.6, 1.0, noise=level), [(1.0, 1.4)]) is None


def test_places_beyond_the_clip_are_no_copies() -> None:
    clip = AudioClip(samples=np.zeros(2_000, np.float32), sample_rate=16_000)
    assert copied_wave(clip, [(0.0, 0.3), (5.0, 5.4)]) is None


def test_the_likeliest_copy_is_the_first() -> None:
    levels = levels_of(_with_copy(read_clip(VOICES / "noah" / "en.ogg"), 0.6, 1.3))
    assert levels is not None
    copies = likely_copies(levels)
    assert copies == sorted(copies)
    assert copies[0][1][1] - copies[0][1][0] == pytest.approx(0.7, abs=0.03)


def test_the_room_of_a_single_word_is_judged_more_mildly_than_that_of_a_sentence() -> None:
    clip = read_clip(VOICES / "noah" / "en.ogg")
    rng = np.random.default_rng(1)
    hissing = clip.samples + 0.02 * rng.standard_normal(clip.n_samples).astype(np.float32)
    whole = levels_of(replace(clip, samples=hissing.astype(np.float32)))
    word = levels_of(replace(clip, samples=hissing[: clip.sample_rate].astype(np.float32)))
    assert whole is not None
    assert word is not None
    mild = room_db(word)
    plain = mild + np.interp(len(word.bands) * 0.01, (0.7, 2.0), (5.0, 0.0))
    assert mild < plain
    assert abs(plain - room_db(whole)) < 6

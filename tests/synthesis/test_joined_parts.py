"""Parts laid end to end: pauses as long as written, no clicks, pitch without haste."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.synthesis.delivery import latent_speed
from voicepipe.synthesis.joining import PartSound, joined_parts, pitch_ratio, pitch_shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 16_000


def tone(hz: float, seconds: float) -> NDArray[np.float32]:
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def padded(sound: NDArray[np.float32], seconds: float) -> NDArray[np.float32]:
    room = np.zeros(int(seconds * RATE), dtype=np.float32)
    return np.concatenate((room, sound, room))


def silent_stretches(clip: AudioClip) -> list[float]:
    """Seconds of every wholly silent stretch between sounds, over 20 ms."""
    loud = np.flatnonzero(np.abs(clip.samples) > 1e-4)
    gaps = np.diff(loud) / clip.sample_rate
    return [float(gap) for gap in gaps if gap > 0.02]


def frequency(clip: AudioClip) -> float:
    spectrum = np.abs(np.fft.rfft(clip.samples))
    return float(np.argmax(spectrum) * clip.sample_rate / clip.n_samples)


def test_one_part_is_left_alone() -> None:
    sound = padded(tone(200, 0.5), 0.2)
    clip = joined_parts([PartSound(samples=sound, pause_after_ms=700)], RATE)
    assert clip.samples is sound


def test_a_pause_is_as_long_as_written_whatever_the_model_left() -> None:
    parts = [
        PartSound(samples=padded(tone(200, 0.5), 0.3), pause_after_ms=400),
        PartSound(samples=padded(tone(300, 0.5), 0.3), pause_after_ms=0),
    ]
    clip = joined_parts(parts, RATE)
    (gap,) = silent_stretches(clip)
    assert gap == pytest.approx(0.4, abs=0.025)
    # The ends keep what the model left: finishing trims them.
    assert np.all(clip.samples[: int(0.29 * RATE)] == 0)
    assert np.all(clip.samples[-int(0.29 * RATE) :] == 0)


def test_parts_without_a_pause_keep_a_breath_and_do_not_click() -> None:
    parts = [
        PartSound(samples=padded(tone(200, 0.5), 0.3), pause_after_ms=0),
        PartSound(samples=padded(tone(300, 0.5), 0.3), pause_after_ms=0),
    ]
    clip = joined_parts(parts, RATE)
    (gap,) = silent_stretches(clip)
    assert gap == pytest.approx(0.08, abs=0.03)


def test_a_cut_through_sound_is_faded() -> None:
    steady = np.full(RATE, 0.3, dtype=np.float32)
    parts = [
        PartSound(samples=steady, pause_after_ms=100),
        PartSound(samples=steady, pause_after_ms=0),
    ]
    clip = joined_parts(parts, RATE)
    assert float(np.abs(np.diff(clip.samples)).max()) < 0.01


@pytest.mark.parametrize("semitones", [-5.0, 2.0, 7.0])
def test_pitch_moves_and_pace_does_not(semitones: float) -> None:
    speed = latent_speed(1.0, semitones)
    spoken = tone(200, 1.0 / speed)  # a voice stretched by the latent keeps its pitch
    clip = pitch_shifted(spoken, RATE, semitones)
    assert clip.duration_s == pytest.approx(1.0, rel=0.01)
    assert frequency(clip) == pytest.approx(200 * pitch_ratio(semitones), rel=0.01)
    assert clip.sample_rate == RATE


def test_no_pitch_mark_changes_no_sample() -> None:
    sound = tone(200, 0.5)
    assert pitch_shifted(sound, RATE, 0.0).samples is sound

"""Pauses inside speech are found, and made longer or shorter without touching what sounds."""

from __future__ import annotations

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.pauses import PauseChange, find_pauses, moved, with_pauses
from voicepipe.audio.silence import find_speech

RATE = 24_000


def words(*seconds: float) -> AudioClip:
    """Sound and silence in turn, a little noise under both."""
    rng = np.random.default_rng(5)
    pieces = []
    for number, length_s in enumerate(seconds):
        time = np.arange(round(length_s * RATE)) / RATE
        sound = 0.3 * np.sin(2 * np.pi * 200 * time) if number % 2 == 0 else 0 * time
        pieces.append(sound + 1e-4 * rng.standard_normal(time.size))
    return AudioClip(samples=np.concatenate(pieces).astype(np.float32), sample_rate=RATE)


def test_pauses_inside_are_found_and_closures_of_plosives_are_not() -> None:
    clip = words(0.5, 0.3, 0.5, 0.06, 0.5)
    (pause,) = find_pauses(clip)
    assert pause.start / RATE == pytest.approx(0.5, abs=0.02)
    assert pause.end / RATE == pytest.approx(0.8, abs=0.02)
    assert find_pauses(words(0.5)) == ()
    assert find_pauses(AudioClip(samples=np.zeros(RATE, np.float32), sample_rate=RATE)) == ()


@pytest.mark.parametrize("length_s", [0.1, 0.2, 0.5, 0.9])
def test_a_pause_is_as_long_as_it_is_asked_to_be(length_s: float) -> None:
    clip = words(0.5, 0.3, 0.5)
    (pause,) = find_pauses(clip)
    change = PauseChange(pause=pause, length=round(length_s * RATE))
    changed = with_pauses(clip, [change])
    assert changed.n_samples == clip.n_samples + change.more
    before, after = find_speech(clip), find_speech(changed)
    assert before is not None
    assert after is not None
    assert after.end - after.start == pytest.approx(before.end - before.start + change.more, abs=9)
    np.testing.assert_array_equal(changed.samples[: pause.start], clip.samples[: pause.start])
    n_after = clip.n_samples - pause.end
    np.testing.assert_array_equal(changed.samples[-n_after:], clip.samples[-n_after:])
    quiet = changed.samples[pause.start + 480 : pause.start + change.length - 480]
    assert 0 < float(np.abs(quiet).max()) < 0.001, "the room goes on, and nothing else"


def test_moments_move_with_the_pauses_before_them() -> None:
    clip = words(0.5, 0.3, 0.5)
    (pause,) = find_pauses(clip)
    change = PauseChange(pause=pause, length=2 * pause.length)
    assert moved(0.2, [change], RATE) == 0.2
    assert moved(1.0, [change], RATE) == pytest.approx(1.0 + pause.length / RATE)
    middle = (pause.start + pause.end) / 2 / RATE
    assert moved(middle, [change], RATE) == pytest.approx(pause.end / RATE)

"""An answer is brought to its slot by its pace, then by its pauses, and no further than allowed."""

from __future__ import annotations

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.synthesis.alignment import Alignment, PhonemeTime
from voicepipe.synthesis.fitting import better_pace, fitted, speech_s
from voicepipe.synthesis.slot import Slot, told_misfit, words_to_change

RATE = 24_000


def slot(slot_s: float, tolerance: float = 0.1) -> Slot:
    return Slot(slot_s=slot_s, tolerance=tolerance, slowest=0.85, fastest=1.2)


def words(*seconds: float) -> AudioClip:
    pieces = []
    for number, length_s in enumerate(seconds):
        time = np.arange(round(length_s * RATE)) / RATE
        pieces.append((1 - number % 2) * 0.3 * np.sin(2 * np.pi * 200 * time))
    return AudioClip(samples=np.concatenate(pieces).astype(np.float32), sample_rate=RATE)


def test_the_pace_is_what_the_length_asks_for_within_its_limits() -> None:
    clip = words(2.2)
    assert better_pace(clip, slot(2.0), 1.0) == pytest.approx(1.1, abs=0.01)
    assert better_pace(clip, slot(1.0), 1.0) == 1.2
    assert better_pace(clip, slot(4.0), 1.0) == 0.85
    assert better_pace(clip, slot(2.15), 1.0) is None, "it is near enough"
    assert better_pace(clip, slot(1.0), 1.2) is None, "no pace that is allowed is better"
    assert better_pace(words(1.833), slot(2.0), 1.2) == pytest.approx(1.1, abs=0.01)


def test_pauses_make_up_for_what_the_pace_leaves() -> None:
    clip = words(1.0, 0.4, 1.0)
    assert fitted(clip, None, slot(2.4)).clip is clip
    shorter = fitted(clip, None, slot(2.2))
    assert speech_s(shorter.clip) == pytest.approx(2.2, abs=0.02)
    longer = fitted(clip, None, slot(2.7))
    assert speech_s(longer.clip) == pytest.approx(2.7, abs=0.02)
    shortest = fitted(clip, None, slot(1.0))
    assert speech_s(shortest.clip) == pytest.approx(2.16, abs=0.03), "40 % stay"
    longest = fitted(clip, None, slot(9.0))
    assert speech_s(longest.clip) == pytest.approx(2.8, abs=0.03), "twice as long"
    assert speech_s(fitted(words(2.0), None, slot(1.0)).clip) == pytest.approx(2.0, abs=0.01)


def test_phonemes_move_with_the_pauses() -> None:
    phonemes = (
        PhonemeTime(phoneme="a", start_s=0.0, end_s=1.0),
        PhonemeTime(phoneme="b", start_s=1.4, end_s=2.4),
    )
    made = fitted(words(1.0, 0.4, 1.0), Alignment(phonemes=phonemes), slot(2.2))
    assert made.alignment is not None
    assert made.alignment.phonemes[1].start_s == pytest.approx(1.2, abs=0.02)
    assert not made.alignment.fault(made.clip.duration_s)


def test_a_miss_is_measured_beyond_the_tolerance() -> None:
    assert slot(2.0).misfit(2.19) == 0
    assert slot(2.0).misfit(1.81) == 0
    assert slot(2.0).misfit(2.4) == pytest.approx(0.1)
    assert slot(2.0).misfit(1.6) == pytest.approx(0.1)


def test_what_is_too_much_is_told_in_words_and_signs() -> None:
    text = "You chose doubt in the end. I could have saved everyone."
    assert words_to_change(text, "en", speech_s=4.0, slot=slot(3.0)) == "cut about 2 words"
    assert words_to_change(text, "en", speech_s=2.0, slot=slot(3.0)) == "add about 4 words"
    assert words_to_change("四十秒か。", "ja", speech_s=1.2, slot=slot(1.0)) == (
        "cut about 1 character"
    )
    told = told_misfit(text, "en", speech_s=4.0, slot=slot(3.0), pace=1.2)
    assert told == (
        "it speaks 4.0 s at pace 1.20, 1.0 s too long for its slot of 3.0 s: cut about 2 words"
    )
    assert told_misfit(text, "en", speech_s=3.2, slot=slot(3.0), pace=1.0) == ""


def test_speech_is_measured_from_its_first_sound_to_its_last() -> None:
    silent = AudioClip(samples=np.zeros(RATE, np.float32), sample_rate=RATE)
    assert speech_s(silent) == 0
    clip = words(0.0, 0.5, 1.0, 0.3)
    assert speech_s(clip) == pytest.approx(1.0, abs=0.02)

"""Damage that the samples alone tell is found and named; speech without it is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.silence import find_speech
from voicepipe.audio.wav import read_clip
from voicepipe.qc.analyser import LineFacts, VoiceFacts
from voicepipe.qc.signal import SignalAnalyser
from voicepipe.qc.thresholds import counting_faults, default_limits
from voicepipe.synthesis.slot import Slot
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

VOICES = Path(__file__).parents[2] / "voices"
TEXT = "A clip that says enough words to be a line of its own."
Samples = "NDArray[np.float32]"


@pytest.fixture(scope="module")
def speech() -> AudioClip:
    """Noise shaped like speech: syllables four times a second, three bands, pauses between."""
    rate, rng = 24_000, np.random.default_rng(7)
    time = np.arange(3 * rate) / rate
    pitch = np.cumsum(120 + 25 * np.sin(2 * np.pi * 0.7 * time)) / rate
    marks = np.linspace(0, 3, 25)  # no two syllables have the same colour
    colours = [np.interp(time, marks, rng.uniform(0.05, 1.5, len(marks))) for _ in range(24)]
    voice = sum(
        colour * np.sin(2 * np.pi * k * pitch) / k for k, colour in enumerate(colours, start=1)
    )
    breath = np.diff(rng.standard_normal(len(time) + 1))
    beat = np.clip(np.sin(2 * np.pi * 4 * time), 0, None)
    hiss = np.clip(np.sin(2 * np.pi * 4 * time + np.pi), 0, None) * (time % 1 < 0.8)
    samples = 0.12 * voice * beat + 0.02 * breath * hiss
    samples[(time > 1.2) & (time < 1.4)] = 0
    samples *= np.minimum(1, np.minimum(time, time[::-1]) / 0.15)
    return AudioClip(samples=samples.astype(np.float32), sample_rate=rate)


def line(text: str = TEXT, language: str = "en") -> LineFacts:
    said = utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False)
    return LineFacts(
        line="a_0010", language=language, text=text, said=said, voice=VoiceFacts(id="ada")
    )


def reasons(clip: AudioClip, facts: LineFacts | None = None) -> set[str]:
    facts = facts or line()
    found = SignalAnalyser().analyse(clip, facts)
    return {fault.reason for fault in counting_faults(found, default_limits(facts.language))}


def changed(clip: AudioClip, change: Callable[[NDArray[np.float64]], object]) -> AudioClip:
    samples = clip.samples.astype(np.float64)
    result = change(samples)
    if isinstance(result, np.ndarray):
        samples = result
    return AudioClip(samples=samples.astype(np.float32), sample_rate=clip.sample_rate)


def test_speech_without_damage_has_no_fault(speech: AudioClip) -> None:
    assert reasons(speech) == set()


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_second_of_zeros_is_silent(rate: int) -> None:
    clip = AudioClip(samples=np.zeros(rate, np.float32), sample_rate=rate)
    assert reasons(clip) == {"silent"}


def test_a_clip_without_samples_is_silent() -> None:
    assert reasons(AudioClip(samples=np.zeros(0, np.float32), sample_rate=48_000)) == {"silent"}


def test_a_track_of_faint_noise_is_silent() -> None:
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32) * 2e-4
    assert reasons(AudioClip(samples=noise, sample_rate=16_000)) == {"silent"}


def test_flattened_peaks_are_found_at_any_level(speech: AudioClip) -> None:
    bent = changed(speech, lambda x: 0.4 * np.clip(x * 6, -0.9, 0.9))
    assert "clipped" in reasons(bent)


def test_a_phrase_that_stands_there_twice_is_found(speech: AudioClip) -> None:
    start, end = 24_000 // 5, 24_000 // 5 * 4
    twice = changed(speech, lambda x: np.concatenate([x[:end], x[start:end], x[end:]]))
    assert "repeated_words" in reasons(twice)


def test_clicks_are_counted_and_placed(speech: AudioClip) -> None:
    def click(samples: NDArray[np.float64]) -> None:
        samples[[20_000, 31_000]] += 0.5

    found = SignalAnalyser().analyse(changed(speech, click), line())
    clicks = next(fault for fault in found.faults if fault.reason == "clicks")
    assert clicks.value == 2
    assert clicks.start_s == pytest.approx(20_000 / 24_000, abs=0.01)


def test_an_offset_is_found(speech: AudioClip) -> None:
    assert "offset" in reasons(changed(speech, lambda x: x + 0.03))


def test_a_gap_inside_is_found_where_no_pause_was_asked_for(speech: AudioClip) -> None:
    half = speech.n_samples // 2
    gap = np.zeros(2 * speech.sample_rate)
    torn = changed(speech, lambda x: np.concatenate([x[:half], gap, x[half:]]))
    assert "gap" in reasons(torn)
    assert "gap" not in reasons(torn, replace(line(), pause_s=2.0))


def test_an_end_in_the_middle_of_a_sound_is_found(speech: AudioClip) -> None:
    assert "cut_off" in reasons(changed(speech, lambda x: x[: round(2.07 * 24_000)]))


def test_a_steady_buzz_at_the_start_is_found(speech: AudioClip) -> None:
    time = np.arange(12_000) / 24_000
    buzz = 0.1 * sum(np.sin(2 * np.pi * 90 * k * time) for k in range(1, 12))
    assert "start_buzz" in reasons(changed(speech, lambda x: np.concatenate([buzz, x])))


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_of_the_mains_is_found(speech: AudioClip, mains: int) -> None:
    time = np.arange(speech.n_samples) / speech.sample_rate
    hum = sum(np.sin(2 * np.pi * mains * k * time + k) / k for k in (1, 2, 3))
    assert "hum" in reasons(changed(speech, lambda x: x + 0.008 * hum))


def test_hiss_is_found(speech: AudioClip) -> None:
    hiss = np.random.default_rng(3).standard_normal(speech.n_samples)
    assert "noise" in reasons(changed(speech, lambda x: x + 0.015 * hiss))


def test_half_and_sixfold_pace_are_impossible(speech: AudioClip) -> None:
    slow = changed(speech, lambda x: np.repeat(x, 2))
    assert "too_long" in reasons(slow)
    assert "too_short" in reasons(speech, line(TEXT * 3))


def test_a_pace_that_was_asked_for_is_possible(speech: AudioClip) -> None:
    slow = changed(speech, lambda x: np.repeat(x, 2))
    assert "too_long" not in reasons(slow, replace(line(), speed=0.5))


def test_a_recording_may_take_its_time(speech: AudioClip) -> None:
    slow = changed(speech, lambda x: np.repeat(x, 2))
    assert "too_long" not in reasons(slow, replace(line(), is_recording=True))


def test_a_single_word_may_be_drawn_out(speech: AudioClip) -> None:
    word = changed(speech, lambda x: x[: round(0.95 * 24_000)])
    assert "too_long" not in reasons(word, line("No."))


def test_loudness_is_held_to_what_it_was_levelled_to(speech: AudioClip) -> None:
    assert "too_quiet" in reasons(
        changed(speech, lambda x: x / 8), replace(line(), loudness_lufs=-18)
    )
    assert "too_loud" in reasons(speech, replace(line(), loudness_lufs=-40))


def test_a_language_without_front_end_is_judged_by_its_sound(speech: AudioClip) -> None:
    facts = replace(line(), language="es", said=None)
    assert reasons(speech, facts) == set()
    assert SignalAnalyser().not_judged(facts) == ""


@pytest.mark.parametrize("path", sorted(VOICES.rglob("*.ogg")), ids=lambda path: path.stem)
def test_the_films_reference_clips_have_no_fault_of_the_sound(path: Path) -> None:
    assert reasons(read_clip(path), replace(line(), said=None)) - {"too_quiet", "too_loud"} == set()


def test_speech_that_misses_its_slot_is_named(speech: AudioClip) -> None:
    extent = find_speech(speech)
    assert extent is not None
    spoken_s = (extent.end - extent.start) / speech.sample_rate
    for share, is_fault in ((1.0, False), (1.08, False), (1.3, True), (0.7, True)):
        slot = Slot(slot_s=spoken_s / share, tolerance=0.1, slowest=0.85, fastest=1.2)
        assert ("off_slot" in reasons(speech, replace(line(), slot=slot))) is is_fault, share


def test_only_a_slot_changes_what_findings_depend_on() -> None:
    plain, slot = line(), Slot(slot_s=2.0, tolerance=0.1, slowest=0.85, fastest=1.2)
    analyser = SignalAnalyser()
    assert analyser.depends_on(plain) == "cd28a1cc560d", "earlier findings stay those of their clip"
    assert analyser.depends_on(replace(plain, slot=slot)) != analyser.depends_on(plain)

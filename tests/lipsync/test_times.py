"""Times of clips: within them, apart, in order, and where another recogniser hears them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.wav import read_clip
from voicepipe.errors import CorruptObject
from voicepipe.lipsync.estimate import estimated_spans
from voicepipe.lipsync.spoken import spoken_line
from voicepipe.lipsync.times import clip_timing
from voicepipe.lipsync.timing import bounded, parse_timing
from voicepipe.pipeline.clip_times import shift_between

VOICES = Path(__file__).parents[2] / "voices"
SWARM = "A swarm of drones buzzed over the ziggurat, mapping its crumbled tiers."
SWARM_STARTS = [0, 0.06, 0.47, 0.55, 1.05, 1.42, 1.58, 1.67, 2.48, 2.85, 2.97, 3.46]
"""As pocketsphinx's forced alignment has them."""
CHIME = "The twelfth chime faded, and the carousel began to revolve without its motor."
CHIME_STARTS = [0, 0.1, 0.47, 0.85, 1.66, 1.78, 1.84, 2.43, 2.79, 2.89, 3.47, 3.8, 3.94]


def syllables(*lengths_s: float, rate: int = 16_000) -> AudioClip:
    """Noise and silence in turn, noise first."""
    draw = np.random.default_rng(3)
    parts = [
        (draw.standard_normal(round(length * rate)) * (0.1 if number % 2 == 0 else 0.0))
        for number, length in enumerate(lengths_s)
    ]
    return AudioClip(samples=np.concatenate(parts).astype(np.float32), sample_rate=rate)


@pytest.mark.parametrize(
    ("voice", "text", "starts"), [("commander", SWARM, SWARM_STARTS), ("noah", CHIME, CHIME_STARTS)]
)
def test_words_begin_where_another_recogniser_hears_them(
    voice: str, text: str, starts: list[float]
) -> None:
    clip = read_clip(VOICES / voice / "en.ogg")
    timing = clip_timing(clip, spoken_line(text, language="en"), language="en")
    assert (timing.method, timing.why, timing.fault()) == ("aligned", "", "")
    off = [abs(w.start_s - start) for w, start in zip(timing.words, starts, strict=True)]
    assert np.median(off) <= 0.03
    assert max(off) <= 0.12


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "生物圈里的蜜蜂全死光了，只好靠人工授粉。"),
        ("ja", "うちの店は、先代から数えて百二十年になります。"),
    ],
)
def test_chinese_and_japanese_are_aligned(language: str, text: str) -> None:
    clip = read_clip(VOICES / "commander" / f"{language}.ogg")
    timing = clip_timing(clip, spoken_line(text, language=language), language=language)
    assert timing.method == "aligned"
    longest = max(one.end_s - one.start_s for one in timing.phonemes)
    assert longest < 0.4
    pause = max(b.start_s - a.end_s for a, b in zip(timing.words, timing.words[1:], strict=False))
    assert pause > 0.1  # at the comma


def test_a_text_that_is_not_spoken_is_only_estimated_and_says_why() -> None:
    clip = read_clip(VOICES / "commander" / "en.ogg")
    other = "Please put the kettle on, my dearest friend, before noon."
    timing = clip_timing(clip, spoken_line(other, language="en"), language="en")
    assert (timing.method, timing.why) == ("estimated", "the text is not heard in the clip")
    assert timing.fault() == ""


def test_a_clip_shorter_than_its_text_is_estimated() -> None:
    timing = clip_timing(
        syllables(0.2), spoken_line("A very long sentence indeed.", language="en"), language="en"
    )
    assert (timing.method, timing.why) == ("estimated", "the clip is shorter than its phonemes")
    assert timing.fault() == ""


def test_a_language_nobody_taught_the_recogniser_is_estimated() -> None:
    timing = clip_timing(
        syllables(0.5, 0.3, 0.5), spoken_line("안녕하세요", language="ko"), language="ko"
    )
    assert (timing.method, timing.why) == ("estimated", "the recogniser knows no ko")


def test_missing_ears_leave_an_estimate_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "voicepipe.lipsync.aligner", None)
    timing = clip_timing(syllables(0.5), spoken_line("Oh no.", language="en"), language="en")
    assert timing.is_estimated
    assert "is not installed" in timing.why


def test_estimates_keep_out_of_silence() -> None:
    clip = syllables(0.4, 0.5, 0.4, 0.3)
    spans = estimated_spans(clip, ["M", "AA1", "T", "S", "IY1", "N"])
    for start_s, end_s in spans:
        assert not 0.42 < start_s < 0.88
        assert not 0.42 < end_s < 0.88
        assert end_s <= 1.32


def test_what_the_engine_knows_is_taken_over() -> None:
    spoken = spoken_line("No.", language="en")
    timing = clip_timing(syllables(0.6), spoken, language="en", known=[(0.1, 0.2), (0.2, 0.5)])
    assert timing.method == "engine"
    assert [(one.phoneme, one.start_s) for one in timing.phonemes] == [("N", 0.1), ("OW1", 0.2)]


def test_a_take_is_found_in_its_clip() -> None:
    take = syllables(0.4, 0.2, 0.3)
    lead = np.zeros(1_600, dtype=np.float32)
    clip = AudioClip(samples=np.concatenate((lead, take.samples * 0.5)), sample_rate=16_000)
    shift_s = shift_between(take, clip)
    assert shift_s == pytest.approx(0.1, abs=0.001)
    assert shift_between(syllables(0.7), clip) is None


def test_times_are_read_back_as_they_were_written() -> None:
    timing = clip_timing(syllables(0.6), spoken_line("안녕", language="ko"), language="ko")
    assert parse_timing(timing.content()) == timing
    for damaged in (b"", b"[]", timing.content().replace(b'"start_s":0.0', b'"start_s":9e9')):
        with pytest.raises(CorruptObject):
            parse_timing(damaged)


_MOMENTS = st.floats(-1, 5, allow_nan=False)


@given(st.lists(st.tuples(_MOMENTS, _MOMENTS)), st.floats(0.01, 3))
def test_any_spans_are_put_in_order_within_the_clip(
    spans: list[tuple[float, float]], duration_s: float
) -> None:
    before = 0.0
    for start_s, end_s in bounded(spans, duration_s):
        assert before <= start_s <= end_s <= duration_s
        before = end_s

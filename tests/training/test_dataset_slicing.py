"""Long takes: cut where pauses and sentences agree, refused everywhere else."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from dataset_builder import RATE, SENTENCES, Samples, silence, speech, spoken

from voicepipe.audio.clip import AudioClip
from voicepipe.training.dataset.slicing import LONGEST_S, NoCut, Stretch, cut_take, split_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence


def _take(parts: Sequence[Samples]) -> AudioClip:
    return AudioClip(samples=np.concatenate(parts), sample_rate=RATE)


def _said(
    texts: Sequence[str], pause_s: float = 0.6
) -> tuple[AudioClip, list[tuple[float, float]]]:
    """A take of sentences with pauses between, and when each begins and ends."""
    parts, places, at = [silence(0.5)], [], 0.5
    for text in texts:
        sound = spoken(text)
        places.append((at, at + len(sound) / RATE))
        at += len(sound) / RATE + pause_s
        parts += [sound, silence(pause_s)]
    return _take(parts), places


def test_a_short_take_is_one_stretch_without_its_outer_silence() -> None:
    clip = _take([silence(2.0), speech(3.0), silence(2.0)])
    cut = cut_take(clip, "Good evening,\neveryone.", len)
    assert isinstance(cut, tuple)
    (only,) = cut
    assert only.text == "Good evening, everyone."
    assert only.start / RATE == pytest.approx(1.75, abs=0.1)
    assert only.end / RATE == pytest.approx(5.25, abs=0.1)


@pytest.mark.parametrize("joiner", [" ", "\n"])
def test_a_long_take_is_cut_between_its_sentences(joiner: str) -> None:
    texts = SENTENCES[2:9]
    clip, places = _said(texts)
    cut = cut_take(clip, joiner.join(texts), len)
    assert isinstance(cut, tuple)
    assert " ".join(stretch.text for stretch in cut) == " ".join(texts)
    for stretch in cut:
        mine = [place for text, place in zip(texts, places, strict=True) if text in stretch.text]
        assert stretch.start / RATE == pytest.approx(mine[0][0] - 0.25, abs=0.15)
        assert stretch.end / RATE == pytest.approx(mine[-1][1] + 0.25, abs=0.15)
        assert (stretch.end - stretch.start) / RATE < LONGEST_S


def test_neighbours_never_overlap() -> None:
    clip, _ = _said(SENTENCES[2:9], pause_s=0.35)
    cut = cut_take(clip, "\n".join(SENTENCES[2:9]), len)
    assert isinstance(cut, tuple)
    assert all(left.end <= right.start for left, right in pairwise(cut))


def _reason(cut: tuple[Stretch, ...] | NoCut) -> str:
    assert isinstance(cut, NoCut)
    assert cut.remedy
    return cut.reason


def test_a_take_that_cannot_be_matched_is_refused_with_the_reason() -> None:
    texts = SENTENCES[2:9]
    clip, _ = _said(texts)
    assert "its text is one sentence" in _reason(cut_take(clip, "One sentence", len))
    assert "pauses for 40 sentences" in _reason(cut_take(clip, "No. " * 40, len))
    assert "none of which clearly part" in _reason(cut_take(clip, "\n".join(texts[:-1]), len))
    swapped = [texts[1], texts[4], *texts[2:4], texts[0], *texts[5:]]
    assert "does not fit" in _reason(cut_take(clip, "\n".join(swapped), len))


def test_a_sentence_that_is_too_long_by_itself_is_refused() -> None:
    long = " ".join(SENTENCES[:5]).replace(".", ",").replace("?", ",")
    clip, _ = _said([long, SENTENCES[5]])
    assert "alone takes" in _reason(cut_take(clip, f"{long}.\n{SENTENCES[5]}", len))


def test_silence_is_no_take() -> None:
    cut = cut_take(AudioClip(samples=np.zeros(RATE, np.float32), sample_rate=RATE), "Go.", len)
    assert isinstance(cut, NoCut)
    assert cut.is_silent


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ("One.", "Two!", "Three?")),
        ("你好。走吧！「等等……」好。", ("你好。", "走吧！", "「等等……」", "好。")),
        ('He said "No." Then he left.', ('He said "No."', "Then he left.")),
        ("At 3.5 metres it stops.", ("At 3.5 metres it stops.",)),
        ("A line.  And more.\n Another line ", ("A line.  And more.", "Another line")),
        ("…", ()),
    ],
)
def test_sentences_are_parted(text: str, parts: tuple[str, ...]) -> None:
    assert split_sentences(text) == parts


def test_joined_sentences_have_a_space_where_their_script_has() -> None:
    for texts, joined in (
        (("Go on.", "Stop."), "Go on. Stop."),
        (("走吧。", "快点。"), "走吧。快点。"),
        (("가자。", "빨리。"), "가자。 빨리。"),
    ):
        cut = cut_take(_take([speech(2.0)]), "\n".join(texts), len)
        assert isinstance(cut, tuple)
        assert cut[0].text == joined

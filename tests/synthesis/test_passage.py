"""Which passage of a long reference clip leads a line."""

from __future__ import annotations

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.model.semantic.spoken_borders import Extent
from voicepipe.synthesis.passage import Passage, SpokenClip, best_passage
from voicepipe.synthesis.passage_facts import LONGEST_S
from voicepipe.text.symbols import symbol_table

RATE = 8_000
IDS = symbol_table("v2").ids
A = IDS["AA1"]


def a_clip(*words: tuple[float, str], pause_s: float = 0.4, error_s: float = 0.0) -> SpokenClip:
    """Words of so many seconds, each followed by a mark or none, and by a pause.

    Args:
        words: Their lengths and marks.
        pause_s: After each but the last.
        error_s: By how much every border is heard too late.
    """
    rng = np.random.default_rng(0)
    samples: list[np.ndarray] = []
    ids: list[int] = []
    places: list[int] = []
    extents: list[Extent] = []
    at_s = 0.0
    for number, (length_s, mark) in enumerate(words):
        places.append(len(ids))
        ids += [A, IDS[mark]] if mark else [A]
        samples.append(0.1 * rng.standard_normal(round(length_s * RATE)))
        ends_s = at_s + length_s
        extents.append(Extent(round((at_s + error_s) * 50), round((ends_s + error_s) * 50)))
        at_s = ends_s
        if number < len(words) - 1:
            samples.append(np.zeros(round(pause_s * RATE)))
            at_s += pause_s
    sound = AudioClip(samples=np.concatenate(samples).astype(np.float32), sample_rate=RATE)
    return SpokenClip(
        sound=sound, phoneme_ids=tuple(ids), places=tuple(places), extents=tuple(extents)
    )


def length_s(passage: Passage) -> float:
    return passage.end_s - passage.start_s


def test_a_whole_sentence_of_the_right_length_is_taken() -> None:
    passage = best_passage(a_clip((5.0, "."), (2.7, "!"), (1.0, ".")))
    assert passage.phoneme_ids == (A, IDS["!"])
    assert passage.start_s == pytest.approx(5.2, abs=0.2)
    assert length_s(passage) == pytest.approx(3.1, abs=0.3)


def test_sentences_are_taken_together_if_each_is_short() -> None:
    passage = best_passage(a_clip(*[(1.0, ".")] * 6))
    assert passage.phoneme_ids == (A, IDS["."]) * 2
    assert length_s(passage) == pytest.approx(2.7, abs=0.5)


def test_a_passage_does_not_end_amid_a_sentence_if_it_need_not() -> None:
    passage = best_passage(a_clip((3.0, ","), (1.2, "."), (3.9, ".")))
    assert passage.phoneme_ids[-1] == IDS["."]
    assert len(passage.phoneme_ids) != 2 or passage.start_s > 4


def test_a_comma_at_the_end_becomes_a_full_stop() -> None:
    passage = best_passage(a_clip((3.0, ","), (8.0, ".")))
    assert passage.phoneme_ids == (A, IDS["."])
    assert passage.start_s == 0


def test_without_a_mark_it_ends_at_a_pause() -> None:
    passage = best_passage(a_clip(*[(1.4, "")] * 5, (1.4, ".")))
    assert 1.5 <= length_s(passage) <= LONGEST_S
    assert passage.phoneme_ids[-1] == IDS["."]


def test_without_a_pause_it_ends_between_two_sounds() -> None:
    passage = best_passage(a_clip(*[(0.5, "")] * 15, (0.5, "."), pause_s=0.0))
    assert length_s(passage) == pytest.approx(3.0, abs=0.3)
    assert passage.phoneme_ids == (A,) * (len(passage.phoneme_ids) - 1) + (IDS["."],)


def test_it_is_cut_where_it_is_quiet_even_if_borders_were_heard_too_late() -> None:
    clip = a_clip((3.0, "."), (6.0, "."), error_s=0.3)
    passage = best_passage(clip)
    assert 3.0 < passage.end_s < 3.4
    assert passage.start_s == 0


def test_a_single_sound_stays_whole() -> None:
    passage = best_passage(a_clip((9.0, ".")))
    assert (passage.start_s, passage.end_s) == (0.0, 9.0)


def test_phonemes_found_in_the_silence_after_a_clip_end_with_it() -> None:
    clip = a_clip((6.0, "."), (1.0, "."), error_s=1.5)
    passage = best_passage(clip)
    assert 0 <= passage.start_s < passage.end_s <= clip.sound.duration_s

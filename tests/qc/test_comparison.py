"""What was heard is compared with the line by sound: homophones count nothing, lost words do."""

from __future__ import annotations

import pytest

from voicepipe.qc.comparison import Comparison, Kind, compare
from voicepipe.qc.sound_distance import align_sounds, cost_within, sound_distance
from voicepipe.qc.spoken_units import shown, units_of
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle


def compared(line: str, heard: str, language: str) -> Comparison:
    expected, found = (
        units_of(utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False))
        for text in (line, heard)
    )
    return compare(expected, found)


def told(found: Comparison) -> list[tuple[Kind, str, str]]:
    return [
        (
            stretch.kind,
            shown(found.expected[slice(*stretch.expected)]),
            shown(found.heard[slice(*stretch.heard)]),
        )
        for stretch in found.stretches
    ]


@pytest.mark.parametrize(
    ("language", "line", "heard"),
    [
        (
            "en",
            "I won't pay 21 dollars, Mr. Knight.",
            "i won't pay twenty one dollars mister night",
        ),
        ("zh", "谜底就刻在墓碑的背面。", "迷底就刻在目卑的背面"),
        ("zh", "一共三百元", "一共300元"),
        ("ja", "体重計が壊れてるわ！", "たいじゅうけいが こわれてるわ"),
        ("ko", "밥 먹었어요?", "밥 먹었어요"),
        ("yue", "我哋去食飯啦", "我地去食饭啦"),
    ],
)
def test_what_sounds_the_same_is_the_same(language: str, line: str, heard: str) -> None:
    found = compared(line, heard, language)
    assert told(found) == []
    assert found.error < 0.05
    assert abs(found.lost) <= 1


@pytest.mark.parametrize(
    ("language", "line", "heard", "gone"),
    [
        ("en", "Grip the handle firmly and pull.", "grip the firmly and pull", "handle"),
        ("zh", "他吃醋的样子真好笑。", "他吃醋的真好笑", "样子"),
        ("ja", "銀行に口座をつくった。", "銀行につくった", "コオザオ"),
        ("ko", "오늘 밤에 바다로 가요", "오늘 바다로 가요", "밤에"),
    ],
)
def test_a_word_that_lacks_is_named(language: str, line: str, heard: str, gone: str) -> None:
    found = compared(line, heard, language)
    assert (Kind.MISSING, gone, "") in told(found)
    assert found.lost >= 3


def test_a_phrase_said_twice_is_a_repeat_and_another_one_is_added() -> None:
    line = "Trudging troops trampled truffles beside the trellis."
    twice = line.replace("truffles beside", "truffles beside truffles beside")
    more = line.replace("the trellis", "my golden umbrella the trellis")
    assert told(compared(line, twice, "en")) == [(Kind.REPEATED, "", "truffles beside")]
    assert told(compared(line, more, "en")) == [(Kind.ADDED, "", "my golden umbrella")]


def test_another_word_is_exchanged_and_nothing_is_lost() -> None:
    found = compared("Open the window now.", "open the curtain now", "en")
    assert (Kind.EXCHANGED, "window", "curtain") in told(found)
    assert abs(found.lost) <= 1


def test_nothing_heard_lacks_everything() -> None:
    found = compared("Open the window.", "", "en")
    assert [stretch.kind for stretch in found.stretches] == [Kind.MISSING]
    assert found.lost == sum(len(unit.sounds) for unit in found.expected)


def test_long_vowels_are_one_sound_however_they_are_spelled() -> None:
    assert compared("せんせい", "せんせえ", "ja").error == 0


def test_near_sounds_cost_less_than_far_ones() -> None:
    assert sound_distance("an2", "an2") == 0
    assert sound_distance("an2", "an4") < sound_distance("B", "P") < sound_distance("B", "S")
    assert sound_distance("B", "S") < sound_distance("B", "AA1")


def test_an_alignment_passes_every_sound_once_and_in_order() -> None:
    pairs = align_sounds("ABCDEF", "ABXEFG")
    assert [pair.expected for pair in pairs if pair.step.value != "added"] == list(range(6))
    assert [pair.heard for pair in pairs if pair.step.value != "missing"] == list(range(6))


def test_a_stretch_is_found_inside_a_longer_row() -> None:
    assert cost_within("CDE", "ABCDEFG") == 0
    assert cost_within("XYZ", "ABCDEFG") > 0.5

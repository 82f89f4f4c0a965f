"""What a sign, a full stop or a foreign letter means beside the words of its line."""

from __future__ import annotations

import pytest

from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle, Utterance
from voicepipe.text.symbols import UNKNOWN


def read(text: str, language: str) -> Utterance:
    return utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No. 5 minutes.", "No. five minutes."),
        ("No. 5 minutes more.", "No. five minutes more."),
        ("No. 5 Germans came.", "No. five Germans came."),
        ("No. 5 Baker Street", "number five Baker Street"),
        ("See No. 5.", "See number five."),
        ("He is 6' tall.", "He is six feet tall."),
        ("A 1' step", "A one foot step"),
        ("He is 6'2\".", "He is six foot two."),
        ("He said 'I have 6' and left.", "He said 'I have six' and left."),
        ("Washington D.C. J. R. R. Tolkien wrote.", "Washington D C. J R R Tolkien wrote."),
        ("I live in D.C. He left.", "I live in D C. He left."),
        ("the D.C. police, the U.S. Army", "the D C police, the U S Army"),
        ("It costs 500円.", "It costs five hundred yen."),
        ("He paid 1,500円, no more.", "He paid one thousand five hundred yen, no more."),
        ("E = mc².", "E equals mc squared."),
        ("So mc² = E?", "So mc squared equals E?"),
    ],
)
def test_english_figures_and_stops_are_read_by_what_follows(text: str, said: str) -> None:
    found = read(text, "en")
    assert (found.normalized_text, found.dropped) == (said, ())


@pytest.mark.parametrize("language", ["zh", "yue"])
def test_choices_in_a_chinese_line_stand_apart(language: str) -> None:
    assert [p for p in read("选A/B。", language).phonemes if p in {",", "EY1", "IY1"}] == [
        "EY1",
        ",",
        "IY1",
    ]


def test_a_stroke_of_an_address_is_no_pause() -> None:
    assert "," not in read("看http://A/B", "zh").phonemes


@pytest.mark.parametrize("text", ["你ｶﾞ", "你ガ好", "我们ガガ"])
def test_characters_no_japanese_writes_stay_chinese_beside_kana(text: str) -> None:
    found = read(text, "zh")
    assert UNKNOWN not in found.phonemes
    assert found.segments[0].language.value == "zh"
    assert found.segments[1].phonemes[:2] == ("g", "a")


def test_a_japanese_word_in_a_chinese_line_stays_japanese() -> None:
    assert read("食べる", "zh").segments[0].language.value == "ja"

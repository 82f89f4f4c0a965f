"""Lines that can be read: few, even, and broken where a reader would breathe."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.settings_subtitles import SubtitleRules
from voicepipe.subtitles.breaking import break_lines
from voicepipe.subtitles.rules import reading_rules


def lines(text: str, language: str, *, words: str = "", length: float | None = None) -> list[str]:
    """Break; `words` is the text with `|` between its words."""
    starts, at = set(), 0
    for word in words.split("|") if words else ():
        starts.add(at)
        at += len(word)
    rules = reading_rules(language, SubtitleRules(line_length=length))
    return [text[a:b] for a, b in break_lines(text, rules, starts)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("We are here.", "en", ["We are here."]),
        (
            "The oxygen will last sixty-one years, and the voyage sixty-four.",
            "en",
            ["The oxygen will last sixty-one years,", "and the voyage sixty-four."],
        ),
        (
            "Wake all four thousand. Let them do the sum together.",
            "en",
            ["Wake all four thousand.", "Let them do the sum together."],
        ),
        (
            "可他们的枕头上都结了霜。四十秒，结不出那样的霜。",
            "zh",
            ["可他们的枕头上都结了霜。", "四十秒，结不出那样的霜。"],
        ),
        (
            "君が起こしたのなら、理由があるはずだ。",
            "ja",
            ["君が起こしたのなら、", "理由があるはずだ。"],
        ),
        ("", "en", []),
        (" … ", "en", ["…"]),
    ],
)
def test_lines_end_where_a_reader_breathes(text: str, language: str, expected: list[str]) -> None:
    assert lines(text, language) == expected


def test_words_are_never_broken_and_a_long_one_is_left_whole() -> None:
    name = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    assert lines(f"Die {name} war hier", "de") == ["Die", name, "war hier"]


def test_a_line_does_not_end_with_a_word_that_belongs_to_the_next() -> None:
    broken = lines("He carried the letters home for the old woman of the island", "en", length=34)
    assert not re.search(r"\b(the|of|for)$", broken[0])


def test_chinese_and_japanese_break_between_words_and_before_no_closing_mark() -> None:
    assert lines(
        "我们明天一起去博物馆看展览", "zh", words="我们|明天|一起|去|博物馆|看|展览", length=8
    ) == [
        "我们明天一起去",
        "博物馆看展览",
    ]
    for broken in lines("「そうですか」と、彼女は言った。「では、行きましょう。」", "ja", length=9):
        assert broken[0] not in "」、。っゃ"
        assert broken[-1] not in "「"


def test_latin_letters_count_half_among_wide_ones() -> None:
    rules = reading_rules("zh")
    assert rules.length("你好 API") == 4
    assert reading_rules("en").length("cafe\u0301") == 4


def test_settings_change_single_limits() -> None:
    rules = reading_rules("ja", SubtitleRules(reading_speed=4))
    assert (rules.line_length, rules.reading_speed) == (16, 4)


_WORDS = st.lists(
    st.text("abcdé'-,.!", min_size=1, max_size=9)
    | st.text("我的君を、。「」ーっ", min_size=1, max_size=6),
    max_size=20,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(_WORDS, st.sampled_from(["en", "zh", "ja"]), st.integers(6, 42))
def test_nothing_is_lost_or_added_and_lines_that_can_fit_do(
    text: str, language: str, length: int
) -> None:
    broken = lines(text, language, length=float(length))
    assert "".join("".join(broken).split()) == "".join(text.split())
    rules = reading_rules(language, SubtitleRules(line_length=float(length)))
    for line in broken:
        assert line == line.strip() != ""
        if rules.length(line) > length:  # then nothing in it may be broken
            assert len(lines(line, language, length=float(length))) == 1

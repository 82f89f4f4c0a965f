"""Written words and the phonemes that say them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.lipsync.spoken import spoken_line
from voicepipe.screenplay.line import Segment
from voicepipe.text.written_words import SILENT


def said(text: str, language: str, *segments: Segment) -> list[tuple[str, str]]:
    line = spoken_line(text, segments, language=language)
    return [(word.text, " ".join(line.phonemes[word.first : word.last])) for word in line.words]


def test_numbers_belong_to_what_is_written() -> None:
    assert said("Mr. Smith paid $25 at 10:30, no?", "en") == [
        ("Mr.", "M IH1 S T ER0"),
        ("Smith", "S M IH1 TH"),
        ("paid", "P EY1 D"),
        ("$25", "T W EH1 N T IY0 F AY2 V D AA1 L ER0 Z"),
        ("at", "AE1 T"),
        ("10:30,", "T EH1 N TH ER1 D IY2"),
        ("no?", "N OW1"),
    ]


def test_a_respelling_is_said_and_what_is_written_is_shown() -> None:
    segments = (
        Segment(text="Call "),
        Segment(text="Siobhan", say="shi-VAWN"),
        Segment(text=" now."),
    )
    words = said("Call Siobhan now.", "en", *segments)
    assert [word for word, _ in words] == ["Call", "Siobhan", "now."]
    assert words[1][1].startswith("SH")


def test_chinese_is_timed_by_character_with_its_reading() -> None:
    line = spoken_line("我知道，API有3个。", language="zh")
    assert [(word.text, word.reading) for word in line.words] == [
        ("我", "wo3"),
        ("知", "zhi1"),
        ("道，", "dao4"),
        ("API", ""),
        ("有", "you3"),
        ("3", "san1"),
        ("个。", "ge5"),
    ]


def test_japanese_is_timed_by_word_with_its_kana() -> None:
    line = spoken_line("君は、東京を選んだ。", language="ja")
    assert [(word.text, word.reading) for word in line.words] == [
        ("君", "キミ"),
        ("は、", "ワ"),
        ("東京", "トーキョー"),
        ("を", "ヲ"),
        ("選ん", "エラン"),
        ("だ。", "ダ"),
    ]


@pytest.mark.parametrize(
    ("text", "language", "n_words"),
    [
        ("안녕하세요, 반갑습니다.", "ko", 2),
        ("你好，今日好靚。", "yue", 6),
        ("Être ou pas.", "fr", 3),
    ],
)
def test_other_languages_have_words_and_sounds(text: str, language: str, n_words: int) -> None:
    line = spoken_line(text, language=language)
    assert len(line.words) == n_words
    assert line.words[-1].last == len(line.phonemes) > 0


@pytest.mark.parametrize("text", ["…", "", "——", "♪"])
def test_a_line_without_words_says_nothing(text: str) -> None:
    line = spoken_line(text, language="en")
    assert (line.phonemes, line.words) == ((), ())


_LETTERS = st.text("ab Z'9,.—我的君を한 \n{$%", max_size=24)


@settings(max_examples=60, deadline=None)
@given(_LETTERS, st.sampled_from(["en", "zh", "ja", "ko", "fr"]))
def test_words_cover_the_phonemes_in_order_and_lie_in_the_text(text: str, language: str) -> None:
    line = spoken_line(text, language=language)
    assert not set(line.phonemes) & SILENT
    upto, place = 0, 0
    for word in line.words:
        assert word.first == upto <= word.last
        assert place <= word.start < word.end
        assert text[word.start : word.end] == word.text
        upto, place = word.last, word.end
    assert not line.words or upto == len(line.phonemes)

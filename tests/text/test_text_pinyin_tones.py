"""Pinyin as people write it, with marks or digits."""

from __future__ import annotations

from pypinyin.contrib.tone_convert import to_tone

from voicepipe.text.tables import table
from voicepipe.text.zh.pinyin import parse_pinyin


def test_marks_and_digits_say_the_same_of_every_syllable() -> None:
    pairs = {
        (syllable, tone): (to_tone(f"{syllable}{tone}"), f"{syllable}{tone}")
        for syllable in table("pinyin")
        for tone in "1234"
    }
    assert len(pairs) > 1_500
    for (syllable, tone), (marked, digit) in pairs.items():
        onset, rime = table("pinyin")[syllable].split()
        assert parse_pinyin(digit) == ((onset, rime + tone),), digit
        assert parse_pinyin(marked) == parse_pinyin(digit), marked


def test_a_syllable_without_a_tone_beside_one_with_a_tone_is_neutral() -> None:
    assert parse_pinyin("mā ma") == (("m", "a1"), ("m", "a5"))
    assert parse_pinyin("ma ma") is None
    assert parse_pinyin("lǘ") == parse_pinyin("lv2") == parse_pinyin("lu:2") == (("l", "v2"),)
    assert parse_pinyin("mā1") is None

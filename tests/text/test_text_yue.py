from __future__ import annotations

import pytest

from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.yue.frontend import (
    normalize,
    parse_jyutping,
    pronounce,
    syllable_symbols,
    unknown_words,
)


@pytest.mark.parametrize(
    ("syllable", "symbols"),
    [
        ("nei5", ("Yn", "Yei5")),
        ("m4", ("Ym", "Ym4")),
        ("ng5", ("Yng", "Yg5")),
        ("aai1", ("Yaa", "Yi1")),
        ("ngo5", ("Yng", "Yo5")),
        ("gwong2", ("Ygw", "Yong2")),
    ],
)
def test_a_syllable_is_two_symbols(syllable: str, symbols: tuple[str, str]) -> None:
    assert syllable_symbols(syllable[:-1], syllable[-1]) == symbols


def test_traditional_text_is_read_as_simplified() -> None:
    assert normalize("我哋係一齊，3點鐘走！") == "我哋系一齐,三点钟走!"
    assert normalize("$2", ReadingStyle.SPOKEN) == "两美元"


def test_a_character_may_have_two_syllables() -> None:
    said = pronounce([Part(text="卅年")])
    assert [len(phonemes) for phonemes in said.unit_phonemes] == [4, 2]


def test_a_given_sound_replaces_the_dictionary_s() -> None:
    said = pronounce([Part(text="重", phonemes=("Yz", "Yung6")), Part(text="好")])
    assert said.unit_phonemes[0] == ("Yz", "Yung6")


def test_jyutping_is_read_as_people_write_it() -> None:
    assert parse_jyutping("nei5 hou2") == (("Yn", "Yei5"), ("Yh", "You2"))
    assert parse_jyutping("nei hou2") is None
    assert parse_jyutping("") is None


def test_characters_without_a_reading_are_reported() -> None:
    assert unknown_words("你好。") == ()
    assert unknown_words("艹") == ("艹",)
    assert pronounce([Part(text="艹")]).unit_phonemes == (("UNK",),)

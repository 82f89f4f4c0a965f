"""Characters of several readings in ordinary sentences: each in at least two of its readings."""

from __future__ import annotations

import pytest
from sentences_zh import sentences

from voicepipe.text.frontend import utterance
from voicepipe.text.languages import Language
from voicepipe.text.readers import rules_of_units
from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.zh.frontend import pronounce
from voicepipe.text.zh.pinyin import parse_pinyin
from voicepipe.text.zh.polyphones import deciding_rules, rules_by_character
from voicepipe.text.zh.words import cut_words

SENTENCES = sentences()
CASES = [
    pytest.param(sentence, character, reading, id=f"{character}-{reading}-{sentence}")
    for character, readings in SENTENCES.items()
    for reading, said in readings.items()
    for sentence in said
]


@pytest.mark.parametrize(("sentence", "character", "reading"), CASES)
def test_a_character_is_read_as_its_sentence_asks(
    sentence: str, character: str, reading: str
) -> None:
    said = pronounce([Part(text=sentence)], style=ReadingStyle.SPOKEN)
    readings = [
        phonemes
        for unit, phonemes in zip(said.units, said.unit_phonemes, strict=True)
        if unit == character
    ]
    assert (parse_pinyin(reading) or ())[0] in readings


def test_sixty_characters_are_tried_in_two_readings_each() -> None:
    assert len(SENTENCES) >= 60
    assert all(len(readings) >= 2 for readings in SENTENCES.values())


def test_every_reading_of_the_table_is_a_syllable() -> None:
    rules = [rule for rows in rules_by_character().values() for rule in rows]
    assert all(parse_pinyin(rule.reading) for rule in rules)


def test_the_rule_that_decided_can_be_named() -> None:
    words = cut_words("我得走")
    found = deciding_rules(words)
    assert [rule.reading if rule else None for rule in found] == [None, "dei3", None]


def test_the_reference_style_asks_the_dictionary_alone() -> None:
    said = pronounce([Part(text="三只鸟")], style=ReadingStyle.REFERENCE)
    assert said.unit_phonemes[1] == ("zh", "ir3")


@pytest.mark.parametrize(
    ("language", "units", "rules"),
    [
        (Language.ZH, "我得走.", ["dictionary", "rule dei3", "dictionary", "a mark"]),
        (Language.YUE, "呢只猫.", ["dictionary", "rule zek3", "dictionary", "a mark"]),
    ],
)
def test_what_decided_each_character_is_said(
    language: Language, units: str, rules: list[str]
) -> None:
    [segment] = utterance(units, language, style=ReadingStyle.SPOKEN).segments
    found = rules_of_units(segment)
    assert [rule.split(":")[0] for rule in found] == rules


@pytest.mark.parametrize(
    "sentence", ["谁在那里？", "是谁干的", "谁知道呢", "你在等谁", "比谁都快", "谁谁谁", "不管是谁"]
)
def test_who_is_asked_for_as_people_speak(sentence: str) -> None:
    said = pronounce([Part(text=sentence)], style=ReadingStyle.SPOKEN)
    found = zip(said.units, said.unit_phonemes, strict=True)
    asked = [phonemes for unit, phonemes in found if unit == "谁"]
    assert asked == [("sh", "ei2")] * sentence.count("谁")

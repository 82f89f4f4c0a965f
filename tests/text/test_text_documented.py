"""What the documents say is said, is said."""

from __future__ import annotations

import pytest

from voicepipe.documents.source import SourceFile
from voicepipe.text.frontend import utterance
from voicepipe.text.lexicon import parse_lexicon
from voicepipe.text.records import ReadingStyle


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Dr. Hale", "Doctor Hale"),
        ("Oak St.", "Oak Street"),
        ("at 7:45 p.m.", "at seven forty-five P M"),
        ("with 1,204 men", "with one thousand two hundred and four men"),
        ("for $2.5 million", "for two point five million dollars"),
        ("for €30.50", "for thirty euros fifty"),
        ("on March 15", "on March fifteenth"),
        ("the 1990s", "the nineteen nineties"),
        ("Louis XIV", "Louis the fourteenth"),
        ("Act III", "Act three"),
        ("NO!", "NO!"),
        ("the FBI and the US army", "the F B I and the U S army"),
        ("Wait - no", "Wait, no"),
        ("in 10-15 days", "in ten to fifteen days"),
        ("5 - 3 = 2", "five minus three Equals two"),
        ("by 24/7 or 9/11", "by twenty-four seven or nine eleven"),
        ("on 3/15/2049", "on March fifteenth, twenty forty-nine"),
        ("in the '90s", "in the nineties"),
        (
            "at 5km/h for ¥500 or £3m",
            "at five kilometers per hour for five hundred yen or three million pounds",
        ),
        ("of 1,234.56", "of one thousand two hundred and thirty-four point five six"),
        ("code 007 in No.5", "code oh oh seven in number five"),
        ("mara@harbor.com", "mara at harbor dot com"),
        ("www.foo.com/bar", "W W W dot foo dot com slash bar"),
    ],
)
def test_the_table_of_spoken_english_is_true(written: str, words: str) -> None:
    said = utterance(written, "en", style=ReadingStyle.SPOKEN, pads_short=False)
    assert said.normalized_text.strip() == words


@pytest.mark.parametrize(
    ("entry", "language", "text", "sounds"),
    [
        ("zh: {重楼: chóng lóu}", "zh", "见过重楼吗", "ch ong2 l ou2"),
        ("en: {Mario: MAH-ree-oh}", "en", "mario's hat", "M AA1 R IY0 OW0 Z"),
        ("en: {Siobhan: {ipa: ʃɪˈvɔːn}}", "en", "Siobhan", "SH IH0 V AO1 N"),
        ("en: {US: yoo-ES}", "en", "the US", "Y UW0 EH1 S"),
        ("yue: {重樓: cung4 lau4}", "yue", "見過重樓未", "Yc Yung4 Yl Yau4"),
        ("en: {NPC: {arpabet: EH1 N}}", "en", "an NPC", "AE1 N EH1 N"),
    ],
)
def test_entries_of_the_lexicon_sound_as_documented(
    entry: str, language: str, text: str, sounds: str
) -> None:
    lexicon, problems = parse_lexicon(SourceFile(path="lexicon.yaml", text=entry))
    assert not problems
    said = utterance(text, language, lexicon=lexicon, style=ReadingStyle.SPOKEN, pads_short=False)
    assert sounds in " ".join(said.phonemes)


def test_an_entry_in_capitals_leaves_the_small_word_alone() -> None:
    lexicon, _ = parse_lexicon(SourceFile(path="lexicon.yaml", text="en: {US: yoo-ES}"))
    said = utterance("Help us!", "en", lexicon=lexicon, style=ReadingStyle.SPOKEN)
    assert said.applied == ()


def test_a_wide_word_of_the_lexicon_is_found_in_prepared_text() -> None:
    lexicon, _ = parse_lexicon(SourceFile(path="lexicon.yaml", text="ja: {ＡＩ: エーアイ}"))
    for written in ("ＡＩが動く", "AIが動く"):
        said = utterance(written, "ja", lexicon=lexicon, style=ReadingStyle.SPOKEN)
        assert [entry.value for entry in said.applied] == ["エーアイ"]

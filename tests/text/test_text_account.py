"""Every written character is said, paused for, passed over by rule, or named."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from dialogue_lines import GRAMMARS, dialogue_lines

from voicepipe.text.account import CharacterFate, account_of
from voicepipe.text.frontend import utterance
from voicepipe.text.languages import Language
from voicepipe.text.prepare import prepare
from voicepipe.text.records import ReadingStyle, Utterance
from voicepipe.text.symbols import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator


QUOTED = re.compile("[“”「」『』()（）]")


def read(text: str, language: str) -> Utterance:
    return utterance(text, language, style=ReadingStyle.SPOKEN)


def unread_units(said: Utterance) -> Iterator[str]:
    """Units that no symbol stands for.

    Inside Japanese words the unknown symbol is a border between phrases, and so it is for their
    brackets; Korean quotation marks are a stop.
    """
    for segment in said.segments:
        phonemes = iter(segment.phonemes)
        for unit, count in zip(segment.units, segment.word2ph, strict=True):
            heard = [*islice(phonemes, count)]
            if segment.language is Language.KO:
                is_unread = "停" in heard and not QUOTED.search(unit)
            elif segment.language is Language.JA:
                is_unread = heard == [UNKNOWN] and not QUOTED.fullmatch(unit)
            else:
                is_unread = UNKNOWN in heard
            if is_unread:
                yield unit


@pytest.mark.parametrize("language", GRAMMARS)
def test_no_character_of_ordinary_dialogue_is_unaccounted_for(language: str) -> None:
    for line in dialogue_lines(language):
        said = read(line, language)
        assert not said.dropped, line
        assert not [*unread_units(said)], line
        account = account_of(said)
        assert "".join(part.text for part in account) == line
        assert not any(part.fate is CharacterFate.DROPPED for part in account)


@pytest.mark.parametrize("language", GRAMMARS)
def test_no_word_of_ordinary_dialogue_could_be_missing_unheard(language: str) -> None:
    for line in [*dialogue_lines(language)][::20]:
        said = read(line, language)
        start = 0
        for part in account_of(said):
            rest = f"{line[:start]} {line[start + len(part.text) :]}"
            start += len(part.text)
            if part.fate is CharacterFate.WORDS:
                assert read(rest, language).phonemes != said.phonemes, (line, part.text)


def test_the_lines_are_the_same_every_time() -> None:
    assert [*dialogue_lines("en", 50)] == [*dialogue_lines("en", 50)]
    assert len({*dialogue_lines("en")}) == 2000


@pytest.mark.parametrize(
    ("written", "prepared"),
    [
        pytest.param("ＡＩが動く", "AIが動く", id="full-width-letters"),
        pytest.param("６２％", "62%", id="full-width-digits-and-signs"),
        pytest.param("￥１２", "¥12", id="full-width-yen"),
        pytest.param("ｶﾞﾝﾀﾞﾑｯ", "ガンダムッ", id="half-width-kana"),
        pytest.param("か\u3099", "が", id="decomposed-kana"),
        pytest.param("cafe\u0301", "café", id="decomposed-accent"),
        pytest.param("12：30", "12:30", id="colon-between-digits"),
        pytest.param("２０４９／３／１５", "2049/3/15", id="stroke-between-digits"),
        pytest.param("他说：30个", "他说：30个", id="colon-is-a-pause"),
        pytest.param("¥5，200克", "¥5，200克", id="wide-comma-is-a-pause"),
        pytest.param("你好！", "你好！", id="wide-marks-stay"),
        pytest.param("3㎞と5㎏", "3kmと5kg", id="squared-units"),
        pytest.param("№5", "No.5", id="numero"),
        pytest.param("ﬁre", "fire", id="ligature"),
        pytest.param("𝐇𝐢", "Hi", id="mathematical-letters"),
        pytest.param("co\u00adop", "coop", id="soft-hyphen"),
        pytest.param("\ufeffHi\u200d", "Hi", id="invisible"),
        pytest.param("well\u2011known", "well-known", id="hard-hyphen"),
        pytest.param("light\non", "light on", id="line-break"),
        pytest.param("light \r\n on", "light on", id="line-break-and-spaces"),
        pytest.param("a\tb", "a b", id="tab"),
        pytest.param("a\u00a0b", "a b", id="no-break-space"),
        pytest.param("a\u200bb", "a b", id="zero-width-space"),
        pytest.param("你好\n世界", "你好、世界", id="line-break-in-chinese"),
        pytest.param("走れ　今", "走れ、今", id="wide-space"),
        pytest.param("走れ！　今", "走れ！ 今", id="wide-space-after-a-mark"),
        pytest.param("你\u200b好", "你好", id="zero-width-space-in-chinese"),
        pytest.param("안녕\n세상", "안녕 세상", id="line-break-in-korean"),
        pytest.param("½ − ‰ ℃", "½ − ‰ ℃", id="signs-each-language-reads"),
    ],
)
def test_writing_is_brought_to_characters_that_are_read(written: str, prepared: str) -> None:
    assert prepare(written) == prepared


@pytest.mark.parametrize(
    "text", ["Don't — stop… “now”!", "你好，世界。（真的）", "東京タワーへ「行く」", "안녕, 세상?"]
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert prepare(text) is text


def test_each_character_has_its_fate() -> None:
    account = account_of(read("“No,” said Привет 3.5 times… 😀", "en"))
    assert [(part.text, part.fate.value) for part in account] == [
        ("“", "silent"),
        ("No", "words"),
        (",", "pause"),
        ("” ", "silent"),
        ("said", "words"),
        (" ", "silent"),
        ("Привет", "dropped"),
        (" ", "silent"),
        ("3.5", "words"),
        (" ", "silent"),
        ("times", "words"),
        ("…", "pause"),
        (" ", "silent"),
        ("😀", "dropped"),
    ]


@pytest.mark.parametrize(
    ("text", "language", "dropped"),
    [
        pytest.param("Say Привет to him", "en", ("Привет",), id="another-script"),
        pytest.param("Nice 😀👍!", "en", ("😀👍",), id="pictures"),
        pytest.param("A ☃ here", "en", ("☃",), id="symbol"),
        pytest.param("“Fine” (he said) *quietly*", "en", (), id="silent-by-rule"),
        pytest.param("and/or: yes;no", "en", (), id="pauses"),
    ],
)
def test_what_is_not_said_is_listed(text: str, language: str, dropped: tuple[str, ...]) -> None:
    assert read(text, language).dropped == dropped

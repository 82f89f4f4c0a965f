"""Numbers, signs and separators of Chinese, each as a person reads it aloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dialogue_lines import dialogue_lines
from written_forms_zh import WRITTEN_FORMS

from voicepipe.text.frontend import utterance
from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.zh.frontend import pronounce
from voicepipe.text.zh.normalize import simplify
from voicepipe.text.zh.pinyin import parse_pinyin

DIFFERENCES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "text-differences.md"


def said(text: str) -> str:
    read = utterance(text, "zh", style=ReadingStyle.SPOKEN, pads_short=False)
    # Runs of Latin letters keep their spaces, and short ones a comma in front.
    return read.normalized_text.replace(" ", "")


@pytest.mark.parametrize(("written", "spoken"), WRITTEN_FORMS)
def test_a_written_form_is_said_as_people_say_it(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("ＵＳＢ接口", "USB接口"),
        ("62％", "百分之六十二"),
        ("１２：３０", "十二点半"),
        ("￥１２，别", "十二元,别"),
        ("你好\n再见", "你好,再见"),
        ("你好\t再见", "你好,再见"),
        ("𠮷野家", "吉野家"),
        ("䶮", "䶮"),
    ],
)
def test_other_forms_of_the_same_characters_are_read_alike(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "dropped"),
    [
        pytest.param("😀你好", ("😀",), id="picture"),
        pytest.param("我看Привет了", ("Привет",), id="another-script"),
        pytest.param("㗎", ("㗎",), id="no-reading-in-mandarin"),
        pytest.param("½−‰", ("‰",), id="sign-without-its-number"),
        pytest.param("☃你好#", ("☃", "#"), id="in-order"),
        pytest.param("《原神》（是）“好”…~*嗯*", (), id="silent-by-rule"),
        pytest.param("62‰和5℃", (), id="signs-with-their-numbers"),
    ],
)
def test_what_mandarin_cannot_say_is_listed(written: str, dropped: tuple[str, ...]) -> None:
    read = utterance(written, "zh", style=ReadingStyle.SPOKEN)
    assert read.dropped == dropped


@pytest.mark.parametrize(
    "text", ["你终究还是选择了怀疑……我本可以拯救所有人。", "走吧，三点钟见！", "两个人，一把剑"]
)
def test_plain_text_is_in_the_same_words_as_in_the_reference(text: str) -> None:
    assert said(text) == utterance(text, "zh", pads_short=False).normalized_text


@pytest.mark.parametrize("language", ["zh", "yue"])
def test_every_chinese_character_of_ordinary_dialogue_is_said_in_its_place(language: str) -> None:
    for line in dialogue_lines(language):
        read = utterance(line, language, style=ReadingStyle.SPOKEN)
        said = iter(read.normalized_text)
        hums = simplify(line).translate(str.maketrans("〇嗯", "零恩"))
        expected = hums if language == "zh" else hums.replace("恩", "嗯")
        han = [character for character in expected if "\u3400" <= character <= "\u9fff"]
        # A subsequence: what numbers and signs became stands between.
        assert all(character in said for character in han), (line, read.normalized_text)
        assert not any(character.isdigit() for character in read.normalized_text), line


def documented(title: str) -> list[tuple[str, str]]:
    table = DIFFERENCES.read_text(encoding="utf-8").split(f"| {title} | read as |", 1)[1]
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", table.split("\n\n", 1)[0], re.MULTILINE)
    assert rows
    return rows


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [("zh", *row) for row in documented("written in Chinese")]
    + [("yue", *row) for row in documented("written in Cantonese")],
)
def test_the_documented_examples_are_true(language: str, written: str, spoken: str) -> None:
    read = utterance(written, language, style=ReadingStyle.SPOKEN, pads_short=False)
    assert read.normalized_text.replace(" ", "") == spoken


@pytest.mark.parametrize(
    ("sentence", "character", "reading"),
    [
        ("轻轻地走", "地", "de"),
        ("草地", "地", "dì"),
        ("我得走", "得", "déi"),
        ("跑得快", "得", "de"),
        ("两只手", "只", "zhī"),
        ("教我", "教", "jiāo"),
        ("全长", "长", "cháng"),
        ("基地", "地", "dì"),
        ("目的", "的", "dì"),
    ],
)
def test_the_documented_readings_are_true(sentence: str, character: str, reading: str) -> None:
    read = pronounce([Part(text=sentence)], style=ReadingStyle.SPOKEN)
    place = read.units.index(character)
    toned = reading if reading != "de" else "de5"
    assert read.unit_phonemes[place] == (parse_pinyin(toned) or ())[0]

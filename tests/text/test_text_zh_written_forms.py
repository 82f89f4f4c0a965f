"""Numbers, signs and separators of Chinese, each as a person reads it aloud."""

from __future__ import annotations

import pytest
from dialogue_lines import dialogue_lines
from written_forms_zh import WRITTEN_FORMS

from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle
from voicepipe.text.zh.normalize import simplify


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

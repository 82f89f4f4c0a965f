from __future__ import annotations

import pytest

from voicepipe.text.zh.merging import merge_words
from voicepipe.text.zh.words import Word

TONES = {"我": "3", "很": "3", "好": "3", "也": "3", "老": "3", "虎": "3", "奶": "3"}


def finals(word: Word) -> list[str]:
    return [f"a{TONES.get(character, '1')}" for character in word.text]


def merged(*words: str) -> list[str]:
    given = [Word(text=word.split("/")[0], tag=word.split("/")[1]) for word in words]
    return [f"{word.text}/{word.tag}" for word in merge_words(given, finals)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["不/d", "怕/v"], ["不怕/v"], id="bu-and-the-next"),
        pytest.param(["他/r", "不/d"], ["他/r", "不/d"], id="bu-at-the-end"),
        pytest.param(["不/d", "不/d", "行/v"], ["不不/d", "行/v"], id="bu-twice"),
        pytest.param(["听/v", "一/m", "听/v"], ["听一听/v"], id="verb-yi-verb"),
        pytest.param(["听/v", "一/m", "看/v"], ["听/v", "一看/m"], id="yi-and-the-next"),
        pytest.param(["天/n", "一/m", "天/n"], ["天/n", "一天/m"], id="nouns-are-no-verbs"),
        pytest.param(["谢/v", "谢/v"], ["谢谢/v"], id="doubled"),
        pytest.param(["我/r", "很/d"], ["我很/r"], id="thirds"),
        pytest.param(["我/r", "老虎/n"], ["我老虎/r"], id="thirds-up-to-three"),
        pytest.param(["老虎/n", "老虎/n"], ["老虎老虎/n"], id="doubled-before-thirds"),
        pytest.param(["奶奶/n", "好/a"], ["奶奶/n", "好/a"], id="doubled-words-stay-apart"),
        pytest.param(["天好/n", "我/r"], ["天好我/n"], id="thirds-that-touch"),
        pytest.param(["我/r", "也/d", "很/d"], ["我也很/r"], id="thirds-in-two-steps"),
        pytest.param(["花/n", "儿/n"], ["花儿/n"], id="er"),
        pytest.param(["儿/n"], ["儿/n"], id="er-alone"),
    ],
)
def test_words_that_act_on_each_other_are_joined(words: list[str], expected: list[str]) -> None:
    assert merged(*words) == expected

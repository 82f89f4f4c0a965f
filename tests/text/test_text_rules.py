"""Which rule decided what is heard, as `pronounce --explain` says it in Japanese and Korean."""

from __future__ import annotations

import pytest

from voicepipe.text.frontend import utterance
from voicepipe.text.readers import rules_of_units
from voicepipe.text.records import ReadingStyle
from voicepipe.text.steps import Step, rules_of_stretches, rules_that_change


def rules_of(text: str, language: str) -> dict[str, str]:
    said = utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False)
    return {
        unit: rule
        for segment in said.segments
        for unit, rule in zip(segment.units, rules_of_units(segment), strict=True)
    }


@pytest.mark.parametrize(
    ("text", "unit", "rule"),
    [
        ("左は？", "左は", "rule particle は after 左; dictionary"),
        ("左は？", "？", "a mark"),
        ("猫が好き。", "猫が好き", "dictionary"),
        ("は？", "は", "rule は is ハ here; dictionary"),
        ("何で？", "何で", "rule 何 is ナン here; dictionary"),
        (
            "3.5km走る。",
            "3テンゴキロメートル走る",
            "rule quantity: unit; rule quantity: decimal; dictionary",
        ),
        ("着くのは7:30、家へ。", "着くのは7時30分", "rule time of day; dictionary"),
        ("着くのは7:30、家へ。", "家へ", "dictionary"),
        ("¥500です", "500円です", "rule sum of money; dictionary"),
        ("50%だ", "50パーセントだ", "rule percentage; dictionary"),
        ("コミュ障だ", "コミュしょうだ", "rule list of words OpenJTalk misreads; dictionary"),
    ],
)
def test_each_japanese_stretch_names_the_rules_that_made_it(
    text: str, unit: str, rule: str
) -> None:
    assert rules_of(text, "ja")[unit] == rule


@pytest.mark.parametrize(
    ("text", "unit", "rules"),
    [
        ("3개", "세개", ["native number before a counter"]),
        ("3월", "삼월", ["Sino-Korean month", "a final consonant moves over to an empty onset"]),
        ("13시", "십삼시", ["Sino-Korean number before a counter"]),
        ("5개월", "오개월", ["Sino-Korean number before a counter"]),
        ("바다", "바다", []),
        ("같이 가자", "같이 가자", ["palatalization"]),
        ("50%", "오십 퍼센트", ["percentage"]),
        ("가져", "가져", ["ㅕ after ㅈ, ㅉ, ㅊ is ㅓ"]),
    ],
)
def test_each_korean_unit_names_the_rules_of_its_numbers_and_sounds(
    text: str, unit: str, rules: list[str]
) -> None:
    found = rules_of(text, "ko")[unit].split("; ")
    assert found[-1] == "dictionary"
    named = [rule.removeprefix("rule ") for rule in found[:-1]]
    assert [rule for rule in named if rule in rules] == rules
    if not rules:
        assert named == []


def test_a_rule_is_told_of_what_it_made_and_of_nothing_else() -> None:
    steps = (
        Step(rule="doubled", rewrite=lambda text: text.replace("b", "bb")),
        Step(rule="", rewrite=str.strip),
        Step(rule="taken away", rewrite=lambda text: text.replace("x", "")),
        Step(rule="never", rewrite=lambda text: text.replace("q", "r")),
    )
    made = rules_of_stretches(" ab,cxd,e ", steps, ("abb", "cd", "e", "not there"))
    assert made == (("doubled",), ("taken away",), (), ())
    assert rules_that_change("ab", steps) == ("doubled",)

"""Chinese rules are passed over where no sign asks for them: that never changes what is said."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from dialogue_lines import dialogue_lines
from written_forms_zh import TABLE

from voicepipe.text import rewriting
from voicepipe.text.languages import Language
from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.rewriting import Rule
from voicepipe.text.scripts import languages_of_characters
from voicepipe.text.zh import calendar, normalize, signs, spoken, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

SIGNS = """\
-|5-3|~|～|–|3~5|到|至|年|后|90后|年代|80年代|98年|9/11|24/7|3/15|2049.3.15|2049/03|·|12·9|:|3:2|2:30|比分3-2
度|℃|-5℃|5~8度|%|-3%|5%~8%|‰|5km|5km-8km|μm|¥|$5|5元/天|/|1/2|½|+|1+1=2|=|×|>5|≥|±3|√9|∞|&|@|#3|,|1,234
Ⅳ|第IV章|III|No.5|№5|13812345678|010-12345678|400-123-4567|电话12345|密码0042|拨打110
\t| |〇|①|α|²|乾坤|乾|發|後"""


def texts() -> list[str]:
    return list(_texts())


def _texts() -> Iterator[str]:
    draw = random.Random(4)
    pieces = re.split(r"[|\n]", SIGNS)
    for row in TABLE.replace("\n", " ;; ").split(" ;; "):
        yield row.split(" | ")[0]
    for line in dialogue_lines("zh", 150):
        yield line
        characters = list(line)
        for _ in range(draw.randrange(1, 5)):
            characters.insert(draw.randrange(len(characters) + 1), draw.choice(pieces))
        yield "".join(characters)


def _said(lines: Sequence[str]) -> list[object]:
    normalize.verbalize.cache_clear()
    return [normalize.verbalize(Part(text=line), style) for line in lines for style in ReadingStyle]


def test_what_is_passed_over_would_have_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = texts()
    said = _said(lines)
    always, never = re.compile(""), re.compile("(?!)")
    for module, name, pattern in (
        (normalize, "_IN_WORDS", never),
        (spoken, "_IN_WORDS", never),
        (spoken, "_MANY_DIGITS", always),
        (spoken, "_ROMAN_LETTER", always),
        (signs, "_ANY_SIGN", always),
        (signs, "_ANY_SEPARATOR", always),
        (units, "_UNIT_START", always),
    ):
        monkeypatch.setattr(module, name, pattern)
    for module in (calendar, spoken, units):
        monkeypatch.setattr(module, "rewrite", _rewrite_always)
    assert _said(lines) == said


def _rewrite_always(text: str, rules: Sequence[Rule]) -> str:
    for rule in rules:
        text = rule.pattern.sub(rule.said, text)
    return text


def test_rules_beside_a_sign_do_change_texts() -> None:
    lines = texts()
    for module in (calendar, units):
        rules = [
            rule
            for value in vars(module).values()
            if isinstance(value, tuple)
            for rule in value
            if isinstance(rule, Rule)
        ]
        assert len(rules) > 5
        for rule in rules:
            assert any(rewriting.rewrite(line, [rule]) != line for line in lines), rule.pattern


def test_lines_in_their_own_script_are_in_their_own_language() -> None:
    for language in (Language.ZH, Language.YUE, Language.JA):
        for line in (*texts(), *dialogue_lines("ja", 150)):
            for style in ReadingStyle:
                whole = languages_of_characters(line, language, style)
                # A word in other letters behind it: none of the short ways is taken.
                longer = languages_of_characters(f"{line}。ж。", language, style)
                assert longer[: len(line)] == whole

"""Rules that are tried only beside a sign: none of them changes anything without it."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from dialogue_lines import dialogue_lines

from voicepipe.text.en import amounts, calendar, normalize, spoken
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle
from voicepipe.text.rewriting import Rule, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNS = """\
Mr. Dr|St.|5th Ave.|No. 5|no. 12|etc.|vs|Inc.|Jan 5|March 3rd|the 21st of May|1990s|'90s|’87|0800
hours|5:30 a.m.|2024-01-05|on 3/4|555-1234|$1,200.50|£7.14|€30|$5k/month|-$5|$5-10|6'2"|½|2 1/2|9/11
3:2|5-3|5 - 3 = 2|x = 5|2x4|2^3|5*3|room 3-12|code 1234|PIN: 0042|call 911|007|1,234th|12,345.678
1.2.3|.5|1500 gold|%|№5|α|±5|−5|C#|A4|USA|U.S.|Henry VIII|Part IV|XIV|XV|III|&|@home|w/o|w/ me|b/c
#5|#tag|+|5+5|~5|—|–|…|...|--|-|I- I|so;then|so:then|3:go|stop.Now|and/or| / |i.e.|E.G.|٣|ⅷ"""


def rules() -> list[Rule]:
    found: list[Rule] = []
    for module in (amounts, calendar, normalize, spoken):
        for value in vars(module).values():
            listed = value if isinstance(value, tuple) else (value,)
            found += [rule for rule in listed if isinstance(rule, Rule)]
    return found


def texts() -> Iterator[str]:
    rng = random.Random(20)
    signs = re.split(r"[|\n]", SIGNS)
    lines = [*dialogue_lines("en", 300)]
    yield from lines
    for line in lines:
        words = line.split(" ")
        for _ in range(rng.randrange(1, 6)):
            words.insert(rng.randrange(len(words) + 1), rng.choice(signs))
        yield rng.choice(["", " "]).join(words)
        yield " ".join(words)


def test_every_rule_names_signs_that_stand_in_whatever_it_changes() -> None:
    tried = rules()
    assert len(tried) > 40
    matched = set()
    for text in texts():
        for place, rule in enumerate(tried):
            if rule.pattern.sub(rule.said, text) != text:
                matched.add(place)
                assert any(sign in text for sign in rule.needs), (rule.pattern.pattern, text)
    assert len(matched) > 0.9 * len(tried)


def test_rules_follow_one_another() -> None:
    first = Rule(pattern=re.compile("a+"), said="b", needs=("a",))
    second = Rule(pattern=re.compile("b"), said=lambda match: match[0] * 2, needs=("x", "b"))
    assert rewrite("caat", (first, second)) == "cbbt"
    assert rewrite("dog", (first, second)) == "dog"


def test_a_line_is_read_alike_whatever_was_read_before_it() -> None:
    lines = [*texts()][:120]
    alone = [utterance(line, "en", style=ReadingStyle.SPOKEN) for line in lines]
    again = [utterance(line, "en", style=ReadingStyle.SPOKEN) for line in reversed(lines)]
    assert alone == again[::-1]

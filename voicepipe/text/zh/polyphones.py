"""Characters of several readings, told apart by the words around them.

The phrase dictionary knows the words it lists. What it cannot know is a character that stands
alone, or in a stretch that is no word: 两只手, 我得走, 轻轻地. The rules are in the table
`zh_polyphones`: of each character's, the first that fits decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.text.zh.words import Word

_REACH = 8
"""Characters on either side that a rule may look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reading of a character and where it is heard."""

    reading: str
    """Pinyin with its tone; 5 is neutral, `v` is ü."""
    before: str = ""
    """Pattern that ends the text in front."""
    after: str = ""
    """Pattern that begins the text behind."""
    tags_before: tuple[str, ...] = ()
    """What the tag of the word in front begins with."""
    tags_after: tuple[str, ...] = ()
    wins: bool = False
    """Holds even inside a word that the dictionary lists: the word was cut wrongly."""

    @property
    def is_default(self) -> bool:
        """Whether it asks for nothing: it then decides only for a character that is a word."""
        return not (self.before or self.after or self.tags_before or self.tags_after)


def tell_apart(words: Sequence[Word]) -> list[Word]:
    """Give the characters that a rule decides their readings.

    Args:
        words: Of a clause, as cut, in order.

    Returns:
        The same words; `Word.given` holds what was decided.
    """
    text = "".join(word.text for word in words)
    decided: list[Word] = []
    start = 0
    for index, word in enumerate(words):
        given = tuple(rule.reading if rule else "" for rule in _rules_of(words, index, text, start))
        decided.append(replace(word, given=given) if any(given) else word)
        start += len(word.text)
    return decided


def deciding_rules(words: Sequence[Word]) -> tuple[Rule | None, ...]:
    """Say for every character which rule decided its reading; None: the dictionary did."""
    text = "".join(word.text for word in words)
    found: list[Rule | None] = []
    for index in range(len(words)):
        found.extend(_rules_of(words, index, text, len(found)))
    return tuple(found)


def _rules_of(words: Sequence[Word], index: int, text: str, start: int) -> Iterator[Rule | None]:
    word = words[index].text
    table_of_rules = rules_by_character()
    for offset, character in enumerate(word):
        rules = table_of_rules.get(character)
        if rules is None:
            yield None
            continue
        place = start + offset
        before, after = text[max(0, place - _REACH) : place], text[place + 1 :][:_REACH]
        is_listed = len(word) > 1 and _is_phrase(word)
        tags = (
            words[index - 1].tag if index and not offset else "",
            words[index + 1].tag if offset == len(word) - 1 and index + 1 < len(words) else "",
        )
        yield next(
            (
                rule
                for rule in rules
                if (rule.wins or not is_listed)
                and (len(word) == 1 or not rule.is_default)
                and _fits(rule, before, after, tags)
            ),
            None,
        )


def _fits(rule: Rule, before: str, after: str, tags: tuple[str, str]) -> bool:
    if rule.tags_before and not tags[0].startswith(rule.tags_before):
        return False
    if rule.tags_after and not tags[1].startswith(rule.tags_after):
        return False
    if rule.before and not _behind(rule.before).search(before):
        return False
    return not rule.after or _ahead(rule.after).match(after) is not None


@cache
def rules_by_character() -> Mapping[str, tuple[Rule, ...]]:
    """Read the table: what each character's rules are, in order."""
    written = table("zh_polyphones")
    fragments: dict[str, str] = {}
    for name, pattern in written["fragments"].items():
        fragments[name] = _fill_in(pattern, fragments)
    return {
        character: tuple(_rule(row, fragments) for row in rows)
        for character, rows in written["rules"].items()
    }


def _rule(row: Mapping[str, Any], fragments: Mapping[str, str]) -> Rule:
    return Rule(
        reading=row["reading"],
        before=_fill_in(row.get("before", ""), fragments),
        after=_fill_in(row.get("after", ""), fragments),
        tags_before=tuple(row.get("tags_before", ())),
        tags_after=tuple(row.get("tags_after", ())),
        wins=row.get("wins", False),
    )


def _fill_in(pattern: str, fragments: Mapping[str, str]) -> str:
    for name, fragment in fragments.items():
        pattern = pattern.replace(f"<{name}>", fragment)
    return pattern


@cache
def _behind(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})$")


@cache
def _ahead(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _is_phrase(word: str) -> bool:
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415 - loads 40,000 phrases

    return word in PHRASES_DICT

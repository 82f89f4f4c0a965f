"""Characters of several readings, told apart by the words around them.

The phrase dictionary knows the words it lists. What it cannot know is a character that stands
alone, or in a stretch that is no word: 两只手, 我得走, 轻轻地. The rules are in the table
`zh_polyphones`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from voicepipe.text.context_rules import first_that_fits, read_rules
from voicepipe.text.zh.words import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.text.context_rules import Rule

_REMEMBERED = 1 << 14


def tell_apart(words: Sequence[Word]) -> list[Word]:
    """Give the characters that a rule decides their readings.

    Args:
        words: Of a clause, as cut, in order.

    Returns:
        The same words; `Word.given` holds what was decided.
    """
    text = "".join([word.text for word in words])
    ruled = rules_by_character().keys()
    decided = list(words)
    start = 0
    for index, word in enumerate(words):
        if not ruled.isdisjoint(word.text):
            found = _rules_of(words, index, text, start)
            given = tuple([rule.reading if rule else "" for rule in found])
            if any(given):
                decided[index] = Word(text=word.text, tag=word.tag, given=given)
        start += len(word.text)
    return decided


def deciding_rules(words: Sequence[Word]) -> tuple[Rule | None, ...]:
    """Say for every character which rule decided its reading; None: the dictionary did."""
    text = "".join(word.text for word in words)
    found: list[Rule | None] = []
    for index in range(len(words)):
        found.extend(_rules_of(words, index, text, len(found)))
    return tuple(found)


def rules_by_character() -> Mapping[str, tuple[Rule, ...]]:
    """Get the table: what each character's rules are, in order."""
    return read_rules("zh_polyphones")


def _rules_of(words: Sequence[Word], index: int, text: str, start: int) -> Iterator[Rule | None]:
    word = words[index].text
    table_of_rules = rules_by_character()
    for offset, character in enumerate(word):
        rules = table_of_rules.get(character)
        if rules is None:
            yield None
            continue
        tags = (
            words[index - 1].tag if index and not offset else "",
            words[index + 1].tag if offset == len(word) - 1 and index + 1 < len(words) else "",
        )
        yield first_that_fits(_allowed(rules, word), text, start + offset, tags)


@lru_cache(maxsize=_REMEMBERED)
def _allowed(rules: tuple[Rule, ...], word: str) -> tuple[Rule, ...]:
    """Leave out what may not overrule the dictionary in this word."""
    if len(word) == 1:
        return rules
    if _is_phrase(word):
        return tuple(rule for rule in rules if rule.wins)
    return tuple(rule for rule in rules if not rule.is_default)


@lru_cache(maxsize=_REMEMBERED)
def _is_phrase(word: str) -> bool:
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415 - loads 40,000 phrases

    return word in PHRASES_DICT

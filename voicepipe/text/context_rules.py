"""Tables of rules that tell a character's readings apart by the words around it.

A table has `fragments` (named patterns, `<name>` in the rules) and `rules`: by character, in
order; the first that fits decides. Knows no language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REACH = 8
"""Characters on either side that a rule may look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reading of a character and where it is heard."""

    reading: str
    """In the language's romanization, with its tone."""
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

    @property
    def reason(self) -> str:
        """Where it looked, for people."""
        looked = [
            side
            for side, asks in (
                ("before", self.before or self.tags_before),
                ("after", self.after or self.tags_after),
            )
            if asks
        ]
        return f"by what stands {' and '.join(looked)}" if looked else "by itself"


@cache
def read_rules(name: str) -> Mapping[str, tuple[Rule, ...]]:
    """Read a table of rules.

    Args:
        name: Of the table; see `voicepipe.text.tables`.

    Returns:
        Rules by character, fragments put in.
    """
    written = table(name)
    fragments: dict[str, str] = {}
    for fragment, pattern in written["fragments"].items():
        fragments[fragment] = _fill_in(pattern, fragments)
    return {
        character: tuple(_rule(row, fragments) for row in rows)
        for character, rows in written["rules"].items()
    }


def first_that_fits(
    rules: Sequence[Rule], text: str, place: int, tags: tuple[str, str] = ("", "")
) -> Rule | None:
    """Find the rule that decides a character's reading.

    Args:
        rules: Of that character, in order.
        text: The clause it stands in.
        place: Its index there.
        tags: Of the words in front and behind; empty where a word goes on.
    """
    before, after = text[max(0, place - _REACH) : place], text[place + 1 :][:_REACH]
    return next((rule for rule in rules if _fits(rule, before, after, tags)), None)


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


def _fits(rule: Rule, before: str, after: str, tags: tuple[str, str]) -> bool:
    if rule.tags_before and not tags[0].startswith(rule.tags_before):
        return False
    if rule.tags_after and not tags[1].startswith(rule.tags_after):
        return False
    if rule.before and not _behind(rule.before).search(before):
        return False
    return not rule.after or _ahead(rule.after).match(after) is not None


@cache
def _behind(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})$")


@cache
def _ahead(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)

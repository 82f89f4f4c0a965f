"""Rules that rewrite a text, each tried only where it can change something.

A front end has a hundred rules and a line of dialogue needs three of them. Looking for one sign
costs a fiftieth of trying a rule, so each rule names signs of which one stands in all it changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what it looks for and what stands there afterwards."""

    pattern: re.Pattern[str]
    said: str | Callable[[re.Match[str]], str]
    """As for `re.sub`."""
    needs: tuple[str, ...]
    """At least one stands in every text that the rule changes."""


def rewrite(text: str, rules: Sequence[Rule]) -> str:
    """Apply rules in order."""
    for rule in rules:
        for needed in rule.needs:
            if needed in text:
                text = rule.pattern.sub(rule.said, text)
                break
    return text

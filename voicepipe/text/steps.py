"""Rules that rewrite a text one after another, each by name: to apply, or to show."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule of a front end."""

    rule: str
    """What people call it: `native number before a counter`; empty: of no interest to them."""
    rewrite: Callable[[str], str]


def rewrite(text: str, steps: Sequence[Step]) -> str:
    """Apply rules in their order."""
    for step in steps:
        text = step.rewrite(text)
    return text


def rules_of_stretches(
    text: str, steps: Sequence[Step], stretches: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """Name the rules that made each stretch of what a text became.

    Args:
        text: As the first rule receives it.
        steps: The rules in their order.
        stretches: Of the rewritten text, in order; one that it lacks was made by no rule.

    Returns:
        As many as `stretches`: the rules in their order, each once.
    """
    touched: list[frozenset[int]] = [frozenset()] * len(text)
    for index, step in enumerate(steps):
        after = step.rewrite(text)
        if after != text:
            touched = list(_carry(text, after, touched, index))
            text = after
    found = []
    end = 0
    text = text.lower()
    for stretch in stretches:
        start = text.find(stretch.lower(), end)
        indices: frozenset[int] = frozenset()
        if start >= 0:
            end = start + len(stretch)
            indices = indices.union(*touched[start:end])
        named = (steps[index].rule for index in sorted(indices))
        found.append(tuple(dict.fromkeys(rule for rule in named if rule)))
    return tuple(found)


def rules_that_change(text: str, steps: Sequence[Step]) -> tuple[str, ...]:
    """Name the rules that change a text, in their order, each once."""
    changed: dict[str, None] = {}
    for step in steps:
        after = step.rewrite(text)
        if after != text and step.rule:
            changed.setdefault(step.rule)
        text = after
    return tuple(changed)


def because(rules: Sequence[str], otherwise: str) -> str:
    """Word the rules that decided a sound, and what settled the rest of it."""
    return "; ".join((*(f"rule {rule}" for rule in rules), otherwise))


def _carry(
    before: str, after: str, touched: Sequence[frozenset[int]], index: int
) -> Iterator[frozenset[int]]:
    """Say for each character of a rewritten text which rules had a hand in it."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    lost: frozenset[int] = frozenset()
    for kind, start, stop, new_start, new_stop in matcher.get_opcodes():
        if kind == "equal":
            yield touched[start] | lost
            yield from touched[start + 1 : stop]
            lost = frozenset()
            continue
        made = lost.union({index}, *touched[start:stop])
        # What a rule takes away is told of the character behind it.
        lost = made if kind == "delete" else frozenset()
        yield from [made] * (new_stop - new_start)

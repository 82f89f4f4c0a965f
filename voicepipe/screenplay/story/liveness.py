"""Which variables still matter at the beginning of each place.

A variable that no condition will read before it is set anew cannot change what happens, so states
that differ only there are one state. This is what keeps the search of `state_space` small.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from voicepipe.screenplay.expressions import AssignmentKind, Name, names_in
from voicepipe.screenplay.story.story_steps import Certainty, StepKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.screenplay.expressions import Assignment, Condition
    from voicepipe.screenplay.story.story_steps import Step, Steps

Mask = int
"""A set of variables: bit i is the i-th declared one."""


def live_variables(programs: Sequence[Steps], names: Iterable[str]) -> list[Mask]:
    """Find for each place the variables whose value on entering it can matter.

    Args:
        programs: What each place does.
        names: Every variable that a guard or change mentions.

    Returns:
        One mask a place.
    """
    bits = {name: 1 << number for number, name in enumerate(names)}
    entered_from: list[list[int]] = [[] for _ in programs]
    for place, steps in enumerate(programs):
        for target in {way.target for step in steps for way in step.edges if way.target >= 0}:
            entered_from[target].append(place)
    live = [0] * len(programs)
    waiting = deque(reversed(range(len(programs))))
    is_waiting = [True] * len(programs)
    while waiting:
        place = waiting.popleft()
        is_waiting[place] = False
        found = _before(programs[place], live, bits)
        if found != live[place]:
            live[place] = found
            for earlier in entered_from[place]:
                if not is_waiting[earlier]:
                    is_waiting[earlier] = True
                    waiting.append(earlier)
    return live


def _before(steps: Steps, live: Sequence[Mask], bits: dict[str, Mask]) -> Mask:
    mask = 0
    for step in reversed(steps):
        if step.kind is StepKind.CHOICE:
            mask = 0  # nothing runs behind a choice
        mask |= _through_edges(step, live, bits)
        mask = _through_changes(step.changes, mask, bits)
        mask |= _read_by(step.guard, bits)
    return mask


def _through_edges(step: Step, live: Sequence[Mask], bits: dict[str, Mask]) -> Mask:
    mask = 0
    for way in step.edges:
        beyond = live[way.target] if way.target >= 0 else 0
        mask |= _through_changes(way.changes, beyond, bits) | _read_by(way.guard, bits)
    return mask


def _through_changes(changes: Sequence[Assignment], mask: Mask, bits: dict[str, Mask]) -> Mask:
    for change in reversed(changes):
        target = bits[change.target.name]
        if mask & target:
            if change.kind is AssignmentKind.SET:
                mask &= ~target
            if isinstance(change.value, Name):
                mask |= bits[change.value.name]
    return mask


def _read_by(guard: Condition | Certainty, bits: dict[str, Mask]) -> Mask:
    if isinstance(guard, Certainty):
        return 0
    mask = 0
    for name in names_in(guard):
        mask |= bits[name.name]
    return mask

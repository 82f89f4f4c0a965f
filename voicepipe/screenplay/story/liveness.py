"""Which variables still matter at the beginning of each place.

A variable that no condition will read before it is set anew cannot change what happens, so states
that differ only there are one state. This is what keeps the search of `state_space` small.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from voicepipe.screenplay.expressions import AssignmentKind, names_in
from voicepipe.screenplay.story.graph import ENDING
from voicepipe.screenplay.story.story_steps import Certainty, StepKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.screenplay.expressions import Assignment, Condition
    from voicepipe.screenplay.story.programs import Programs
    from voicepipe.screenplay.story.story_steps import Step

Mask = int
"""A set of variables: bit i is the i-th declared one."""


def live_variables(programs: Programs, names: Iterable[str]) -> list[Mask]:
    """Find for each program the variables whose value on entering it can matter.

    Args:
        programs: What the story does.
        names: Every variable that a guard or change mentions.

    Returns:
        One mask a program.
    """
    bits = {name: 1 << number for number, name in enumerate(names)}
    targets = [_targets(programs, number) for number in range(len(programs.all))]
    entered_from: list[list[int]] = [[] for _ in programs.all]
    for number, reached in enumerate(targets):
        for target in reached:
            entered_from[target].append(number)
    live = [0] * len(targets)
    waiting = deque(reversed(range(len(targets))))
    is_waiting = [True] * len(targets)
    while waiting:
        number = waiting.popleft()
        is_waiting[number] = False
        found = _before(programs, number, live, bits)
        if found != live[number]:
            live[number] = found
            for earlier in entered_from[number]:
                if not is_waiting[earlier]:
                    is_waiting[earlier] = True
                    waiting.append(earlier)
    return live


def _targets(programs: Programs, number: int) -> set[int]:
    found = set(programs.successors(number, ENDING))  # a run off the end
    for step in programs.all[number].steps:
        for edge in step.edges:
            found.update(programs.successors(number, edge.target))
    return found


def _before(programs: Programs, number: int, live: Sequence[Mask], bits: dict[str, Mask]) -> Mask:
    def beyond(target: int) -> Mask:
        mask = 0
        for successor in programs.successors(number, target):
            mask |= live[successor]
        return mask

    mask = beyond(ENDING)
    for step in reversed(programs.all[number].steps):
        if step.kind is StepKind.CHOICE or _surely_leaves(step):
            mask = 0  # nothing runs behind it
        for edge in step.edges:
            mask |= _through_changes(edge.changes, beyond(edge.target), bits)
            mask |= _read_by(edge.guard, bits)
        mask = _through_changes(step.changes, mask, bits)
        mask |= _read_by(step.guard, bits)
    return mask


def _surely_leaves(step: Step) -> bool:
    is_jump = step.kind is StepKind.JUMP
    return is_jump and any(edge.guard is Certainty.ALWAYS for edge in step.edges)


def _through_changes(changes: Sequence[Assignment], mask: Mask, bits: dict[str, Mask]) -> Mask:
    for change in reversed(changes):
        target = bits[change.target.name]
        if mask & target:
            if change.kind is AssignmentKind.SET and change.when is None:
                mask &= ~target
            for name in list(names_in(change))[1:]:
                mask |= bits[name.name]
    return mask


def _read_by(guard: Condition | Certainty, bits: dict[str, Mask]) -> Mask:
    if isinstance(guard, Certainty):
        return 0
    mask = 0
    for name in names_in(guard):
        mask |= bits[name.name]
    return mask

"""The story as a page plays it: steps, conditions and changes as plain values of JSON.

`story_engine.js` of the pages reads it, and decides as `voicepipe.screenplay.expressions` and
`story.walk` do; a test holds one to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicepipe.exporters.story_script import Goto, Menu, Say, SetVariables, Visit
from voicepipe.screenplay.expressions import And, Assignment, Compare, Literal, Name, Not, Or
from voicepipe.screenplay.story.story_steps import start_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.exporters.story_script import MenuOption, SayCase, Step, StoryScript
    from voicepipe.screenplay.expressions import Condition, Operand
    from voicepipe.screenplay.syntax import Variable


def condition_json(condition: Condition) -> list[Any]:
    """Write a condition: its kind, then its parts."""
    if isinstance(condition, Name | Literal):
        return _operand(condition)
    if isinstance(condition, Compare):
        sides = (_operand(condition.left), _operand(condition.right))
        return ["compare", condition.comparison.value, *sides]
    if isinstance(condition, Not):
        return ["not", condition_json(condition.condition)]
    assert isinstance(condition, And | Or)
    kind = "and" if isinstance(condition, And) else "or"
    return [kind, *(condition_json(part) for part in condition.parts)]


def _operand(operand: Operand) -> list[Any]:
    if isinstance(operand, Name):
        return ["name", operand.name]
    return ["value", operand.value]


def assignment_json(assignment: Assignment) -> list[Any]:
    """Write a change: its variable, its kind, and what it is given."""
    change = [assignment.target.name, assignment.kind.value, _operand(assignment.value)]
    return change if assignment.when is None else [*change, condition_json(assignment.when)]


def story_json(script: StoryScript) -> dict[str, Any]:
    """Write a whole story."""
    return {
        "start": script.start,
        "nodes": {node.name: [_step(step) for step in node.steps] for node in script.nodes},
        "scenes": _scenes(script),
        "variables": [_variable(one) for one in script.variables.values() if one.kind != "text"],
        "texts": [_text_variable(one) for one in script.variables.values() if one.kind == "text"],
        "lines": {say.line: [_case(case) for case in say.cases] for say in script.says()},
    }


def _scenes(script: StoryScript) -> dict[str, str]:
    """Give the first node of each scene."""
    found: dict[str, str] = {}
    for node in script.nodes:
        found.setdefault(node.scene, node.name)
    return found


def _case(case: SayCase) -> dict[str, Any]:
    return {"values": dict(case.values), "clips": [one.line for one in case.spoken]}


def _step(step: Step) -> dict[str, Any]:
    if isinstance(step, Say):
        return _when(step.when) | {"say": step.line}
    if isinstance(step, SetVariables):
        return {"set": [assignment_json(one) for one in step.assignments]}
    if isinstance(step, Goto):
        return _when(step.when) | {"goto": step.target}
    if isinstance(step, Visit):
        return _when(step.when) | {"visit": step.target}
    assert isinstance(step, Menu)
    return {"menu": [_option(option) for option in step.options]}


def _option(option: MenuOption) -> dict[str, Any]:
    return _when(option.when) | {
        "texts": dict(option.texts),
        "goto": option.target,
        "set": [assignment_json(one) for one in option.assignments],
        "say": None if option.say is None else option.say.line,
    }


def _when(condition: Condition | None) -> dict[str, Any]:
    return {} if condition is None else {"when": condition_json(condition)}


def _variable(variable: Variable) -> dict[str, Any]:
    start = start_value(variable)
    return {
        "name": variable.name,
        "start": bool(start) if variable.kind == "bool" else start or 0,
        "min": variable.minimum if variable.kind == "int" else None,
        "max": variable.maximum if variable.kind == "int" else None,
    }


def _text_variable(variable: Variable) -> dict[str, Any]:
    values = list(variable.values)
    names: Mapping[str, Mapping[str, str]] = {
        value: {str(tag): text for tag, text in variable.values[value].items()} for value in values
    }
    return {
        "name": variable.name,
        "values": values,
        "start": variable.start or next(iter(values), ""),
        "names": names,
    }

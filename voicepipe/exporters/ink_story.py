"""The story as an Ink script: a knot a node, and an `#id:` tag a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.exporters.conditions import Dialect
from voicepipe.exporters.story_script import Goto, Menu, Say, SetVariables, Visit
from voicepipe.screenplay.syntax import END, RETURN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.exporters.story_script import MenuOption, Spoken, Step, StoryScript
    from voicepipe.screenplay.expressions import Assignment

_INK: Final = Dialect(min="MIN", max="MAX")
_INDENT: Final = "    "
_SPECIAL: Final = frozenset("\\#{}|[]<>/~-")


def ink_story(story: StoryScript, language: str, names: Mapping[str, str]) -> str:
    """Write a script.

    Args:
        story: All of it; barks become knots that say one at random.
        language: Of the texts.
        names: Line → its id in the export.
    """
    writer = _Writer(story, language, names)
    lines = [f"VAR {name} = {_INK.start(one)}" for name, one in story.variables.items()]
    lines.append(f"-> {_knot(story.start)}")
    for node in story.nodes:
        lines += ["", f"=== {_knot(node.name)} ==="]
        lines += [line for step in node.steps for line in writer.step(step)]
        if not node.steps or not isinstance(node.steps[-1], Goto | Menu):
            lines.append("-> DONE")
    for barks in story.barks:
        lines += ["", f"=== barks_{barks.scene}_{barks.id} ===", "{ shuffle:"]
        for say in barks.says:
            lines += [f"- {line}" for line in writer.step(say)]
        lines += ["}", "-> DONE"]
    return "\n".join(lines) + "\n"


def _knot(target: str) -> str:
    return target.replace(".", "_")


class _Writer:
    def __init__(self, story: StoryScript, language: str, names: Mapping[str, str]) -> None:
        self._story = story
        self._language = language
        self._names = names

    def step(self, step: Step) -> list[str]:
        if isinstance(step, Say):
            return self._say(step)
        if isinstance(step, SetVariables):
            return [line for one in step.assignments for line in self._set(one)]
        if isinstance(step, Goto | Visit):
            jump = f"-> {_knot(step.target)} ->"
            if isinstance(step, Goto):
                jump = self._jump(step.target)
            return [jump if step.when is None else f"{{ {_INK.condition(step.when)}: {jump} }}"]
        return [line for option in step.options for line in self._option(option)]

    def _option(self, option: MenuOption) -> list[str]:
        when = "" if option.when is None else f"{{ {_INK.condition(option.when)} }} "
        inner = self._say(option.say) if option.say is not None else []
        inner += [line for one in option.assignments for line in self._set(one)]
        inner.append(self._jump(option.target))
        head = f"+ {when}[{self._text(option.texts)}]"
        return [head, *(_INDENT + line for line in inner)]

    def _say(self, say: Say) -> list[str]:
        lines: list[str] = []
        for case in say.cases:
            said = [self._said(one) for one in case.spoken]
            if case.values:
                said = [f"- {_INK.values(case.values)}:", *(_INDENT + line for line in said)]
            lines += said
        if any(case.values for case in say.cases):
            lines = ["{", *lines, "}"]
        if say.when is None or not lines:
            return lines
        return ["{", f"- {_INK.condition(say.when)}:", *(_INDENT + line for line in lines), "}"]

    def _said(self, one: Spoken) -> str:
        name = self._names.get(one.line, one.line)
        who = f"{one.speaker.upper()}: " if one.speaker else ""
        return f"{who}{self._text(one.texts)} #id:{name}"

    def _text(self, texts: Mapping[str, str]) -> str:
        text = texts.get(self._language) or next(iter(texts.values()), "…")
        return "".join(f"\\{one}" if one in _SPECIAL else one for one in " ".join(text.split()))

    def _set(self, assignment: Assignment) -> list[str]:
        name = assignment.target.name
        value = _INK.limited_value(assignment, self._story.variables[name])
        line = f"~ {name} = {value}"
        if assignment.when is None:
            return [line]
        return ["{", f"- {_INK.condition(assignment.when)}:", _INDENT + line, "}"]

    def _jump(self, target: str) -> str:
        words = {END: "-> END", RETURN: "->->"}
        return words.get(target, f"-> {_knot(target)}")

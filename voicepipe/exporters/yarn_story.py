"""The story as Yarn scripts: a node a node, and a `#line:` id a line and an option."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from voicepipe.exporters.conditions import Dialect
from voicepipe.exporters.protocol import TextFile
from voicepipe.exporters.story_script import Goto, Menu, Say, SetVariables, Visit
from voicepipe.screenplay.syntax import END, RETURN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.exporters.story_script import MenuOption, Spoken, Step, StoryScript
    from voicepipe.screenplay.expressions import Assignment

_YARN: Final = Dialect(variable="${name}")
_INDENT: Final = "    "
_SPECIAL: Final = frozenset("\\#{}[]<>/")


def option_texts(story: StoryScript, language: str) -> dict[str, str]:
    """Give every option's id and text: options are lines in Yarn, without a voice."""
    return {
        _option_id(node.name, number, at): _text(option.texts, language, story)
        for node in story.nodes
        for number, step in enumerate(node.steps)
        if isinstance(step, Menu)
        for at, option in enumerate(step.options)
    }


def yarn_files(story: StoryScript, language: str, names: Mapping[str, str]) -> Iterator[TextFile]:
    """Write a file a scene; the first begins with a node `Start`.

    Args:
        story: All of it.
        language: Of the texts.
        names: Line → its id in the export.
    """
    writer = _Writer(story, language, names)
    scenes: dict[str, list[str]] = defaultdict(list)
    sets = [f"<<declare ${n} = {_YARN.start(one)}>>" for n, one in story.variables.items()]
    first = story.start.partition(".")[0]
    scenes[first] += ["title: Start", "---", *sets, f"<<jump {_title(story.start)}>>", "==="]
    for node in story.nodes:
        body = [
            line
            for number, step in enumerate(node.steps)
            for line in writer.step(step, f"{node.name}", number)
        ]
        scenes[node.scene] += [f"title: {_title(node.name)}", "---", *body, "==="]
    for barks in story.barks:
        scenes[barks.scene] += [f"title: barks_{barks.scene}_{barks.id}", "---"]
        scenes[barks.scene] += [line for say in barks.says for line in writer.step(say, "", 0)]
        scenes[barks.scene].append("===")
    for scene, lines in scenes.items():
        yield TextFile(path=f"{scene}.yarn", content=("\n".join(lines) + "\n").encode())


def _title(target: str) -> str:
    return target.replace(".", "_")


def _option_id(node: str, number: int, at: int) -> str:
    return f"option-{_title(node)}-{number}-{at}"


def _text(texts: Mapping[str, str], language: str, story: StoryScript) -> str:
    text = texts.get(language) or texts.get(story.source_language)
    return " ".join((text or next(iter(texts.values()), "…")).split())


class _Writer:
    def __init__(self, story: StoryScript, language: str, names: Mapping[str, str]) -> None:
        self._story = story
        self._language = language
        self._names = names

    def step(self, step: Step, node: str, number: int) -> list[str]:
        if isinstance(step, Say):
            return self._say(step)
        if isinstance(step, SetVariables):
            return [line for one in step.assignments for line in self._set(one)]
        if isinstance(step, Goto | Visit):
            jump = [f"<<detour {_title(step.target)}>>"]
            if isinstance(step, Goto):
                jump = [self._jump(step.target)]
            return jump if step.when is None else self._if(_YARN.condition(step.when), jump)
        options = enumerate(step.options)
        return [line for at, one in options for line in self._option(one, node, number, at)]

    def _option(self, option: MenuOption, node: str, number: int, at: int) -> list[str]:
        when = "" if option.when is None else f" <<if {_YARN.condition(option.when)}>>"
        inner = self._say(option.say) if option.say is not None else []
        inner += [line for one in option.assignments for line in self._set(one)]
        inner.append(self._jump(option.target))
        text = _escaped(_text(option.texts, self._language, self._story))
        head = f"-> {text}{when} #line:{_option_id(node, number, at)}"
        return [head, *(_INDENT + line for line in inner)]

    def _say(self, say: Say) -> list[str]:
        lines: list[str] = []
        for number, case in enumerate(say.cases):
            said = [self._said(one) for one in case.spoken]
            if case.values:
                word = "elseif" if number else "if"
                said = [f"<<{word} {_YARN.values(case.values)}>>", *(_INDENT + one for one in said)]
            lines += said
        if any(case.values for case in say.cases):
            lines.append("<<endif>>")
        if say.when is None or not lines:
            return lines
        return self._if(_YARN.condition(say.when), lines)

    def _if(self, condition: str, lines: list[str]) -> list[str]:
        return [f"<<if {condition}>>", *(_INDENT + line for line in lines), "<<endif>>"]

    def _said(self, one: Spoken) -> str:
        text = _escaped(_text(one.texts, self._language, self._story))
        is_narrator = one.speaker in self._story.narrators
        who = "" if is_narrator else f"{self._story.name_of(one.speaker, self._language)}: "
        return f"{who}{text} #line:{self._names.get(one.line, one.line)}"

    def _set(self, assignment: Assignment) -> list[str]:
        name = assignment.target.name
        variable = self._story.variables[name]
        lines = [f"<<set ${name} to {_YARN.value(assignment)}>>"]
        for limit, sign in ((variable.maximum, ">"), (variable.minimum, "<")):
            if limit is not None:
                lines += self._if(f"${name} {sign} {limit}", [f"<<set ${name} to {limit}>>"])
        if assignment.when is None:
            return lines
        return self._if(_YARN.condition(assignment.when), lines)

    def _jump(self, target: str) -> str:
        words = {END: "<<stop>>", RETURN: "<<return>>"}
        return words.get(target, f"<<jump {_title(target)}>>")


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in text)

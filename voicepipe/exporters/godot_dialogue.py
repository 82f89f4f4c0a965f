"""The story for Dialogue Manager 3 (`.dialogue`) and Dialogic 2 (`.dtl`), with voices.

Dialogue Manager knows a line by `[ID:…]` and plays `[#voice=…]`; Dialogic has an event before the
text. Variables are those of an autoload `Story`, or Dialogic's own of that name.
Source: godot_dialogue_manager, its page on translations and code_edit.gd; dialogic event_voice.gd.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from voicepipe.exporters.conditions import Dialect
from voicepipe.exporters.protocol import TextFile
from voicepipe.exporters.story_script import Goto, Menu, Say, SetVariables, Visit
from voicepipe.screenplay.syntax import END, RETURN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.exporters.protocol import Export
    from voicepipe.exporters.story_script import MenuOption, NodeScript, Spoken, Step, StoryScript
    from voicepipe.screenplay.expressions import Assignment

_MANAGER: Final = Dialect(variable="Story.{name}")
_DIALOGIC: Final = Dialect(variable="{Story.{name}}")


def dialogue_files(export: Export, kind: str, voices: Mapping[str, str]) -> Iterator[TextFile]:
    """Write a file a scene for Dialogue Manager, or one a node for Dialogic.

    Args:
        export: What is exported.
        kind: `manager` or `dialogic`.
        voices: Line → path of its clip in the source language.
    """
    story = export.read_story()
    folder = f"{export.options.folder}/dialogue"
    if kind == "manager":
        scenes: dict[str, list[str]] = defaultdict(list)
        for node in story.nodes:
            scenes[node.scene] += [f"~ {_title(node.name)}", *_lines(_Manager(story, voices), node)]
        for scene, lines in scenes.items():
            content = ("\n".join(lines) + "\n").encode()
            yield TextFile(path=f"{folder}/{scene}.dialogue", content=content)
        state = ["extends Node", "# Written by voicepipe: make it an autoload called Story."]
        state += [f"var {name} = {_MANAGER.start(one)}" for name, one in story.variables.items()]
        yield TextFile(path=f"{folder}/story.gd", content=("\n".join(state) + "\n").encode())
        return
    for node in story.nodes:
        lines = _lines(_Dialogic(story, voices), node)
        path = f"{folder}/{_title(node.name)}.dtl"
        yield TextFile(path=path, content=("\n".join(lines) + "\n").encode())


def _title(target: str) -> str:
    return target.replace(".", "_")


def _lines(writer: _Manager, node: NodeScript) -> list[str]:
    return [line for step in node.steps for line in writer.step(step)]


class _Manager:
    dialect = _MANAGER

    def __init__(self, story: StoryScript, voices: Mapping[str, str]) -> None:
        self._story = story
        self._voices = voices
        self._visits = any(isinstance(step, Visit) for node in story.nodes for step in node.steps)

    def step(self, step: Step) -> list[str]:
        if isinstance(step, Say):
            return self._say(step)
        if isinstance(step, SetVariables):
            return [line for one in step.assignments for line in self._set(one)]
        if isinstance(step, Goto | Visit):
            jump = self.visit(step.target)
            if isinstance(step, Goto):
                jump = self.jump(step.target)
            return (
                [jump] if step.when is None else self._if(self.dialect.condition(step.when), [jump])
            )
        return self._menu(step)

    def _menu(self, menu: Menu) -> list[str]:
        lines = []
        for option in menu.options:
            lines.append(f"- {self.option(option)}")
            inner = self._say(option.say) if option.say is not None else []
            inner += self.step(SetVariables(assignments=option.assignments))
            lines += [f"\t{line}" for line in [*inner, self.jump(option.target)]]
        return lines

    def _say(self, say: Say) -> list[str]:
        lines: list[str] = []
        for number, case in enumerate(say.cases):
            said = [line for one in case.spoken for line in self.said(one)]
            if case.values:
                word = "elif" if number else "if"
                said = self._if(self.dialect.values(case.values), said, word)
            lines += said
        if say.when is None or not lines:
            return lines
        return self._if(self.dialect.condition(say.when), lines)

    def _if(self, condition: str, lines: list[str], word: str = "if") -> list[str]:
        return [f"{word} {condition}{self.colon}", *(f"\t{line}" for line in lines)]

    def _set(self, assignment: Assignment) -> list[str]:
        name = assignment.target.name
        value = self.dialect.limited_value(assignment, self._story.variables[name])
        line = f"set {self.dialect.named(name)} = {value}"
        if assignment.when is None:
            return [line]
        return self._if(self.dialect.condition(assignment.when), [line])

    def text(self, texts: Mapping[str, str]) -> str:
        text = texts.get(self._story.source_language) or next(iter(texts.values()), "…")
        return " ".join(text.split()).replace("[", "\\[").replace("{", "\\{")

    colon = ""

    def said(self, one: Spoken) -> list[str]:
        name = self._story.name_of(one.speaker, self._story.source_language)
        voice = f" [#voice={self._voices[one.line]}]" if one.line in self._voices else ""
        who = f"{name}: " if one.speaker else ""
        return [f"{who}{self.text(one.texts)} [ID:{one.line}]{voice}"]

    def option(self, option: MenuOption) -> str:
        when = f" [if {self.dialect.condition(option.when)} /]" if option.when is not None else ""
        return f"{self.text(option.texts)}{when}"

    def jump(self, target: str) -> str:
        # "END" alone ends what a detour plays, and so comes back from it.
        words = {END: "=> END!" if self._visits else "=> END", RETURN: "=> END"}
        return words.get(target, f"=> {_title(target)}")

    def visit(self, target: str) -> str:
        return f"=>< {_title(target)}"


class _Dialogic(_Manager):
    dialect = _DIALOGIC
    colon = ":"

    def said(self, one: Spoken) -> list[str]:
        who = f"{one.speaker}: " if one.speaker else ""
        text = f"{who}{self.text(one.texts)} #id:{one.line}"
        if one.line not in self._voices:
            return [text]
        return [f'[voice path="{self._voices[one.line]}" volume="0" bus="Master"]', text]

    def option(self, option: MenuOption) -> str:
        when = f" | [if {self.dialect.condition(option.when)}]" if option.when is not None else ""
        return f"{self.text(option.texts)}{when}"

    def jump(self, target: str) -> str:
        words = {END: "[end_timeline]", RETURN: "return"}
        return words.get(target, f"jump {_title(target)}/")

    def visit(self, target: str) -> str:
        return f"jump {_title(target)}/"

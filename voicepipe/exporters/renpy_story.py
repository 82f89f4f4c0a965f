"""The story as a Ren'Py script: say statements with explicit ids, menus, and translations."""

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
    from voicepipe.exporters.story_script import MenuOption, Spoken, Step, StoryScript
    from voicepipe.screenplay.expressions import Assignment

_HEAD: Final = "# Written by voicepipe.\n"
_PYTHON: Final = Dialect(variable="voicepipe.{name}", true="True", false="False")
_INDENT: Final = "    "
_ESCAPES: Final = {
    "\\": "\\\\",
    '"': '\\"',
    "%": "%%",
    "[": "[[",
    "{": "{{",
    "\n": "\\n",
}


def story_files(export: Export, base: str, usual: Mapping[str, str]) -> Iterator[TextFile]:
    """Write characters, a file a scene, and the translations of both.

    Args:
        export: What is exported.
        base: Language the script is written in.
        usual: Ren'Py's usual names of languages.
    """
    writer = _Writer(export, export.read_story(), base)
    yield TextFile(path="game/voicepipe/story.rpy", content=writer.opening().encode())
    for scene, lines in writer.scenes().items():
        content = (_HEAD + "\n".join(lines) + "\n").encode()
        yield TextFile(path=f"game/voicepipe/story_{scene}.rpy", content=content)
    for language in export.languages:
        if language != base:
            name = export.named(language, usual).replace("-", "_")
            content = writer.translations(language, name).encode()
            yield TextFile(path=f"game/tl/{name}/voicepipe_story.rpy", content=content)


def quoted(text: str) -> str:
    """Write a text as Ren'Py reads it: nothing in it is a tag, a variable or an escape."""
    return '"' + "".join(_ESCAPES.get(letter, letter) for letter in text) + '"'


class _Writer:
    def __init__(self, export: Export, story: StoryScript, base: str) -> None:
        self._export = export
        self._story = story
        self._base = base
        self._names = {clip.line: clip.name for clip in export.clips}
        self._visits = any(isinstance(step, Visit) for node in story.nodes for step in node.steps)

    def opening(self) -> str:
        lines = [_HEAD.rstrip()]
        if self._visits:
            # The end of the story is an end within detours as well.
            lines += ["label vp_end:", f"{_INDENT}$ renpy.set_return_stack([])", f"{_INDENT}return"]
        for speaker in self._speakers():
            name = "None" if speaker in self._story.narrators else quoted(self._shown(speaker))
            lines.append(f'define vp_{speaker} = Character({name}, voice_tag="{speaker}")')
        lines += [
            f"default voicepipe.{name} = {_PYTHON.start(variable)}"
            for name, variable in self._story.variables.items()
        ]
        if self._export.options.start:
            lines += ["label start:", _INDENT + f"jump {_label(self._story.start)}"]
        return "\n".join(lines) + "\n"

    def scenes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for node in self._story.nodes:
            scene = found[node.scene]
            if not scene:
                scene += [f"label vp_{node.scene}:", f"{_INDENT}jump .{node.node}"]
            scene.append(f"label .{node.node}:")
            for step in node.steps:
                scene += [_INDENT + line for line in self._step(step)]
            scene.append(f"{_INDENT}return")
        for barks in self._story.barks:
            scene = found[barks.scene] or found[barks.scene]
            scene.append(f"label vp_barks_{barks.scene}_{barks.id}:")
            scene.append(f"{_INDENT}$ voicepipe_pick = renpy.random.randint(1, {len(barks.says)})")
            for number, say in enumerate(barks.says, start=1):
                scene.append(f"{_INDENT}if voicepipe_pick == {number}:")
                scene += [2 * _INDENT + line for line in self._say(say) or ["pass"]]
            scene.append(f"{_INDENT}return")
        return dict(found)

    def translations(self, language: str, name: str) -> str:
        lines, strings = [_HEAD.rstrip()], dict[str, str]()
        for say in self._story.says():
            for one in (one for case in say.cases for one in case.spoken):
                lines += [f"translate {name} {self._id(one)}:", _INDENT + self._said(one, language)]
        for speaker in self._speakers():
            strings[self._shown(speaker)] = self._story.name_of(speaker, language)
        for option in self._options():
            strings[self._caption(option, self._base)] = self._caption(option, language)
        lines.append(f"translate {name} strings:")
        for old, new in strings.items():
            lines += [f"{_INDENT}old {quoted(old)}", f"{_INDENT}new {quoted(new)}"]
        return "\n".join(lines) + "\n"

    def _step(self, step: Step) -> list[str]:
        if isinstance(step, Say):
            return self._say(step)
        if isinstance(step, SetVariables):
            return [self._set(one) for one in step.assignments]
        if isinstance(step, Goto | Visit):
            jump = f"call {_label(step.target)}"
            if isinstance(step, Goto):
                jump = self._jump(step.target)
            if step.when is None:
                return [jump]
            return [f"if {_PYTHON.condition(step.when)}:", _INDENT + jump]
        return self._menu(step)

    def _menu(self, menu: Menu) -> list[str]:
        lines = ["menu:"]
        for option in menu.options:
            when = f" if {_PYTHON.condition(option.when)}" if option.when is not None else ""
            lines.append(f"{_INDENT}{quoted(self._caption(option, self._base))}{when}:")
            inner = self._say(option.say) if option.say is not None else []
            inner += [self._set(one) for one in option.assignments]
            inner += self._step(Goto(target=option.target))
            lines += [2 * _INDENT + line for line in inner]
        return lines

    def _say(self, say: Say) -> list[str]:
        lines: list[str] = []
        for number, case in enumerate(say.cases):
            said = [f"{self._said(one, self._base)} id {self._id(one)}" for one in case.spoken]
            if case.values:
                lines.append(f"{'elif' if number else 'if'} {_PYTHON.values(case.values)}:")
                said = [_INDENT + line for line in said]
            lines += said
        if say.when is None or not lines:
            return lines
        return [f"if {_PYTHON.condition(say.when)}:", *(_INDENT + line for line in lines)]

    def _set(self, assignment: Assignment) -> str:
        name = assignment.target.name
        value = _PYTHON.limited_value(assignment, self._story.variables[name])
        if assignment.when is not None:
            value = f"{value} if {_PYTHON.condition(assignment.when)} else voicepipe.{name}"
        return f"$ voicepipe.{name} = {value}"

    def _jump(self, target: str) -> str:
        if target == END and self._visits:
            return "jump vp_end"
        return "return" if target in (END, RETURN) else f"jump {_label(target)}"

    def _said(self, one: Spoken, language: str) -> str:
        text = one.texts.get(language) or one.texts.get(self._base) or "…"
        return f"vp_{one.speaker} {quoted(text)}"

    def _id(self, one: Spoken) -> str:
        return self._names.get(one.line, one.line)

    def _shown(self, speaker: str) -> str:
        return self._story.name_of(speaker, self._base)

    def _caption(self, option: MenuOption, language: str) -> str:
        texts = option.texts
        return texts.get(language) or texts.get(self._base) or next(iter(texts.values()), "…")

    def _options(self) -> list[MenuOption]:
        steps = (step for node in self._story.nodes for step in node.steps)
        return [option for step in steps if isinstance(step, Menu) for option in step.options]

    def _speakers(self) -> list[str]:
        spoken = (one for say in self._story.says() for case in say.cases for one in case.spoken)
        return sorted({one.speaker for one in spoken})


def _label(target: str) -> str:
    scene, _, node = target.partition(".")
    return f"vp_{scene}.{node}"

"""Screenplays written as Python calls: each entry gets a source line of its own."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.syntax import (
    BarkSet,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    Expression,
    Jump,
    Language,
    LineId,
    Node,
    Option,
    Remark,
    Scene,
    Screenplay,
    SourceText,
    Speaker,
    SpeakerId,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.syntax import Entry

_lines = count(1)


def place(length: int = 1) -> SourceSpan:
    return SourceSpan(path="scripts_in/story.yaml", line=next(_lines), column=1, length=length)


def expression(raw: str) -> Expression:
    return Expression(raw=raw, span=place(len(raw)))


def texts_of(text: str | Mapping[str, str]) -> dict[Language, SourceText]:
    given = {"en": text} if isinstance(text, str) else text
    return {Language(k): SourceText(raw=v, span=place(len(v))) for k, v in given.items()}


def line(
    line_id: str, text: str | Mapping[str, str] = "Hello.", *, who: str = "noah", when: str = ""
) -> DialogueLine:
    return DialogueLine(
        id=LineId(line_id),
        who=SpeakerId(who),
        texts=texts_of(text),
        when=expression(when) if when else None,
        span=place(),
    )


def option(
    goto: str,
    *,
    text: str | Mapping[str, str] = "Go",
    when: str = "",
    sets: tuple[str, ...] = (),
    voiced: str | None = None,
    who: str = "noah",
    once: bool = False,
) -> Option:
    return Option(
        texts=texts_of(text),
        goto=goto,
        goto_span=place(len(goto)),
        when=expression(when) if when else None,
        effects=tuple(expression(raw) for raw in sets),
        line=None if voiced is None else line(voiced, text, who=who),
        is_once=once,
        span=place(),
    )


def choice(*options: Option) -> Choice:
    return Choice(options=options, span=place())


def jump(target: str, when: str = "") -> Jump:
    return Jump(target=target, when=expression(when) if when else None, span=place(len(target)))


def detour(target: str, when: str = "") -> Detour:
    return Detour(target=target, when=expression(when) if when else None, span=place(len(target)))


def effect(*raws: str) -> Effect:
    return Effect(assignments=tuple(expression(raw) for raw in raws), span=place())


def remark(text: str) -> Remark:
    return Remark(text=text, span=place())


def node(name: str, *entries: Entry, is_entry: bool = False) -> Node:
    return Node(id=name, entries=entries, is_entry=is_entry, span=place())


def barks(name: str, *lines: DialogueLine) -> BarkSet:
    return BarkSet(id=name, lines=lines, span=place())


def scene(name: str, *parts: Node | BarkSet, start: str = "") -> Scene:
    return Scene(
        id=name,
        start=start,
        nodes=tuple(part for part in parts if isinstance(part, Node)),
        barks=tuple(part for part in parts if isinstance(part, BarkSet)),
        span=place(),
    )


def speaker(name: str, *members: str) -> Speaker:
    return Speaker(id=SpeakerId(name), members=tuple(SpeakerId(m) for m in members), span=place())


def integer(name: str, low: int | None = 0, high: int | None = 5, start: str = "") -> Variable:
    return Variable(name=name, kind="int", minimum=low, maximum=high, start=start, span=place())


def boolean(name: str, start: str = "") -> Variable:
    return Variable(name=name, kind="bool", start=start, span=place())


def text_variable(name: str, **values: Mapping[str, str]) -> Variable:
    said = {
        value: {Language(language): word for language, word in words.items()}
        for value, words in values.items()
    }
    return Variable(name=name, kind="text", values=said, span=place())


def play(*parts: Scene | Speaker | Variable, start: str = "") -> Screenplay:
    return Screenplay(
        scenes=tuple(part for part in parts if isinstance(part, Scene)),
        speakers=tuple(part for part in parts if isinstance(part, Speaker)),
        variables=tuple(part for part in parts if isinstance(part, Variable)),
        start=start,
    )


def codes(diagnostics: list[Diagnostic]) -> list[str]:
    return sorted(diagnostic.code for diagnostic in diagnostics)


def messages(diagnostics: list[Diagnostic], code: str) -> list[str]:
    return [diagnostic.message for diagnostic in diagnostics if diagnostic.code == code]

"""The form in which what a script says is kept: its records in few bytes, quick to read back.

A place is three numbers, since all of a script's places are in its one file.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.formats.script_parts import ScriptParts, StartDeclaration
from voicepipe.screenplay.syntax import (
    BarkSet,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    Entry,
    EntryPattern,
    Expression,
    Jump,
    Language,
    LineId,
    Node,
    Option,
    Remark,
    Scene,
    SourceText,
    Speaker,
    SpeakerId,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Place = tuple[int, int, int]
"""Line, column, length."""
_Text = tuple[str, str, _Place]
"""Language, text, place."""
_Said = tuple[str, _Place]
"""A condition or an assignment."""


class _Line(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    id: str
    who: str
    texts: tuple[_Text, ...]
    place: _Place
    emotion: str = ""
    is_voiced: bool = True
    speed: float = 1.0
    slots: dict[str, float] | None = None
    note: str = ""
    comment: str = ""
    when: _Said | None = None
    tags: tuple[str, ...] = ()


class _Option(msgspec.Struct, frozen=True, array_like=True, gc=False):
    texts: tuple[_Text, ...]
    goto: str
    goto_place: _Place
    place: _Place
    when: _Said | None = None
    effects: tuple[_Said, ...] = ()
    line: _Line | None = None
    is_once: bool = False
    comment: str = ""


class _Choice(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    options: tuple[_Option, ...]
    place: _Place


class _Jump(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    target: str
    when: _Said | None
    place: _Place


class _Detour(msgspec.Struct, frozen=True, array_like=True, tag=3, gc=False):
    target: str
    when: _Said | None
    place: _Place


class _Effect(msgspec.Struct, frozen=True, array_like=True, tag=4, gc=False):
    assignments: tuple[_Said, ...]
    place: _Place


class _Remark(msgspec.Struct, frozen=True, array_like=True, tag=5, gc=False):
    text: str
    place: _Place


_Entry = _Line | _Choice | _Jump | _Detour | _Effect | _Remark


class _Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    id: str
    entries: tuple[_Entry, ...]
    is_entry: bool
    place: _Place


class _BarkSet(msgspec.Struct, frozen=True, array_like=True, gc=False):
    id: str
    lines: tuple[_Line, ...]
    note: str
    place: _Place


class _Scene(msgspec.Struct, frozen=True, array_like=True, gc=False):
    id: str
    title: str
    note: str
    start: str
    is_entry: bool
    nodes: tuple[_Node, ...]
    barks: tuple[_BarkSet, ...]
    place: _Place


class ScriptForm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that one file says."""

    scenes: tuple[_Scene, ...]
    speakers: tuple[Speaker, ...]
    variables: tuple[Variable, ...]
    starts: tuple[StartDeclaration, ...]
    entries: tuple[EntryPattern, ...]


def form_of(parts: ScriptParts) -> ScriptForm:
    """Bring what a file says into the form; what is not part of it is left out."""
    return ScriptForm(
        scenes=tuple(map(_scene_form, parts.scenes)),
        speakers=tuple(parts.speakers),
        variables=tuple(parts.variables),
        starts=tuple(parts.starts),
        entries=tuple(parts.entries),
    )


def parts_of(form: ScriptForm, path: str) -> ScriptParts:
    """Read the form back.

    Args:
        form: Of a file.
        path: Its path, from the project root.
    """
    reader = _FormReader(path)
    return ScriptParts(
        scenes=[reader.scene(scene) for scene in form.scenes],
        speakers=list(form.speakers),
        variables=list(form.variables),
        starts=list(form.starts),
        entries=list(form.entries),
    )


def _place(span: SourceSpan) -> _Place:
    return span.line, span.column, span.length


def _said(said: Expression | None) -> _Said | None:
    return None if said is None else (said.raw, _place(said.span))


def _all_said(said: Sequence[Expression]) -> tuple[_Said, ...]:
    return tuple((one.raw, _place(one.span)) for one in said)


def _texts(texts: Mapping[Language, SourceText]) -> tuple[_Text, ...]:
    return tuple((language, one.raw, _place(one.span)) for language, one in texts.items())


def _scene_form(scene: Scene) -> _Scene:
    return _Scene(
        id=scene.id,
        title=scene.title,
        note=scene.note,
        start=scene.start,
        is_entry=scene.is_entry,
        nodes=tuple(
            _Node(
                id=node.id,
                entries=tuple(map(_entry_form, node.entries)),
                is_entry=node.is_entry,
                place=_place(node.span),
            )
            for node in scene.nodes
        ),
        barks=tuple(
            _BarkSet(
                id=barks.id,
                lines=tuple(map(_line_form, barks.lines)),
                note=barks.note,
                place=_place(barks.span),
            )
            for barks in scene.barks
        ),
        place=_place(scene.span),
    )


def _entry_form(entry: Entry) -> _Entry:
    place = _place(entry.span)
    match entry:
        case DialogueLine():
            return _line_form(entry)
        case Choice():
            return _Choice(options=tuple(map(_option_form, entry.options)), place=place)
        case Jump():
            return _Jump(target=entry.target, when=_said(entry.when), place=place)
        case Detour():
            return _Detour(target=entry.target, when=_said(entry.when), place=place)
        case Effect():
            return _Effect(assignments=_all_said(entry.assignments), place=place)
        case Remark():
            return _Remark(text=entry.text, place=place)


def _line_form(line: DialogueLine) -> _Line:
    return _Line(
        id=line.id,
        who=line.who,
        texts=_texts(line.texts),
        place=_place(line.span),
        emotion=line.emotion,
        is_voiced=line.is_voiced,
        speed=line.speed,
        slots=dict(line.slots) or None,
        note=line.note,
        comment=line.comment,
        when=_said(line.when),
        tags=line.tags,
    )


def _option_form(option: Option) -> _Option:
    return _Option(
        texts=_texts(option.texts),
        goto=option.goto,
        goto_place=_place(option.goto_span),
        place=_place(option.span),
        when=_said(option.when),
        effects=_all_said(option.effects),
        line=None if option.line is None else _line_form(option.line),
        is_once=option.is_once,
        comment=option.comment,
    )


class _FormReader:
    """Makes the records of one file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def scene(self, scene: _Scene) -> Scene:
        return Scene(
            id=scene.id,
            title=scene.title,
            note=scene.note,
            start=scene.start,
            is_entry=scene.is_entry,
            nodes=tuple(map(self._node, scene.nodes)),
            barks=tuple(
                BarkSet(
                    id=barks.id,
                    lines=tuple(map(self._line, barks.lines)),
                    note=barks.note,
                    span=self._span(barks.place),
                )
                for barks in scene.barks
            ),
            span=self._span(scene.place),
        )

    def _node(self, node: _Node) -> Node:
        return Node(
            id=node.id,
            entries=tuple(map(self._entry, node.entries)),
            is_entry=node.is_entry,
            span=self._span(node.place),
        )

    def _entry(self, entry: _Entry) -> Entry:
        if type(entry) is _Line:
            return self._line(entry)
        return self._other_entry(entry)

    def _other_entry(self, entry: Any) -> Entry:  # noqa: ANN401 - any of the union but a line
        span = self._span(entry.place)
        match entry:
            case _Choice():
                return Choice(options=tuple(map(self._option, entry.options)), span=span)
            case _Jump():
                return Jump(target=entry.target, when=self._when(entry.when), span=span)
            case _Detour():
                return Detour(target=entry.target, when=self._when(entry.when), span=span)
            case _Effect():
                return Effect(assignments=self._all_said(entry.assignments), span=span)
            case _:
                return Remark(text=entry.text, span=span)

    def _line(self, line: _Line) -> DialogueLine:
        # Speakers and emotions come back in every line: one copy of each is kept.
        return DialogueLine(
            id=LineId(line.id),
            who=SpeakerId(sys.intern(line.who)),
            texts=self._texts(line.texts),
            emotion=sys.intern(line.emotion),
            speed=line.speed,
            slots=line.slots or {},
            note=line.note,
            comment=line.comment,
            when=self._when(line.when),
            tags=line.tags,
            is_voiced=line.is_voiced,
            span=self._span(line.place),
        )

    def _option(self, option: _Option) -> Option:
        return Option(
            texts=self._texts(option.texts),
            goto=option.goto,
            goto_span=self._span(option.goto_place),
            when=self._when(option.when),
            effects=self._all_said(option.effects),
            line=None if option.line is None else self._line(option.line),
            is_once=option.is_once,
            comment=option.comment,
            span=self._span(option.place),
        )

    def _texts(self, texts: Sequence[_Text]) -> dict[Language, SourceText]:
        return {
            Language(sys.intern(language)): SourceText(raw=raw, span=self._span(place))
            for language, raw, place in texts
        }

    def _when(self, said: _Said | None) -> Expression | None:
        return None if said is None else Expression(raw=said[0], span=self._span(said[1]))

    def _all_said(self, said: Sequence[_Said]) -> tuple[Expression, ...]:
        return tuple(Expression(raw=raw, span=self._span(place)) for raw, place in said)

    def _span(self, place: _Place) -> SourceSpan:
        line, column, length = place
        return SourceSpan(path=self._path, line=line, column=column, length=length)

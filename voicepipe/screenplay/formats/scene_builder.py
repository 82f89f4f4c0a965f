"""Putting a scene together from rows that may stand in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.screenplay.syntax import BarkSet, Choice, Node, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.screenplay.syntax import DialogueLine, Entry, Option


@dataclass(slots=True, kw_only=True)
class NodeBuilder:
    """A node under construction."""

    id: str
    span: SourceSpan
    is_entry: bool = False
    entries: list[Entry] = field(default_factory=list)
    _options: list[Option] = field(default_factory=list)
    _choice_span: SourceSpan | None = None

    def add(self, entry: Entry) -> None:
        """Add any entry but an option; it ends the choice before it."""
        self._close_choice()
        self.entries.append(entry)

    def add_option(self, option: Option) -> None:
        """Add an option to the choice before it, or begin one."""
        if self._choice_span is None:
            self._choice_span = option.span
        self._options.append(option)

    def open_choice(self, span: SourceSpan) -> None:
        """Begin a choice of its own."""
        self._close_choice()
        self._choice_span = span

    def build(self) -> Node:
        """Finish the node."""
        self._close_choice()
        return Node(id=self.id, entries=tuple(self.entries), is_entry=self.is_entry, span=self.span)

    def _close_choice(self) -> None:
        if self._choice_span is not None and self._options:
            self.entries.append(Choice(options=tuple(self._options), span=self._choice_span))
        self._options = []
        self._choice_span = None


@dataclass(slots=True, kw_only=True)
class BarksBuilder:
    """A set of barks under construction."""

    id: str
    span: SourceSpan
    note: str = ""
    lines: list[DialogueLine] = field(default_factory=list)

    def build(self) -> BarkSet:
        """Finish the set."""
        return BarkSet(id=self.id, lines=tuple(self.lines), note=self.note, span=self.span)


@dataclass(slots=True, kw_only=True)
class SceneBuilder:
    """A scene under construction; remembers the node and the set that were last added to."""

    id: str
    span: SourceSpan
    title: str = ""
    note: str = ""
    start: str = ""
    is_entry: bool = False
    _nodes: dict[str, NodeBuilder] = field(default_factory=dict)
    _sets: dict[str, BarksBuilder] = field(default_factory=dict)
    _node: NodeBuilder | None = None
    _set: BarksBuilder | None = None

    def node(self, name: str, span: Callable[[], SourceSpan]) -> NodeBuilder | None:
        """The node of that name, made if it is new; the last one, if any, for an empty name."""
        if name:
            self._node = self._nodes.get(name)
            if self._node is None:
                self._node = self._nodes[name] = NodeBuilder(id=name, span=span())
        return self._node

    def barks(self, name: str, span: Callable[[], SourceSpan]) -> BarksBuilder | None:
        """The set of that name, made if it is new; the last one, if any, for an empty name."""
        if name:
            self._set = self._sets.get(name)
            if self._set is None:
                self._set = self._sets[name] = BarksBuilder(id=name, span=span())
        return self._set

    def build(self) -> Scene:
        """Finish the scene."""
        return Scene(
            id=self.id,
            title=self.title,
            note=self.note,
            start=self.start,
            is_entry=self.is_entry,
            nodes=tuple(node.build() for node in self._nodes.values()),
            barks=tuple(barks.build() for barks in self._sets.values()),
            span=self.span,
        )

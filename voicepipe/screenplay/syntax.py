"""The screenplay as written: frozen nodes that YAML and CSV both become.

Nothing here is resolved: targets may be missing, ids may be absent, variables
unknown. `resolve` and `checks` say so.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass, field
from typing import Final, NewType

from voicepipe.diagnostics import SourceSpan  # noqa: TC001 - read by its annotations

LineId = NewType("LineId", str)
SpeakerId = NewType("SpeakerId", str)
Language = NewType("Language", str)
"""A BCP-47 tag as the project spells it, lower case: `zh`, `en`, `ja`, `yue`, `pt-br`."""

END = "END"
"""The jump target that ends the story."""
RETURN = "RETURN"
"""The jump target that goes on behind the detour the story is in."""

EVERY_LANGUAGE: Final = "*"
"""Stands for every language that is not named."""

VARIABLE_TYPES: Final = ("int", "bool", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """What one language says, exactly as written, inline tags and all."""

    raw: str
    span: SourceSpan
    is_stale: bool = False
    """A translation from beside the script whose source text has changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A condition (`trust < 3`) or an assignment (`trust += 1`), unparsed."""

    raw: str
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who can speak: a character, the narrator, or a group of characters."""

    id: SpeakerId
    names: Mapping[Language, str] = field(default_factory=dict)
    """Display names; shown to people, never spoken."""
    members: tuple[SpeakerId, ...] = ()
    """For a group: each member speaks the line, as a clip of its own."""
    is_narrator: bool = False
    note: str = ""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A declared story variable.

    An integer or boolean steers branches. A line that shows a text variable (`{player}`) or an
    integer becomes one variant a value, or one clip in which `spoken` is said instead.
    """

    name: str
    kind: str
    """One of `VARIABLE_TYPES`."""
    start: str = ""
    """As written; empty means 0, false, or the first value."""
    minimum: int | None = None
    maximum: int | None = None
    values: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    """Value id (the suffix in `line__value`) → what each language says for it. An integer's are
    its numbers; one that is not listed is said as it is written."""
    spoken: Mapping[Language, str] = field(default_factory=dict)
    """What is said in place of the variable, whatever its value; texts still show the variable."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueLine:
    """One spoken entry, or one that is only shown."""

    id: LineId
    """Empty when the writer has not given one yet."""
    who: SpeakerId
    texts: Mapping[Language, SourceText]
    emotion: str = ""
    """Empty means the voice's neutral delivery."""
    speed: float = 1.0
    slots: Mapping[str, float] = field(default_factory=dict)
    """Language → seconds its speech has in the picture; `*`: in every language that has none."""
    note: str = ""
    """Direction for whoever performs the line."""
    comment: str = ""
    """Between writers; never leaves the script."""
    when: Expression | None = None
    tags: tuple[str, ...] = ()
    is_voiced: bool = True
    """False: shown, and spoken by nobody; `who` may be empty."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a choice; spoken only when it has a speaker."""

    texts: Mapping[Language, SourceText]
    goto: str
    goto_span: SourceSpan
    when: Expression | None = None
    effects: tuple[Expression, ...] = ()
    line: DialogueLine | None = None
    """The form of the option that has an id: voiced, or shown and translated by its id."""
    is_once: bool = False
    """It is offered until it has been taken."""
    comment: str = ""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The player decides."""

    options: tuple[Option, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """Go to a node (`open`), a scene (`harbor`), a node of a scene (`harbor.open`), or `END`.

    `RETURN` goes back to where the detour was taken.
    """

    target: str
    when: Expression | None = None
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """Play from a node or scene until it returns, then go on with the next entry."""

    target: str
    when: Expression | None = None
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Change variables on the way."""

    assignments: tuple[Expression, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment that stands between entries."""

    text: str
    span: SourceSpan


Entry = DialogueLine | Choice | Jump | Detour | Effect | Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A run of entries that is entered at its top."""

    id: str
    entries: tuple[Entry, ...]
    is_entry: bool = False
    """The engine enters it by itself."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class BarkSet:
    """Interchangeable lines (shouts, greetings) that no path leads to; the game picks one."""

    id: str
    lines: tuple[DialogueLine, ...]
    note: str = ""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A named set of nodes."""

    id: str
    title: str = ""
    note: str = ""
    start: str = ""
    """Entry node; empty means the first."""
    is_entry: bool = False
    """The engine enters it by itself, at its start."""
    nodes: tuple[Node, ...]
    barks: tuple[BarkSet, ...] = ()
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPattern:
    """Names scenes (`npc_*`) or nodes (`town.npc_*`) that the engine enters by itself."""

    pattern: str
    """With the wildcards of a shell."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenplay:
    """Everything the script folder says, in the order of its files (sorted by path)."""

    scenes: tuple[Scene, ...]
    speakers: tuple[Speaker, ...]
    variables: tuple[Variable, ...]
    start: str = ""
    """The scene the story begins in; empty means the first."""
    entries: tuple[EntryPattern, ...] = ()
    """Places the engine enters by itself, besides those that say so."""

"""What may be written where: the one table behind the readers and the JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class FieldKind(Enum):
    """What a value has to be."""

    ID = "id"
    FOREIGN_ID = "foreign id"
    TARGET = "target"
    PLAIN = "plain"
    TEXTS = "texts"
    SPEED = "speed"
    SLOTS = "slots"
    CONDITION = "condition"
    ASSIGNMENTS = "assignments"
    TAGS = "tags"
    OPTIONS = "options"
    NODES = "nodes"
    ENTRIES = "entries"
    PATTERNS = "patterns"
    WAY = "way"
    BARKS = "barks"
    LINES = "lines"
    SPEAKERS = "speakers"
    VARIABLES = "variables"
    NAMES = "names"
    MEMBERS = "members"
    FLAG = "flag"
    VARIABLE_TYPE = "variable type"
    INTEGER = "integer"
    WORD = "word"
    VALUES = "values"

    # The enum's own hash is written in Python, and readers are looked up a million times.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a mapping."""

    kind: FieldKind
    says: str
    """What the key is for, in one sentence."""
    is_required: bool = False


class Table(dict[str, Field]):
    """The keys of one kind of mapping, in the order people write them."""

    def __init__(self, fields: dict[str, Field]) -> None:
        super().__init__(fields)
        self.required = tuple(name for name, field in fields.items() if field.is_required)


_WHO: Final = Field(
    kind=FieldKind.ID,
    says="Who speaks: a declared speaker or group; only a line that is not voiced can do without.",
)
_EMOTION: Final = Field(kind=FieldKind.ID, says="How it is said; neutral unless given.")
_SPEED: Final = Field(kind=FieldKind.SPEED, says="Pace, from 0.5 to 2.0; 1.0 unless given.")
_SLOT: Final = Field(
    kind=FieldKind.SLOTS,
    says="How long its speech lasts in the picture: 2.4s, or one by language; * is any other.",
)
_DIRECTION: Final = Field(kind=FieldKind.PLAIN, says="Direction for whoever performs the line.")
_COMMENT: Final = Field(kind=FieldKind.PLAIN, says="Between writers; never exported.")
_WHEN: Final = Field(kind=FieldKind.CONDITION, says="Only when this holds: `trust < 3`.")
_TAGS: Final = Field(kind=FieldKind.TAGS, says="Words to select lines by.")
_VOICED: Final = Field(
    kind=FieldKind.FLAG, says="False: shown, and spoken by nobody; needs no voice."
)
_NOTE: Final = Field(kind=FieldKind.PLAIN, says="A note about it.")

LINE: Final = Table(
    {
        "line": Field(
            kind=FieldKind.FOREIGN_ID, says="The line's id; unique in the project, for good."
        ),
        "who": _WHO,
        "voiced": _VOICED,
        "emotion": _EMOTION,
        "speed": _SPEED,
        "slot": _SLOT,
        "note": _DIRECTION,
        "comment": _COMMENT,
        "when": _WHEN,
        "tags": _TAGS,
        "text": Field(
            kind=FieldKind.TEXTS,
            says="What is said: a text by language, or one text in the source language.",
        ),
    }
)
OPTION: Final = Table(
    {
        "text": Field(kind=FieldKind.TEXTS, says="What the player chooses, by language."),
        "goto": Field(
            kind=FieldKind.TARGET,
            says="Where the choice leads: node, scene, scene.node, END or RETURN.",
            is_required=True,
        ),
        "when": _WHEN,
        "set": Field(kind=FieldKind.ASSIGNMENTS, says="What choosing it changes: `trust += 1`."),
        "once": Field(kind=FieldKind.FLAG, says="True: offered until it has been taken."),
        "line": Field(
            kind=FieldKind.FOREIGN_ID, says="The id of an option that is voiced or translated."
        ),
        "voiced": _VOICED,
        "who": Field(kind=FieldKind.ID, says="Who says the option aloud; unvoiced unless given."),
        "emotion": _EMOTION,
        "speed": _SPEED,
        "slot": _SLOT,
        "note": _DIRECTION,
        "tags": _TAGS,
        "comment": _COMMENT,
    }
)
CHOICE: Final = Table(
    {
        "choice": Field(kind=FieldKind.OPTIONS, says="The player's options.", is_required=True),
    }
)
JUMP: Final = Table(
    {
        "goto": Field(
            kind=FieldKind.TARGET,
            says="Where to go: node, scene, scene.node, END, or RETURN from a detour.",
            is_required=True,
        ),
        "when": _WHEN,
    }
)
DETOUR: Final = Table(
    {
        "detour": Field(
            kind=FieldKind.WAY,
            says="What to play until it returns: node, scene or scene.node.",
            is_required=True,
        ),
        "when": _WHEN,
    }
)
EFFECT: Final = Table(
    {
        "set": Field(
            kind=FieldKind.ASSIGNMENTS,
            says="Assignments: `trust -= 1`, `met = true if trust > 2`.",
            is_required=True,
        ),
    }
)
REMARK: Final = Table(
    {
        "comment": Field(kind=FieldKind.PLAIN, says="A remark between entries.", is_required=True),
    }
)
NODE: Final = Table(
    {
        "entry": Field(kind=FieldKind.FLAG, says="True: the engine enters the node by itself."),
        "entries": Field(kind=FieldKind.ENTRIES, says="What happens in it.", is_required=True),
    }
)
BARK_SET: Final = Table(
    {
        "note": _NOTE,
        "lines": Field(kind=FieldKind.LINES, says="Interchangeable lines.", is_required=True),
    }
)
SPEAKER: Final = Table(
    {
        "name": Field(kind=FieldKind.NAMES, says="Display name, by language."),
        "narrator": Field(kind=FieldKind.FLAG, says="True for the narrator."),
        "group": Field(kind=FieldKind.MEMBERS, says="Speakers who say the line one clip each."),
        "note": _NOTE,
    }
)
VARIABLE: Final = Table(
    {
        "type": Field(
            kind=FieldKind.VARIABLE_TYPE, says="`int`, `bool` or `text`.", is_required=True
        ),
        "min": Field(kind=FieldKind.INTEGER, says="The least value of an int."),
        "max": Field(kind=FieldKind.INTEGER, says="The greatest value of an int."),
        "start": Field(kind=FieldKind.WORD, says="What it holds when the story begins."),
        "values": Field(
            kind=FieldKind.VALUES, says="Values of a text variable, and what each says."
        ),
        "spoken": Field(
            kind=FieldKind.NAMES,
            says="What is said in its place, by language, where texts show it.",
        ),
    }
)
DECLARATIONS: Final = Table(
    {
        "start": Field(kind=FieldKind.FOREIGN_ID, says="The scene the story begins in."),
        "entry": Field(
            kind=FieldKind.PATTERNS,
            says="What the engine enters by itself: scenes, or nodes as scene.node; * is any name.",
        ),
        "speakers": Field(kind=FieldKind.SPEAKERS, says="Who can speak, by id."),
        "variables": Field(kind=FieldKind.VARIABLES, says="The story's variables, by name."),
    }
)
SCENE: Final = Table(
    {
        "scene": Field(kind=FieldKind.FOREIGN_ID, says="The scene's id.", is_required=True),
        "title": Field(kind=FieldKind.PLAIN, says="For people."),
        "note": _NOTE,
        "start": Field(
            kind=FieldKind.FOREIGN_ID, says="The node the scene begins in; the first otherwise."
        ),
        "entry": Field(kind=FieldKind.FLAG, says="True: the engine enters the scene by itself."),
        "nodes": Field(kind=FieldKind.NODES, says="Runs of entries, by id."),
        "barks": Field(kind=FieldKind.BARKS, says="Sets of lines that no path leads to, by id."),
        "speakers": DECLARATIONS["speakers"],
        "variables": DECLARATIONS["variables"],
    }
)
VOICED_FIELDS: Final = ("line", "emotion", "speed", "slot", "note", "tags")
"""What only an option that is spoken may fill."""
ENTRY_TABLES: Final[dict[str, Table]] = {
    "choice": CHOICE,
    "text": LINE,
    "who": LINE,
    "line": LINE,
    "voiced": LINE,
    "goto": JUMP,
    "detour": DETOUR,
    "set": EFFECT,
    "comment": REMARK,
}
"""The first of these keys that an entry has says what kind of entry it is."""

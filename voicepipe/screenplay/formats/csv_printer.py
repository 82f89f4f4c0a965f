"""Screenplays as CSV: one row an entry, every row with its scene and node."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.formats.csv_columns import COLUMNS, TEXT_PREFIX
from voicepipe.screenplay.syntax import (
    EVERY_LANGUAGE,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    Entry,
    Jump,
    Remark,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicepipe.screenplay.syntax import (
        BarkSet,
        Expression,
        Language,
        Node,
        Option,
        Scene,
        Screenplay,
        SourceText,
        Speaker,
        Variable,
    )

Row = dict[str, str]
_ALWAYS: Final = ("kind", "scene", "node", "line", "who")


def print_csv(screenplay: Screenplay) -> str:
    """Write a screenplay as one CSV file.

    Reading it again gives the same screenplay, places aside. Only columns that say something are
    written, the texts last, in the order in which their languages first occur.
    """
    rows = [{column: cell for column, cell in row.items() if cell} for row in _rows(screenplay)]
    used: dict[str, None] = {}
    for row in rows:
        used.update(dict.fromkeys(row))
    columns: list[str] = [column for column in COLUMNS if column in used or column in _ALWAYS]
    columns += [column for column in used if column.startswith(TEXT_PREFIX)]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _rows(screenplay: Screenplay) -> Iterator[Row]:
    if screenplay.start:
        yield {"kind": "start", "goto": screenplay.start}
    for each in screenplay.entries:
        yield {"kind": "entry", "goto": each.pattern}
    for speaker in screenplay.speakers:
        yield _speaker(speaker)
    for variable in screenplay.variables:
        yield from _variable(variable)
    for scene in screenplay.scenes:
        for row in _scene(scene):
            yield {"scene": scene.id, **row}


def _speaker(speaker: Speaker) -> Row:
    said = ["narrator=true"] if speaker.is_narrator else []
    said += [f"group={','.join(speaker.members)}"] if speaker.members else []
    return {
        "kind": "speaker",
        "line": speaker.id,
        "note": speaker.note,
        "value": " ".join(said),
        **_names(speaker.names),
    }


def _variable(variable: Variable) -> Iterator[Row]:
    said = [f"type={variable.kind}"]
    said += [f"min={variable.minimum}"] if variable.minimum is not None else []
    said += [f"max={variable.maximum}"] if variable.maximum is not None else []
    said += [f"start={variable.start}"] if variable.start else []
    yield {"kind": "variable", "line": variable.name, "value": " ".join(said)}
    for value, names in variable.values.items():
        yield {"kind": "variable", "line": variable.name, "value": value, **_names(names)}
    if variable.spoken:
        yield {"kind": "spoken", "line": variable.name, **_names(variable.spoken)}


def _scene(scene: Scene) -> Iterator[Row]:
    yield {
        "kind": "scene",
        "value": scene.title,
        "note": scene.note,
        "goto": scene.start,
        "entry": "true" if scene.is_entry else "",
    }
    for node in scene.nodes:
        for row in _node(node):
            yield {"node": node.id, **row}
    for barks in scene.barks:
        for row in _barks(barks):
            yield {"node": barks.id, **row}


def _node(node: Node) -> Iterator[Row]:
    if not node.entries or node.is_entry:
        yield {"kind": "node", "entry": "true" if node.is_entry else ""}
    is_after_choice = False
    for entry in node.entries:
        is_choice = isinstance(entry, Choice)
        if is_choice and is_after_choice:
            yield {"kind": "choice"}
        yield from _entry(entry)
        is_after_choice = is_choice


def _barks(barks: BarkSet) -> Iterator[Row]:
    if barks.note or not barks.lines:
        yield {"kind": "barks", "note": barks.note}
    for line in barks.lines:
        yield _line(line, "bark")


def _entry(entry: Entry) -> Iterator[Row]:
    if isinstance(entry, DialogueLine):
        yield _line(entry, "line")
    elif isinstance(entry, Choice):
        yield from map(_option, entry.options)
    elif isinstance(entry, Jump):
        yield {"kind": "goto", "goto": entry.target, "when": _condition(entry.when)}
    elif isinstance(entry, Detour):
        yield {"kind": "detour", "goto": entry.target, "when": _condition(entry.when)}
    elif isinstance(entry, Effect):
        yield {"kind": "set", "set": _set(entry.assignments)}
    elif isinstance(entry, Remark):
        yield {"kind": "comment", "comment": entry.text}


def _line(line: DialogueLine, kind: str) -> Row:
    return {
        "kind": kind,
        "comment": line.comment,
        "when": _condition(line.when),
        **_delivery(line),
        **_texts(line.texts),
    }


def _delivery(line: DialogueLine) -> Row:
    return {
        "line": line.id,
        "who": line.who,
        "voiced": "" if line.is_voiced else "false",
        "emotion": line.emotion,
        "speed": "" if line.speed == 1.0 else f"{line.speed:g}",
        "slot": " ".join(_slots(line.slots)),
        "note": line.note,
        "tags": " ".join(line.tags),
    }


def _slots(slots: Mapping[str, float]) -> Iterator[str]:
    for language, seconds in slots.items():
        yield f"{seconds:g}s" if language == EVERY_LANGUAGE else f"{language}={seconds:g}s"


def _option(option: Option) -> Row:
    return {
        "kind": "option",
        "goto": option.goto,
        "when": _condition(option.when),
        "set": _set(option.effects),
        "comment": option.comment,
        "once": "true" if option.is_once else "",
        **({} if option.line is None else _delivery(option.line)),
        **_texts(option.texts),
    }


def _texts(texts: Mapping[Language, SourceText]) -> Row:
    return {f"{TEXT_PREFIX}{language}": text.raw for language, text in texts.items()}


def _names(names: Mapping[Language, str]) -> Row:
    return {f"{TEXT_PREFIX}{language}": name for language, name in names.items()}


def _condition(condition: Expression | None) -> str:
    return "" if condition is None else condition.raw


def _set(assignments: Iterable[Expression]) -> str:
    return "; ".join(assignment.raw for assignment in assignments)

"""Screenplays as YAML, laid out the way people write them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

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

# A text without anything YAML gives a meaning to, even inside brackets.
_PLAIN: Final = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`~=\\][^\n\r\t:#\[\]{},\"\\]*")
_PLAIN_COLON: Final = re.compile(
    r"[^\s\-?:,\[\]{}#&*!|>'\"%@`~=\\](?:[^\n\r\t:#\"\\]|:(?=\S)|(?<=\S)#)*"
)
_NULLS: Final = ("null", "Null", "NULL", "---", "...")


def print_yaml(screenplay: Screenplay) -> str:
    """Write a screenplay as one YAML file: declarations first, then a document a scene.

    Reading it again gives the same screenplay, places aside. Translations that were read from
    beside the script are written into it.
    """
    documents = [_scene(scene) for scene in screenplay.scenes]
    declarations = list(_declarations(screenplay))
    if declarations or not documents:
        documents.insert(0, iter(declarations))
    return "---\n".join("".join(f"{line}\n" for line in lines) for lines in documents)


def scalar(text: str) -> str:
    """Write a text so that YAML gives it back as it is: plain if it can be, quoted otherwise."""
    is_plain = _PLAIN_COLON.fullmatch(text) and text not in _NULLS and text == text.strip()
    if is_plain and not text.endswith(":"):
        return text
    return json.dumps(text, ensure_ascii=False)


def _declarations(screenplay: Screenplay) -> Iterator[str]:
    if screenplay.start:
        yield f"start: {scalar(screenplay.start)}"
    if screenplay.entries:
        yield f"entry: {_flow(each.pattern for each in screenplay.entries)}"
    if screenplay.speakers:
        yield "speakers:"
    for speaker in screenplay.speakers:
        yield from _indent(_named(speaker.id, _speaker(speaker)), 2)
    if screenplay.variables:
        yield "variables:"
    for variable in screenplay.variables:
        yield from _indent(_named(variable.name, _variable(variable)), 2)


def _speaker(speaker: Speaker) -> Iterator[str]:
    if speaker.names:
        yield from _named("name", _by_language(speaker.names))
    if speaker.is_narrator:
        yield "narrator: true"
    if speaker.members:
        yield f"group: {_flow(speaker.members)}"
    yield from _optional("note", speaker.note)


def _variable(variable: Variable) -> Iterator[str]:
    yield f"type: {scalar(variable.kind)}"
    if variable.minimum is not None:
        yield f"min: {variable.minimum}"
    if variable.maximum is not None:
        yield f"max: {variable.maximum}"
    yield from _optional("start", variable.start)
    if variable.values:
        yield "values:"
    for value, names in variable.values.items():
        yield from _indent(_named(value, _by_language(names), empty="{}"), 2)
    if variable.spoken:
        yield from _named("spoken", _by_language(variable.spoken))


def _scene(scene: Scene) -> Iterator[str]:
    yield f"scene: {scalar(scene.id)}"
    yield from _optional("title", scene.title)
    yield from _optional("note", scene.note)
    yield from _optional("start", scene.start)
    if scene.is_entry:
        yield "entry: true"
    if scene.nodes:
        yield "nodes:"
    for node in scene.nodes:
        yield f"  {scalar(node.id)}:"
        yield from _indent(_node(node), 4)
    if scene.barks:
        yield "barks:"
    for barks in scene.barks:
        yield f"  {scalar(barks.id)}:"
        yield from _indent(_bark_set(barks), 4)


def _node(node: Node) -> Iterator[str]:
    entries = [text for entry in node.entries for text in _item(_entry(entry))]
    if node.is_entry:
        yield "entry: true"
        yield "entries:" if entries else "entries: []"
        yield from _indent(entries, 2)
    else:
        yield from entries


def _bark_set(barks: BarkSet) -> Iterator[str]:
    lines = [text for line in barks.lines for text in _item(_line(line))]
    if barks.note:
        yield f"note: {scalar(barks.note)}"
        yield "lines:" if lines else "lines: []"
        yield from _indent(lines, 2)
    else:
        yield from lines


def _entry(entry: Entry) -> Iterator[str]:
    if isinstance(entry, DialogueLine):
        yield from _line(entry)
    elif isinstance(entry, Choice):
        yield "choice:"
        for option in entry.options:
            yield from _indent(_item(_option(option)), 2)
    elif isinstance(entry, Jump):
        yield f"goto: {scalar(entry.target)}"
        yield from _when(entry.when)
    elif isinstance(entry, Detour):
        yield f"detour: {scalar(entry.target)}"
        yield from _when(entry.when)
    elif isinstance(entry, Effect):
        yield from _set(entry.assignments)
    elif isinstance(entry, Remark):
        yield f"comment: {scalar(entry.text)}"


def _line(line: DialogueLine) -> Iterator[str]:
    yield from _delivery(line)
    yield from _optional("comment", line.comment)
    yield from _when(line.when)
    yield from _texts(line.texts)


def _delivery(line: DialogueLine) -> Iterator[str]:
    yield from _optional("line", line.id)
    yield from _optional("who", line.who)
    if not line.is_voiced:
        yield "voiced: false"
    yield from _optional("emotion", line.emotion)
    if line.speed != 1.0:
        yield f"speed: {line.speed:g}"
    if line.slots:
        yield f"slot: {_slots(line.slots)}"
    yield from _optional("note", line.note)
    if line.tags:
        yield f"tags: {_flow(line.tags)}"


def _slots(slots: Mapping[str, float]) -> str:
    if [*slots] == [EVERY_LANGUAGE]:
        return f"{slots[EVERY_LANGUAGE]:g}s"
    told = (f"{scalar(tag)}: {seconds:g}s" for tag, seconds in slots.items())
    return f"{{{', '.join(told)}}}"


def _option(option: Option) -> Iterator[str]:
    yield from _texts(option.texts)
    yield f"goto: {scalar(option.goto)}"
    yield from _when(option.when)
    if option.effects:
        yield from _set(option.effects)
    if option.is_once:
        yield "once: true"
    if option.line is not None:
        yield from _delivery(option.line)
    yield from _optional("comment", option.comment)


def _texts(texts: Mapping[Language, SourceText]) -> Iterator[str]:
    if texts:
        yield from _named("text", _by_language({tag: text.raw for tag, text in texts.items()}))


def _by_language(names: Mapping[Language, str]) -> Iterator[str]:
    return (f"{language}: {scalar(name)}" for language, name in names.items())


def _when(condition: Expression | None) -> Iterator[str]:
    if condition is not None:
        yield f"when: {scalar(condition.raw)}"


def _set(assignments: Iterable[Expression]) -> Iterator[str]:
    yield f"set: {_flow(assignment.raw for assignment in assignments)}"


def _flow(words: Iterable[str]) -> str:
    written = [scalar(word) for word in words]
    # What is plain on a line of its own may still end early inside brackets.
    safe = [w if w.startswith('"') or _PLAIN.fullmatch(w) else json.dumps(w) for w in written]
    return f"[{', '.join(safe)}]"


def _optional(key: str, text: str) -> Iterator[str]:
    if text:
        yield f"{key}: {scalar(text)}"


def _named(key: str, lines: Iterable[str], *, empty: str = "") -> Iterator[str]:
    """A key with a mapping below it."""
    inside = list(lines)
    yield f"{scalar(key)}:{'' if inside or not empty else ' ' + empty}"
    yield from _indent(inside, 2)


def _item(lines: Iterable[str]) -> Iterator[str]:
    """Lines as one item of a list."""
    for number, line in enumerate(lines):
        yield f"{'  ' if number else '- '}{line}"


def _indent(lines: Iterable[str], width: int) -> Iterator[str]:
    return (" " * width + line for line in lines)

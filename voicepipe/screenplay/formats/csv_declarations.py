"""Speakers and variables, as CSV declares them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.diagnostics import SourceSpan, did_you_mean
from voicepipe.documents.positions import inner_span
from voicepipe.screenplay.codes.syntax import BAD_VALUE, MISPLACED_ROW
from voicepipe.screenplay.formats.csv_row_reader import FLAGS
from voicepipe.screenplay.syntax import VARIABLE_TYPES, Language, Speaker, SpeakerId, Variable

if TYPE_CHECKING:
    from voicepipe.screenplay.formats.csv_row_reader import RowReader
    from voicepipe.screenplay.formats.script_parts import ScriptParts
    from voicepipe.screenplay.formats.values import ValueReader

Pairs = dict[str, tuple[str, SourceSpan]]
"""What a `value` cell such as `type=int min=0` says, each with its place."""


class CsvDeclarations:
    """Collects variables until the last row: each value of a text variable has its own."""

    def __init__(self, values: ValueReader, parts: ScriptParts) -> None:
        self._values = values
        self._parts = parts
        self._variables: list[Variable] = []
        self._said: dict[int, dict[str, dict[Language, str]]] = {}
        self._spoken: dict[int, dict[Language, str]] = {}

    def read(self, row: RowReader) -> None:
        """Read a `speaker`, `variable` or `spoken` row."""
        name = row.identifier("line", row.kind)
        span = row.span("line")
        if not name:
            row.missing("line", f"a {row.kind} has its name in line")
        elif row.kind == "speaker":
            self._speaker(row, name, span)
        elif row.kind == "spoken":
            self._spoken_rule(row, name, span)
        elif "=" in row.cell("value"):
            self._variable(row, name, span)
        else:
            self._value(row, name, span)

    def finish(self) -> None:
        """Hand the variables over with all their values."""
        for index, variable in enumerate(self._variables):
            said, spoken = self._said.get(index, {}), self._spoken.get(index, {})
            self._parts.variables.append(replace(variable, values=said, spoken=spoken))

    def _speaker(self, row: RowReader, name: str, span: SourceSpan) -> None:
        given = self._pairs(row, ("narrator", "group"))
        members: tuple[SpeakerId, ...] = ()
        if "group" in given:
            raw, place = given["group"]
            words = (word for word in raw.split(",") if word)
            members = tuple(
                SpeakerId(self._values.identifier(word, place, "member")) for word in words
            )
        is_narrator = False
        if "narrator" in given:
            is_narrator = self._values.choice(*given["narrator"], "narrator", FLAGS) == "true"
        self._parts.speakers.append(
            Speaker(
                id=SpeakerId(name),
                names=row.names(),
                members=members,
                is_narrator=is_narrator,
                note=row.plain("note"),
                span=span,
            )
        )

    def _variable(self, row: RowReader, name: str, span: SourceSpan) -> None:
        given = self._pairs(row, ("type", "min", "max", "start"))
        kind, values = "", self._values
        if "type" in given:
            kind = values.choice(*given["type"], "type", VARIABLE_TYPES)
        else:
            row.missing("value", "a variable has a type: type=int, bool or text")
        self._variables.append(
            Variable(
                name=name,
                kind=kind,
                start=values.word(*given["start"], "start") if "start" in given else "",
                minimum=values.integer(*given["min"], "min") if "min" in given else None,
                maximum=values.integer(*given["max"], "max") if "max" in given else None,
                span=span,
            )
        )

    def _value(self, row: RowReader, name: str, span: SourceSpan) -> None:
        index = self._index(name, span) if row.cell("value") else self._index("", span)
        if index is None:
            return
        word = self._values.value_id(row.cell("value"), row.span("value"))
        place = row.span("value")
        said = self._said.setdefault(index, {})
        if word in said:
            message = f'the value "{word}" is given twice'
            self._values.findings.add(BAD_VALUE, place, message, "remove one")
        said[word] = row.names()

    def _spoken_rule(self, row: RowReader, name: str, span: SourceSpan) -> None:
        index = self._index(name, span)
        if index is not None:
            self._spoken.setdefault(index, {}).update(row.names())

    def _index(self, name: str, span: SourceSpan) -> int | None:
        index = next((i for i, v in enumerate(self._variables) if v.name == name), None)
        if index is None:
            message = f'variable "{name}" is not declared above this row'
            remedy = "declare it first, with value: type=text"
            self._values.findings.add(MISPLACED_ROW, span, message, remedy)
        return index

    def _pairs(self, row: RowReader, known: tuple[str, ...]) -> Pairs:
        raw = row.cell("value")
        span = row.span("value")
        pairs: Pairs = {}
        at = 0
        for part in raw.split():
            at = raw.index(part, at)
            key, _, value = part.partition("=")
            place = inner_span(span, raw, at, len(part))
            at += len(part)
            if key not in known:
                message = f'"{part}" means nothing here{did_you_mean(key, known)}'
                remedy = "write " + " ".join(f"{name}=…" for name in known)
                self._values.findings.add(BAD_VALUE, place, message, remedy)
            elif key in pairs:
                self._values.findings.add(BAD_VALUE, place, f"{key} is given twice", "remove one")
            else:
                pairs[key] = (value, place)
        return pairs

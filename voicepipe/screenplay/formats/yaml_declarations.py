"""Speakers and variables, as YAML declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar
from voicepipe.screenplay.formats import fields
from voicepipe.screenplay.formats.fields import FieldKind
from voicepipe.screenplay.syntax import Speaker, SpeakerId, Variable

if TYPE_CHECKING:
    from voicepipe.documents.yaml_tree import YamlNode
    from voicepipe.screenplay.formats.script_parts import ScriptParts
    from voicepipe.screenplay.formats.yaml_fields import FieldReader
    from voicepipe.screenplay.syntax import Language


class DeclarationReader:
    """Puts what it reads straight into the parts of the file."""

    def __init__(self, reader: FieldReader, parts: ScriptParts) -> None:
        self._reader = reader
        self._parts = parts
        reader.readers |= {
            FieldKind.SPEAKERS: self._speakers,
            FieldKind.VARIABLES: self._variables,
            FieldKind.VALUES: self._values,
        }

    def _speakers(self, value: YamlNode, _: str) -> bool:
        for name, span, inside in self._reader.named(value, "speaker"):
            given = {}
            if not (isinstance(inside, YamlScalar) and inside.is_null):
                mapping = self._reader.mapping(inside, "a speaker")
                if mapping is not None:
                    given = self._reader.fields(mapping, fields.SPEAKER, "a speaker")
            self._parts.speakers.append(
                Speaker(
                    id=SpeakerId(name),
                    names=given.get("name", {}),
                    members=given.get("group", ()),
                    is_narrator=given.get("narrator", False),
                    note=given.get("note", ""),
                    span=span,
                )
            )
        return True

    def _variables(self, value: YamlNode, _: str) -> bool:
        for name, span, inside in self._reader.named(value, "variable"):
            mapping = self._reader.mapping(inside, "a variable")
            if mapping is None:
                continue
            given = self._reader.fields(mapping, fields.VARIABLE, "a variable")
            self._parts.variables.append(
                Variable(
                    name=name,
                    kind=given.get("type", ""),
                    start=given.get("start", ""),
                    minimum=given.get("min"),
                    maximum=given.get("max"),
                    values=given.get("values", {}),
                    spoken=given.get("spoken", {}),
                    span=span,
                )
            )
        return True

    def _values(self, value: YamlNode, name: str) -> dict[str, dict[Language, str]]:
        values: dict[str, dict[Language, str]] = {}
        if not isinstance(value, YamlMapping):
            self._reader.wrong_shape(value, "values are ids with what each language says")
            return values
        for word, (key, inside) in value.entries.items():
            self._reader.values.value_id(word, self._reader.span(key))
            values[word] = self._reader.names(inside, name)
        return values

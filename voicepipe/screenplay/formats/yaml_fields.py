"""Reading mappings by table: every key checked, every value read as its field says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicepipe.diagnostics import SourceSpan, did_you_mean
from voicepipe.documents.yaml_tree import (
    YamlMapping,
    YamlScalar,
    YamlSequence,
    comment_after,
)
from voicepipe.screenplay.codes.syntax import (
    BAD_EXPRESSION,
    BAD_LANGUAGE,
    CUT_BY_COMMENT,
    MISSING_KEY,
    UNKNOWN_KEY,
    WRONG_SHAPE,
)
from voicepipe.screenplay.formats.fields import FieldKind
from voicepipe.screenplay.formats.values import ScriptLanguages, ValueReader
from voicepipe.screenplay.syntax import EVERY_LANGUAGE, VARIABLE_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode
    from voicepipe.screenplay.formats.fields import Table
    from voicepipe.screenplay.syntax import Expression, Language, SourceText

_IDS = (FieldKind.ID, FieldKind.FOREIGN_ID)

Given = dict[str, Any]
"""What a mapping says, by key, each value as its field's reader gives it."""


class FieldReader:
    """Reads mappings, lists and single values of one file."""

    def __init__(self, source: SourceFile, languages: ScriptLanguages, findings: Findings) -> None:
        self.findings = findings
        self.values = ValueReader(findings, languages)
        self._source = source
        self._lines = source.lines() if " #" in source.text or "\t#" in source.text else []
        self._path = source.path
        self._source_language = languages.source
        values = self.values
        self._scalars: dict[FieldKind, Callable[[str, SourceSpan, str], Any]] = {
            FieldKind.ID: values.identifier,
            FieldKind.FOREIGN_ID: values.identifier,
            FieldKind.TARGET: lambda raw, span, _: values.target(raw, span),
            FieldKind.WAY: lambda raw, span, _: values.detour(raw, span),
            FieldKind.PLAIN: lambda raw, _span, _: values.plain(raw),
            FieldKind.SPEED: lambda raw, span, _: values.speed(raw, span),
            FieldKind.CONDITION: lambda raw, span, _: values.condition(raw, span),
            FieldKind.FLAG: self._flag,
            FieldKind.VARIABLE_TYPE: lambda raw, span, name: values.choice(
                raw, span, name, VARIABLE_TYPES
            ),
            FieldKind.INTEGER: values.integer,
            FieldKind.WORD: values.word,
        }
        self.readers: dict[FieldKind, Callable[[YamlNode, str], Any]] = {
            FieldKind.TEXTS: self._texts,
            FieldKind.NAMES: self.names,
            FieldKind.ASSIGNMENTS: self._assignments,
            FieldKind.TAGS: self._tags,
            FieldKind.MEMBERS: self._members,
            FieldKind.SLOTS: self._slots,
        }

    def span(self, node: YamlNode) -> SourceSpan:
        """The place of a node."""
        length = node.length if isinstance(node, YamlScalar) else 1
        return SourceSpan(path=self._path, line=node.line, column=node.column, length=length)

    def fields(self, mapping: YamlMapping, table: Table, what: str) -> Given:
        """Read a mapping by its table.

        Args:
            mapping: What is written.
            table: What may be.
            what: What the mapping is, for messages: `a line`.

        Returns:
            The values that can be read; a key without a value counts as absent.
        """
        given: Given = {}
        for name, (key, node) in mapping.entries.items():
            field = table.get(name)
            if field is None:
                self._unknown(key, table, what)
                continue
            value = self._read(field.kind, node, name)
            if value is not None:
                given[name] = value
        for name in table.required:
            if name not in given:
                self.missing(mapping, what, name)
        return given

    def missing(self, mapping: YamlMapping, what: str, name: str) -> None:
        """Report a key that has to be there; a faulty value of it is reported already."""
        if not self._is_there(mapping, name):
            message = f'{what} needs "{name}"'
            self.findings.add(MISSING_KEY, self.span(mapping), message, f"add {name}: …")

    def mapping(self, node: YamlNode, what: str) -> YamlMapping | None:
        """The node as a mapping, or a report that it is none."""
        if isinstance(node, YamlMapping):
            return node
        self.wrong_shape(node, f"{what} is made of keys and values")
        return None

    def items(self, node: YamlNode, what: str) -> list[YamlNode]:
        """The items of a list; nothing at all counts as an empty one."""
        if isinstance(node, YamlSequence):
            return node.items
        if not (isinstance(node, YamlScalar) and node.is_null):
            self.wrong_shape(node, f"{what} are a list, with a - before each")
        return []

    def named(self, node: YamlNode, what: str) -> Iterator[tuple[str, SourceSpan, YamlNode]]:
        """The entries of a mapping whose keys are ids: each id, its place, and what is under it."""
        if isinstance(node, YamlScalar) and node.is_null:
            return
        mapping = self.mapping(node, f"what is under {what}")
        for name, (key, value) in mapping.entries.items() if mapping is not None else ():
            span = self.span(key)
            yield self.values.identifier(name, span, what), span, value

    def names(self, node: YamlNode, _: str) -> dict[Language, str]:
        """Display names by language; one without a language is in the source language."""
        return {
            language: self.values.plain(scalar.value)
            for language, scalar in self._by_language(node)
            if scalar.value.strip()
        }

    def wrong_shape(self, node: YamlNode, message: str) -> None:
        """Report a value that is a list, a mapping or a text where it should not be."""
        kind = "a text"
        if isinstance(node, YamlSequence):
            kind = "a list"
        elif isinstance(node, YamlMapping):
            kind = "keys and values"
        self.findings.add(WRONG_SHAPE, self.span(node), f"{message}; this is {kind}")

    def _texts(self, node: YamlNode, _: str) -> dict[Language, SourceText]:
        texts = {}
        for language, scalar in self._by_language(node):
            self._refuse_cut(scalar)
            text = self.values.text(scalar.value, self.span(scalar))
            if text is not None:
                texts[language] = text
        return texts

    def _slots(self, node: YamlNode, _: str) -> dict[str, float]:
        if isinstance(node, YamlScalar):
            return self._slot(EVERY_LANGUAGE, node)
        slots: dict[str, float] = {}
        mapping = self.mapping(node, "a slot by language")
        for name, (key, value) in mapping.entries.items() if mapping is not None else ():
            tag = name if name == EVERY_LANGUAGE else self.values.language(name, self.span(key))
            if not isinstance(value, YamlScalar):
                self.wrong_shape(value, f"the slot of {name} is a length")
            elif tag is not None:
                slots |= self._slot(tag, value)
        return slots

    def _slot(self, language: str, node: YamlScalar) -> dict[str, float]:
        slot_s = self.values.slot(node.value, self.span(node))
        return {} if slot_s is None else {language: slot_s}

    def _refuse_cut(self, scalar: YamlScalar) -> None:
        """Report a text that YAML ends at ` #`: what follows would be lost without a word."""
        comment = comment_after(self._lines, scalar) if self._lines and not scalar.is_null else None
        if comment is None:
            return
        message = "YAML takes everything from the # on for a comment, so this text ends before it"
        remedy = "put the text in quotes; a comment goes on a line of its own"
        self.findings.add(CUT_BY_COMMENT, self._source.span(*comment), message, remedy)

    def _by_language(self, node: YamlNode) -> Iterator[tuple[Language, YamlScalar]]:
        if isinstance(node, YamlScalar):
            yield self._source_language, node
            return
        mapping = self.mapping(node, "texts in several languages")
        for name, (key, value) in mapping.entries.items() if mapping is not None else ():
            if self._is_cut_off(key, value):
                message = f'"{name}" is the rest of a text that YAML ended at a comma'
                remedy = 'inside { } put texts with commas in quotes: {en: "Upstairs, second door"}'
                self.findings.add(BAD_LANGUAGE, self.span(key), message, remedy)
                continue
            language = self.values.language(name, self.span(key))
            if not isinstance(value, YamlScalar):
                self.wrong_shape(value, f"what {name} says is a text")
            elif language is not None and not (value.is_null and not value.value):
                yield language, value

    def _is_cut_off(self, key: YamlScalar, value: YamlNode) -> bool:
        """Tell a piece of text behind an unquoted comma from a language without a text."""
        if not (isinstance(value, YamlScalar) and value.is_null and not value.value):
            return False
        behind = self._source.lines()[key.line - 1][key.column - 1 + key.length :].lstrip("\"' \t")
        return not behind.startswith(":")

    def _assignments(self, node: YamlNode, _: str) -> tuple[Expression, ...]:
        scalars = [node] if isinstance(node, YamlScalar) else self.items(node, "assignments")
        found: list[Expression] = []
        for item in scalars:
            if isinstance(item, YamlScalar):
                found.extend(self.values.assignments(item.value, self.span(item)))
            else:
                self.wrong_shape(item, "an assignment is a text")
        if not scalars:
            self.findings.add(BAD_EXPRESSION, self.span(node), "there is no assignment here")
        return tuple(found)

    def _tags(self, node: YamlNode, _: str) -> tuple[str, ...]:
        if isinstance(node, YamlScalar):
            return self.values.tags(node.value, self.span(node))
        return tuple(self._ids(node, "tag"))

    def _members(self, node: YamlNode, _: str) -> tuple[str, ...]:
        return tuple(self._ids(node, "member"))

    def _ids(self, node: YamlNode, what: str) -> Iterator[str]:
        for item in self.items(node, f"{what}s"):
            if isinstance(item, YamlScalar):
                yield self.values.identifier(item.value, self.span(item), what)
            else:
                self.wrong_shape(item, f"a {what} is a text")

    def _flag(self, raw: str, span: SourceSpan, name: str) -> bool:
        return self.values.choice(raw, span, name, ("true", "false")) == "true"

    def _unknown(self, key: YamlScalar, table: Table, what: str) -> None:
        message = f'{what} has no key "{key.value}"'
        remedy = f"it has {', '.join(table)}"
        if key.value in self.values.languages.known and "text" in table:
            remedy = f"languages stand under text: write text: {{{key.value}: …}}"
        elif key.value == "when" and "set" in table:
            remedy = "write the condition into it: set: trust += 1 if exposed"
        else:
            message += did_you_mean(key.value, table)
        self.findings.add(UNKNOWN_KEY, self.span(key), message, remedy)

    def _read(self, kind: FieldKind, node: YamlNode, name: str) -> Any:  # noqa: ANN401
        """Read a value as its field says; None when nothing is written."""
        scalar = self._scalars.get(kind)
        if isinstance(node, YamlScalar):
            if not node.value and node.is_null:
                return None
            if kind in _IDS and self.values.is_known_id(node.value):
                return node.value
            if scalar is not None:
                return scalar(node.value, self.span(node), name)
        elif scalar is not None:
            self.wrong_shape(node, f"{name} is a text")
            return None
        return self.readers[kind](node, name)

    @staticmethod
    def _is_there(mapping: YamlMapping, name: str) -> bool:
        """Tell whether a value is written at all: a faulty one is already reported."""
        node = mapping.get(name)
        return node is not None and not (isinstance(node, YamlScalar) and not node.value)

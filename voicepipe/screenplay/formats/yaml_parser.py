"""Screenplays in YAML: trees in, frozen nodes out. Nothing written makes it raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.documents.yaml_tree import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    iter_documents,
)
from voicepipe.screenplay.codes.syntax import MISSING_KEY, UNKNOWN_ENTRY
from voicepipe.screenplay.formats import fields
from voicepipe.screenplay.formats.fields import VOICED_FIELDS, FieldKind
from voicepipe.screenplay.formats.script_parts import ScriptParts, StartDeclaration
from voicepipe.screenplay.formats.yaml_declarations import DeclarationReader
from voicepipe.screenplay.formats.yaml_fields import FieldReader
from voicepipe.screenplay.syntax import (
    BarkSet,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    Entry,
    EntryPattern,
    Jump,
    LineId,
    Node,
    Option,
    Remark,
    Scene,
    SpeakerId,
)

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.fields import Table
    from voicepipe.screenplay.formats.values import ScriptLanguages
    from voicepipe.screenplay.formats.yaml_fields import Given


def parse_yaml_script(
    source: SourceFile, languages: ScriptLanguages, parts: ScriptParts, findings: Findings
) -> None:
    """Read one YAML file of a screenplay.

    Args:
        source: The file.
        languages: Which languages texts may be in.
        parts: Gets every scene and declaration that can be read.
        findings: Told everything that is wrong.
    """
    reader = _ScriptReader(source, languages, parts, findings)
    for document in iter_documents(source, findings):
        reader.read(document)


class _ScriptReader(FieldReader):
    """Reads the documents of one file."""

    def __init__(
        self,
        source: SourceFile,
        languages: ScriptLanguages,
        parts: ScriptParts,
        findings: Findings,
    ) -> None:
        super().__init__(source, languages, findings)
        self._parts = parts
        self._declarations = DeclarationReader(self, parts)
        self.readers |= {
            FieldKind.OPTIONS: self._options,
            FieldKind.NODES: self._nodes,
            FieldKind.ENTRIES: lambda value, _: self._entries(value),
            FieldKind.PATTERNS: self._patterns,
            FieldKind.BARKS: self._barks,
            FieldKind.LINES: self._bark_lines,
        }

    def read(self, document: YamlNode) -> None:
        mapping = self.mapping(document, "a scene or declarations")
        if mapping is None:
            return
        if "scene" in mapping.entries or "nodes" in mapping.entries or "barks" in mapping.entries:
            self._scene(mapping)
        else:
            given = self.fields(mapping, fields.DECLARATIONS, "a file without a scene")
            self._parts.entries.extend(given.get("entry", ()))
            if given.get("start"):
                span = self.span(mapping.entries["start"][1])
                self._parts.starts.append(StartDeclaration(scene=given["start"], span=span))

    def _scene(self, mapping: YamlMapping) -> None:
        given = self.fields(mapping, fields.SCENE, "a scene")
        named = mapping.get("scene")
        self._parts.scenes.append(
            Scene(
                id=given.get("scene", ""),
                title=given.get("title", ""),
                note=given.get("note", ""),
                start=given.get("start", ""),
                is_entry=given.get("entry", False),
                nodes=given.get("nodes", ()),
                barks=given.get("barks", ()),
                span=self.span(mapping if named is None else named),
            )
        )

    def _nodes(self, value: YamlNode, _: str) -> tuple[Node, ...]:
        return tuple(
            self._node(name, span, inside) for name, span, inside in self.named(value, "node")
        )

    def _node(self, name: str, span: SourceSpan, inside: YamlNode) -> Node:
        if not isinstance(inside, YamlMapping):
            return Node(id=name, entries=self._entries(inside), span=span)
        given = self.fields(inside, fields.NODE, "a node")
        return Node(
            id=name,
            entries=given.get("entries", ()),
            is_entry=given.get("entry", False),
            span=span,
        )

    def _patterns(self, value: YamlNode, _: str) -> tuple[EntryPattern, ...]:
        items = [value] if isinstance(value, YamlScalar) else self.items(value, "entry points")
        found = []
        for item in items:
            if isinstance(item, YamlScalar):
                pattern = self.values.word(item.value, self.span(item), "entry")
                found += [EntryPattern(pattern=pattern, span=self.span(item))] if pattern else []
            else:
                self.wrong_shape(item, "an entry point is a text")
        return tuple(found)

    def _entries(self, value: YamlNode) -> tuple[Entry, ...]:
        found = (self._entry(item) for item in self.items(value, "entries"))
        return tuple(entry for entry in found if entry is not None)

    def _entry(self, node: YamlNode) -> Entry | None:
        mapping = self.mapping(node, "an entry")
        if mapping is None:
            return None
        keys = mapping.entries
        if "text" in keys or "who" in keys or ("line" in keys and "choice" not in keys):
            return self._line(mapping, "a line")
        table = next((t for key, t in fields.ENTRY_TABLES.items() if key in keys), None)
        if table is fields.LINE:
            return self._line(mapping, "a line")
        if table is None:
            first = next(iter(keys), "")
            message = f'"{first}" does not begin a line, a choice, a goto, a detour, a set or a '
            message += "comment"
            remedy = "a line has who and text"
            if first == "return":
                remedy = "write goto: RETURN"
            self.findings.add(UNKNOWN_ENTRY, self.span(mapping), message, remedy)
            return None
        return self._other_entry(mapping, table)

    def _other_entry(self, mapping: YamlMapping, table: Table) -> Entry | None:
        span = self.span(mapping)
        if table is fields.CHOICE:
            options = self.fields(mapping, table, "a choice").get("choice")
            return None if options is None else Choice(options=options, span=span)
        if table is fields.JUMP:
            given = self.fields(mapping, table, "a goto")
            target = given.get("goto")
            place = self.span(mapping.entries["goto"][1])
            return target and Jump(target=target, when=given.get("when"), span=place)
        if table is fields.DETOUR:
            given = self.fields(mapping, table, "a detour")
            target = given.get("detour")
            place = self.span(mapping.entries["detour"][1])
            return target and Detour(target=target, when=given.get("when"), span=place)
        if table is fields.EFFECT:
            assignments = self.fields(mapping, table, "a set").get("set")
            return None if assignments is None else Effect(assignments=assignments, span=span)
        text = self.fields(mapping, table, "a comment").get("comment", "")
        return Remark(text=text, span=span) if text else None

    def _line(self, mapping: YamlMapping, what: str) -> DialogueLine:
        given = self.fields(mapping, fields.LINE, what)
        if given.get("voiced", True) and "who" not in given:
            self.missing(mapping, what, "who")
        return self._dialogue(mapping, given)

    def _dialogue(self, mapping: YamlMapping, given: Given) -> DialogueLine:
        named = mapping.get("line")
        return DialogueLine(
            id=LineId(given.get("line", "")),
            who=SpeakerId(given.get("who", "")),
            texts=given.get("text", {}),
            emotion=given.get("emotion", ""),
            speed=given.get("speed", 1.0),
            slots=given.get("slot", {}),
            note=given.get("note", ""),
            comment=given.get("comment", ""),
            when=given.get("when"),
            tags=given.get("tags", ()),
            is_voiced=given.get("voiced", True),
            span=self.span(mapping if named is None else named),
        )

    def _options(self, value: YamlNode, _: str) -> tuple[Option, ...]:
        items = self.items(value, "options")
        if isinstance(value, YamlSequence) and not items:
            self.findings.add(MISSING_KEY, self.span(value), "a choice needs an option", "add one")
        found = (self._option(item) for item in items)
        return tuple(option for option in found if option is not None)

    def _option(self, node: YamlNode) -> Option | None:
        mapping = self.mapping(node, "an option")
        if mapping is None:
            return None
        given = self.fields(mapping, fields.OPTION, "an option")
        goto = mapping.get("goto")
        return Option(
            texts=given.get("text", {}),
            goto=given.get("goto", ""),
            goto_span=self.span(mapping if goto is None else goto),
            when=given.get("when"),
            effects=given.get("set", ()),
            line=self._voiced(mapping, given),
            is_once=given.get("once", False),
            comment=given.get("comment", ""),
            span=self.span(mapping),
        )

    def _voiced(self, mapping: YamlMapping, given: Given) -> DialogueLine | None:
        if given.get("who") or not given.get("voiced", True):
            spoken = {k: v for k, v in given.items() if k not in ("comment", "when")}
            return self._dialogue(mapping, spoken)
        voiced = [key for key in VOICED_FIELDS if key in given]
        if voiced and "who" not in mapping.entries:
            self.values.unvoiced(voiced[0], self.span(mapping.entries[voiced[0]][0]))
        return None

    def _barks(self, value: YamlNode, _: str) -> tuple[BarkSet, ...]:
        return tuple(
            self._bark_set(name, span, inside) for name, span, inside in self.named(value, "barks")
        )

    def _bark_set(self, name: str, span: SourceSpan, inside: YamlNode) -> BarkSet:
        if isinstance(inside, YamlMapping):
            given = self.fields(inside, fields.BARK_SET, "a set of barks")
            return BarkSet(
                id=name, lines=given.get("lines", ()), note=given.get("note", ""), span=span
            )
        return BarkSet(id=name, lines=self._bark_lines(inside, ""), span=span)

    def _bark_lines(self, value: YamlNode, _: str) -> tuple[DialogueLine, ...]:
        mappings = (self.mapping(item, "a line") for item in self.items(value, "lines"))
        return tuple(self._line(mapping, "a line") for mapping in mappings if mapping is not None)

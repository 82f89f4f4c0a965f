"""Screenplays in CSV: one row an entry, the same records as from YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.csv_rows import iter_rows
from voicepipe.screenplay.codes.syntax import BAD_VALUE, MISPLACED_ROW
from voicepipe.screenplay.formats.csv_columns import ROW_COLUMNS, Header
from voicepipe.screenplay.formats.csv_declarations import CsvDeclarations
from voicepipe.screenplay.formats.csv_row_reader import RowReader
from voicepipe.screenplay.formats.fields import VOICED_FIELDS
from voicepipe.screenplay.formats.scene_builder import SceneBuilder
from voicepipe.screenplay.formats.script_parts import ScriptParts, StartDeclaration
from voicepipe.screenplay.formats.values import ScriptLanguages, ValueReader
from voicepipe.screenplay.syntax import (
    Detour,
    DialogueLine,
    Effect,
    EntryPattern,
    Jump,
    LineId,
    Option,
    Remark,
    SpeakerId,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.scene_builder import NodeBuilder
    from voicepipe.screenplay.syntax import Language, SourceText


def parse_csv_script(
    source: SourceFile, languages: ScriptLanguages, parts: ScriptParts, findings: Findings
) -> None:
    """Read one CSV file of a screenplay.

    Args:
        source: The file.
        languages: Which languages texts may be in.
        parts: Gets every scene and declaration that can be read.
        findings: Told everything that is wrong.
    """
    rows = iter_rows(source, findings)
    first = next(rows, None)
    if first is None:
        return
    reader = _ScriptReader(first, ValueReader(findings, languages), parts)
    for row in rows:
        reader.read(row)
    reader.finish()


class _ScriptReader:
    """Reads the rows of one file; remembers which scene and node the last one was in."""

    def __init__(self, first: CsvRow, values: ValueReader, parts: ScriptParts) -> None:
        self._header = Header(first, values)
        self._values = values
        self._parts = parts
        self._declarations = CsvDeclarations(values, parts)
        self._scenes: dict[str, SceneBuilder] = {}
        self._scene: SceneBuilder | None = None
        self._entries = {
            "line": _line_entry,
            "option": self._option,
            "choice": _new_choice,
            "goto": _jump,
            "detour": _detour,
            "set": _effect,
            "comment": _remark,
            "node": _describe_node,
        }

    def read(self, csv_row: CsvRow) -> None:
        """Read one row."""
        row = RowReader(csv_row, self._header, self._values)
        kind = row.kind
        if kind not in ROW_COLUMNS:
            message = f'there is no kind of row "{kind}"{did_you_mean(kind, ROW_COLUMNS)}'
            remedy = f"kinds: {', '.join(ROW_COLUMNS)}"
            self._values.findings.add(BAD_VALUE, row.span("kind"), message, remedy)
            return
        row.check_cells()
        if kind in ("speaker", "variable", "spoken"):
            self._declarations.read(row)
        elif kind == "start":
            self._start(row)
        elif kind == "entry":
            self._entry_point(row)
        else:
            self._in_scene(row, kind)

    def finish(self) -> None:
        """Close what is open and hand everything over."""
        self._declarations.finish()
        self._parts.scenes.extend(scene.build() for scene in self._scenes.values())

    def _start(self, row: RowReader) -> None:
        scene = row.identifier("goto", "scene")
        if scene:
            self._parts.starts.append(StartDeclaration(scene=scene, span=row.span("goto")))
        else:
            row.missing("goto", "a start names a scene in goto")

    def _entry_point(self, row: RowReader) -> None:
        if not row.cell("goto"):
            row.missing("goto", "an entry names scenes, or nodes as scene.node, in goto")
            return
        pattern = self._values.word(row.cell("goto"), row.span("goto"), "entry")
        if pattern:
            self._parts.entries.append(EntryPattern(pattern=pattern, span=row.span("goto")))

    def _in_scene(self, row: RowReader, kind: str) -> None:
        name = row.identifier("scene")
        if name:
            self._scene = self._scenes.get(name)
            if self._scene is None:
                self._scene = SceneBuilder(id=name, span=row.span("scene"))
                self._scenes[name] = self._scene
        if self._scene is None:
            message = "this row is in no scene, and no row above it is"
            self._values.findings.add(MISPLACED_ROW, row.span("scene"), message, "fill in scene")
        elif kind == "scene":
            _describe_scene(row, self._scene)
        elif kind in ("bark", "barks"):
            self._bark(row, self._scene, kind)
        else:
            self._in_node(row, self._scene, kind)

    def _bark(self, row: RowReader, scene: SceneBuilder, kind: str) -> None:
        barks = scene.barks(row.identifier("node", "set of barks"), lambda: row.span("node"))
        if barks is None:
            self._misplaced(row, "set of barks")
        elif kind == "barks":
            barks.note = row.plain("note") or barks.note
        else:
            barks.lines.append(_line(row))

    def _in_node(self, row: RowReader, scene: SceneBuilder, kind: str) -> None:
        node = scene.node(row.identifier("node"), lambda: row.span("node"))
        if node is None:
            self._misplaced(row, "node")
        else:
            self._entries[kind](row, node)

    def _misplaced(self, row: RowReader, what: str) -> None:
        message = f"this row is in no {what}, and no row of its scene above it is"
        self._values.findings.add(MISPLACED_ROW, row.span("node"), message, "fill in node")

    def _option(self, row: RowReader, node: NodeBuilder) -> None:
        target = row.target()
        if not target:
            row.missing("goto", "an option leads somewhere")
        texts = row.texts()
        option = Option(
            texts=texts,
            goto=target,
            goto_span=row.span("goto"),
            when=row.condition(),
            effects=row.assignments(),
            line=self._voiced(row, texts),
            is_once=row.flag("once", unless_given=False),
            comment=row.plain("comment"),
            span=row.span(),
        )
        node.add_option(option)

    def _voiced(self, row: RowReader, texts: Mapping[Language, SourceText]) -> DialogueLine | None:
        if row.cell("who") or not row.flag("voiced", unless_given=True):
            return _dialogue(row, texts)
        for column in VOICED_FIELDS:
            if row.cell(column):
                self._values.unvoiced(column, row.span(column))
                break
        return None


def _describe_scene(row: RowReader, scene: SceneBuilder) -> None:
    scene.title = row.plain("value") or scene.title
    scene.note = row.plain("note") or scene.note
    scene.start = row.identifier("goto", "start") or scene.start
    scene.is_entry = row.flag("entry", unless_given=scene.is_entry)


def _line_entry(row: RowReader, node: NodeBuilder) -> None:
    node.add(_line(row))


def _line(row: RowReader) -> DialogueLine:
    if not row.cell("who") and row.flag("voiced", unless_given=True):
        row.missing("who", "a line needs a speaker")
    return _dialogue(row, row.texts(), comment=row.plain("comment"), has_condition=True)


def _dialogue(
    row: RowReader,
    texts: Mapping[Language, SourceText],
    *,
    comment: str = "",
    has_condition: bool = False,
) -> DialogueLine:
    return DialogueLine(
        id=LineId(row.identifier("line")),
        who=SpeakerId(row.identifier("who")),
        texts=texts,
        emotion=row.identifier("emotion"),
        speed=row.speed(),
        slots=row.slots(),
        note=row.plain("note"),
        comment=comment,
        when=row.condition() if has_condition else None,
        tags=row.tags(),
        is_voiced=row.flag("voiced", unless_given=True),
        span=row.span("line"),
    )


def _new_choice(row: RowReader, node: NodeBuilder) -> None:
    node.open_choice(row.span())


def _jump(row: RowReader, node: NodeBuilder) -> None:
    target = row.target()
    if target:
        node.add(Jump(target=target, when=row.condition(), span=row.span("goto")))
    else:
        row.missing("goto", "a goto leads somewhere")


def _detour(row: RowReader, node: NodeBuilder) -> None:
    target = row.detour()
    if target:
        node.add(Detour(target=target, when=row.condition(), span=row.span("goto")))
    else:
        row.missing("goto", "a detour names what it plays in goto")


def _effect(row: RowReader, node: NodeBuilder) -> None:
    if row.cell("set"):
        node.add(Effect(assignments=row.assignments(), span=row.span()))
    else:
        row.missing("set", "a set changes something")


def _remark(row: RowReader, node: NodeBuilder) -> None:
    text = row.plain("comment")
    if text:
        node.add(Remark(text=text, span=row.span()))


def _describe_node(row: RowReader, node: NodeBuilder) -> None:
    """Read a row that opens its node, empty as it may stay."""
    node.is_entry = row.flag("entry", unless_given=node.is_entry)

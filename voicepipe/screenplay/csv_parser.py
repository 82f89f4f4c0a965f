"""Screenplays in CSV: one row an entry, the same records as from YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.csv_rows import iter_rows
from voicepipe.screenplay.csv_columns import ROW_COLUMNS, Header
from voicepipe.screenplay.csv_declarations import CsvDeclarations
from voicepipe.screenplay.scene_builder import SceneBuilder
from voicepipe.screenplay.script_parts import ScriptParts, StartDeclaration
from voicepipe.screenplay.syntax import (
    DialogueLine,
    Effect,
    Jump,
    Language,
    LineId,
    Option,
    Remark,
    SourceText,
    SpeakerId,
)
from voicepipe.screenplay.syntax_codes import BAD_VALUE, MISPLACED_ROW, MISSING_KEY
from voicepipe.screenplay.values import ScriptLanguages, ValueReader

if TYPE_CHECKING:
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.scene_builder import NodeBuilder
    from voicepipe.screenplay.syntax import Expression


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
        self._declarations = CsvDeclarations(self._header, values, parts)
        self._scenes: dict[str, SceneBuilder] = {}
        self._scene: SceneBuilder | None = None
        self._readers = {
            "line": self._line_entry,
            "option": self._option,
            "choice": self._new_choice,
            "goto": self._jump,
            "set": self._effect,
            "comment": self._remark,
            "node": self._nothing,
        }

    def read(self, row: CsvRow) -> None:
        """Read one row."""
        kind = self._header.cell(row, "kind") or "line"
        if kind not in ROW_COLUMNS:
            span = self._header.span(row, "kind")
            message = f'there is no kind of row "{kind}"{did_you_mean(kind, ROW_COLUMNS)}'
            self._values.findings.add(BAD_VALUE, span, message, f"kinds: {', '.join(ROW_COLUMNS)}")
            return
        self._header.check_cells(row, kind)
        if kind in ("speaker", "variable"):
            self._declarations.read(row, kind)
        elif kind == "start":
            self._start(row)
        elif self._enter_scene(row) and kind != "scene":
            self._read_inside(row, kind)
        elif kind == "scene":
            self._describe_scene(row)

    def finish(self) -> None:
        """Close what is open and hand everything over."""
        self._declarations.finish()
        self._parts.scenes.extend(scene.build() for scene in self._scenes.values())

    def _start(self, row: CsvRow) -> None:
        span = self._header.span(row, "goto")
        raw = self._header.cell(row, "goto")
        if not raw:
            self._missing(row, "goto", "a start names a scene in goto")
            return
        scene = self._values.identifier(raw, span, "scene")
        self._parts.starts.append(StartDeclaration(scene=scene, span=span))

    def _enter_scene(self, row: CsvRow) -> bool:
        name = self._header.cell(row, "scene")
        if name:
            scene = self._scenes.get(name)
            if scene is None:
                span = self._header.span(row, "scene")
                self._values.identifier(name, span, "scene")
                scene = self._scenes[name] = SceneBuilder(id=name, span=span)
            self._scene = scene
        elif self._scene is None:
            message = "this row is in no scene, and no row above it is"
            span = self._header.span(row, "scene")
            self._values.findings.add(MISPLACED_ROW, span, message, "fill in scene")
        return self._scene is not None

    def _describe_scene(self, row: CsvRow) -> None:
        scene = self._scene
        if scene is None:
            return
        scene.title = self._values.plain(self._header.cell(row, "value")) or scene.title
        scene.note = self._values.plain(self._header.cell(row, "note")) or scene.note
        start = self._header.cell(row, "goto")
        if start:
            span = self._header.span(row, "goto")
            scene.start = self._values.identifier(start, span, "start")

    def _read_inside(self, row: CsvRow, kind: str) -> None:
        scene = self._scene
        assert scene is not None
        name = self._header.cell(row, "node")
        span = self._header.span(row, "node")
        is_bark = kind in ("bark", "barks")
        if name:
            self._values.identifier(name, span, "node")
        elif not (scene.is_in_barks if is_bark else scene.is_in_node):
            what = "set of barks" if is_bark else "node"
            message = f"this row is in no {what}, and no row of its scene above it is"
            self._values.findings.add(MISPLACED_ROW, span, message, "fill in node")
            return
        if kind == "barks":
            scene.barks(name, span).note = self._values.plain(self._header.cell(row, "note"))
        elif kind == "bark":
            scene.barks(name, span).lines.append(self._line(row))
        else:
            self._readers[kind](row, scene.node(name, span))

    def _line_entry(self, row: CsvRow, node: NodeBuilder) -> None:
        node.add(self._line(row))

    def _line(self, row: CsvRow) -> DialogueLine:
        if not self._header.cell(row, "who"):
            self._missing(row, "who", "a line needs a speaker")
        return self._dialogue(row, self._texts(row), is_option=False)

    def _dialogue(
        self, row: CsvRow, texts: dict[Language, SourceText], *, is_option: bool
    ) -> DialogueLine:
        cell = self._header.cell
        speed = cell(row, "speed")
        return DialogueLine(
            id=LineId(self._identifier(row, "line")),
            who=SpeakerId(self._identifier(row, "who")),
            texts=texts,
            emotion=self._identifier(row, "emotion"),
            speed=self._values.speed(speed, self._header.span(row, "speed")) if speed else 1.0,
            note=self._values.plain(cell(row, "note")),
            comment="" if is_option else self._values.plain(cell(row, "comment")),
            when=None if is_option else self._condition(row),
            tags=self._tags(row),
            span=self._header.span(row, "line"),
        )

    def _option(self, row: CsvRow, node: NodeBuilder) -> None:
        cell = self._header.cell
        target = cell(row, "goto")
        goto_span = self._header.span(row, "goto")
        if target:
            self._values.target(target, goto_span)
        else:
            self._missing(row, "goto", "an option leads somewhere")
        texts = self._texts(row)
        changes = cell(row, "set")
        option = Option(
            texts=texts,
            goto=target,
            goto_span=goto_span,
            when=self._condition(row),
            effects=self._assignments(row) if changes else (),
            line=self._voiced(row, texts),
            comment=self._values.plain(cell(row, "comment")),
            span=row.span(0),
        )
        node.add_option(option)

    def _voiced(self, row: CsvRow, texts: dict[Language, SourceText]) -> DialogueLine | None:
        if self._header.cell(row, "who"):
            return self._dialogue(row, texts, is_option=True)
        for column in ("line", "emotion", "speed", "note", "tags"):
            if self._header.cell(row, column):
                span = self._header.span(row, column)
                self._values.unvoiced(column, span)
                break
        return None

    def _new_choice(self, row: CsvRow, node: NodeBuilder) -> None:
        node.open_choice(row.span(0))

    def _jump(self, row: CsvRow, node: NodeBuilder) -> None:
        target, span = self._header.cell(row, "goto"), self._header.span(row, "goto")
        if not target:
            self._missing(row, "goto", "a goto leads somewhere")
            return
        target = self._values.target(target, span)
        node.add(Jump(target=target, when=self._condition(row), span=span))

    def _effect(self, row: CsvRow, node: NodeBuilder) -> None:
        if not self._header.cell(row, "set"):
            self._missing(row, "set", "a set changes something")
            return
        node.add(Effect(assignments=self._assignments(row), span=row.span(0)))

    def _remark(self, row: CsvRow, node: NodeBuilder) -> None:
        text = self._values.plain(self._header.cell(row, "comment"))
        if text:
            node.add(Remark(text=text, span=row.span(0)))

    def _nothing(self, row: CsvRow, node: NodeBuilder) -> None:
        """A node row only opens its node."""

    def _texts(self, row: CsvRow) -> dict[Language, SourceText]:
        texts = {}
        for language, index in self._header.languages:
            if index < len(row.cells) and row.cells[index]:
                text = self._values.text(row.cells[index], row.span(index))
                if text is not None:
                    texts[language] = text
        return texts

    def _identifier(self, row: CsvRow, column: str) -> str:
        raw = self._header.cell(row, column)
        if not raw:
            return ""
        return self._values.identifier(raw, self._header.span(row, column), column)

    def _tags(self, row: CsvRow) -> tuple[str, ...]:
        raw = self._header.cell(row, "tags")
        return self._values.tags(raw, self._header.span(row, "tags")) if raw else ()

    def _condition(self, row: CsvRow) -> Expression | None:
        raw = self._header.cell(row, "when")
        return self._values.condition(raw, self._header.span(row, "when")) if raw else None

    def _assignments(self, row: CsvRow) -> tuple[Expression, ...]:
        raw = self._header.cell(row, "set")
        return self._values.assignments(raw, self._header.span(row, "set"))

    def _missing(self, row: CsvRow, column: str, message: str) -> None:
        span = self._header.span(row, column)
        self._values.findings.add(MISSING_KEY, span, message, f"fill in {column}")

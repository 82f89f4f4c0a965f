"""What is wrong with `export:` in `voicepipe.yaml`, found without looking at the bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.binding import BindingCodes, bind, key_span, span_at
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import path_problem, read_source
from voicepipe.documents.yaml_tree import YamlMapping, YamlSequence, iter_documents
from voicepipe.exporters.codes import (
    BAD_EXPORT,
    EXPORT_FOLDER,
    EXPORT_LANGUAGE,
    EXPORT_TWICE,
    NO_PLACE,
    UNKNOWN_TARGET,
)
from voicepipe.exporters.registry import EXPORTERS, exporter_named, known_exporters
from voicepipe.exporters.timed import MOUTHS, SUBTITLES, placed
from voicepipe.settings import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.diagnostics import CodeInfo, Diagnostic, SourceSpan
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode
    from voicepipe.exporters.protocol import Exporter
    from voicepipe.settings import Settings
    from voicepipe.settings_export import ExportSettings

EXPORTS_FOLDER: Final = "exports"
"""Of the output folder: where exports go that name no other place."""
_CODES: Final = BindingCodes(unknown_key=BAD_EXPORT, missing_key=BAD_EXPORT, bad_value=BAD_EXPORT)
_KEPT: Final = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "cvs"})


def export_findings(
    root: Path, settings: Settings, exporters: Mapping[str, str] = EXPORTERS
) -> tuple[Diagnostic, ...]:
    """Check every export of the settings.

    Args:
        root: The project root.
        settings: Read from its `voicepipe.yaml`.
        exporters: Name → `module:class`.
    """
    if not settings.export:
        return ()
    findings = Findings()
    source, _ = read_source(root, SETTINGS_FILE)
    documents = list(iter_documents(source, Findings())) if source is not None else []
    if source is not None and documents:
        place = _Place(source=source, node=documents[0], findings=findings)
        seen: set[str] = set()
        for number, target in enumerate(settings.export):
            if target.title in seen:
                message = f'"{target.title}" is exported twice'
                place.add(EXPORT_TWICE, number, "name", message, "give one another name:")
            seen.add(target.title)
            _check_languages(place, number, target, settings)
            _check_target(place, number, target, exporters)
            _check_folder(place, number, target, root, settings)
    return findings.diagnostics()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    source: SourceFile
    node: YamlNode
    findings: Findings

    def at(self, number: int, *keys: str | int) -> SourceSpan:
        return span_at(self.source, self.node, ("export", number, *keys))

    def add(self, code: CodeInfo, number: int, key: str, message: str, remedy: str) -> None:
        self.findings.add(code, self.at(number, key), message, remedy)


def _check_languages(
    place: _Place, number: int, target: ExportSettings, settings: Settings
) -> None:
    named = [("languages", tag) for tag in target.languages]
    named += [("fallback", tag) for pair in target.fallback.items() for tag in pair]
    named += [("only", tag) for tag in target.only]
    for key, tag in dict.fromkeys(named):
        if tag not in settings.languages:
            span = key_span(place.source, place.node, ("export", number, key, tag))
            hint = did_you_mean(tag, settings.languages)
            place.findings.add(
                EXPORT_LANGUAGE,
                span,
                f'{key}: "{tag}" is not a language of the project{hint}',
                f"languages are {', '.join(settings.languages)}",
            )


def _check_target(
    place: _Place, number: int, target: ExportSettings, exporters: Mapping[str, str]
) -> None:
    known = known_exporters(exporters)
    if target.target not in known:
        hint = did_you_mean(target.target, known)
        message = f'there is no target "{target.target}"{hint}'
        place.add(UNKNOWN_TARGET, number, "target", message, f"targets: {', '.join(sorted(known))}")
        return
    exporter = exporter_named(target.target, exporters)
    if target.encoding and target.encoding not in exporter.encodings:
        message = f'{target.target} does not read "{target.encoding}"'
        remedy = f"it reads {', '.join(exporter.encodings)}"
        place.add(BAD_EXPORT, number, "encoding", message, remedy)
    _check_timed(place, number, target, exporter)
    bind(place.source, _options_node(place, number), exporter.options, place.findings, _CODES)


def _check_timed(place: _Place, number: int, target: ExportSettings, exporter: Exporter) -> None:
    """Find mouths and subtitles that nothing would be written of."""
    for at, name in enumerate(target.mouths):
        if name not in placed(exporter, MOUTHS):
            message = f'{target.target} has no place for the mouths "{name}"'
            span = place.at(number, "mouths", at)
            place.findings.add(NO_PLACE, span, message, _taken(placed(exporter, MOUTHS)))
    if target.subtitles and target.subtitles not in placed(exporter, SUBTITLES):
        message = f'{target.target} has no place for subtitles as "{target.subtitles}"'
        place.add(NO_PLACE, number, "subtitles", message, _taken(placed(exporter, SUBTITLES)))


def _taken(known: tuple[str, ...]) -> str:
    return f"it takes {', '.join(known)}" if known else "leave them out; `generic` takes all"


def _options_node(place: _Place, number: int) -> YamlMapping:
    """Find `options:` of an export; an empty one at the export itself where there is none."""
    exports = place.node.get("export") if isinstance(place.node, YamlMapping) else None
    assert isinstance(exports, YamlSequence), "the settings were read from here"
    one = exports.items[number]
    options = one.get("options") if isinstance(one, YamlMapping) else None
    if isinstance(options, YamlMapping):
        return options
    return YamlMapping(line=one.line, column=one.column, entries={})


def _check_folder(
    place: _Place, number: int, target: ExportSettings, root: Path, settings: Settings
) -> None:
    if not target.to:
        return
    span = place.at(number, "to")
    problem = path_problem(root, target.to, at=span)
    if problem is not None:
        remedy = "name a folder in the project, or say --to on the command line"
        place.findings.add(EXPORT_FOLDER, span, f"to: {problem.message}", remedy)
        return
    fault = folder_fault(root, settings, root / target.to)
    if fault:
        place.findings.add(EXPORT_FOLDER, span, f"to: {fault}", "give it a folder of its own")


def default_folder(root: Path, settings: Settings, target: ExportSettings) -> Path:
    """Say where an export goes that the command line sends nowhere else."""
    if target.to:
        return root / target.to
    return root / settings.out / EXPORTS_FOLDER / target.title


def folder_fault(root: Path, settings: Settings, folder: Path) -> str:
    """Say why an export may not go into a folder; empty when it may."""
    real = folder.resolve()
    exports = (root / settings.out / EXPORTS_FOLDER).resolve()
    if real.is_relative_to(exports) and real != exports:
        return ""
    places = (settings.scripts, settings.voices, settings.overrides, "models", settings.out)
    for name in places:
        other = (root / name).resolve()
        if real.is_relative_to(other) or other.is_relative_to(real):
            return f'it overlaps the project\'s "{name}"'
    kept = [part for part in real.parts if part.casefold() in _KEPT]
    return f'it lies in "{kept[0]}", which belongs to version control' if kept else ""

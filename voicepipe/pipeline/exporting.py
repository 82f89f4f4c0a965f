"""Exporting a published version: asking consent, choosing clips, writing, and reading back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from voicepipe.bank.faults import explained
from voicepipe.bank.versions import LATEST_NAME, load_version, resolve
from voicepipe.clock import utc_now
from voicepipe.diagnostics import SourceSpan, has_errors
from voicepipe.documents.inside import refuse_links
from voicepipe.documents.source import read_source
from voicepipe.errors import UsageError
from voicepipe.exporters.changes import planned_files
from voicepipe.exporters.own_files import list_name
from voicepipe.exporters.protocol import Export
from voicepipe.exporters.registry import EXPORTERS, exporter_named
from voicepipe.exporters.report import report_of
from voicepipe.exporters.timed import asked_forms
from voicepipe.exporters.writing import write_export
from voicepipe.hashing import sha256_of_file
from voicepipe.labels.plan import label_plan
from voicepipe.pipeline.export_checks import default_folder, export_findings, folder_fault
from voicepipe.pipeline.export_ledger import ExportNote, named_path, note_export
from voicepipe.pipeline.exported_clips import ChosenClips, PublishedClips, choose_clips
from voicepipe.pipeline.exported_files import ExportSource
from voicepipe.pipeline.exported_times import TimedContents
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.project import input_error
from voicepipe.pipeline.refused_clips import refused_clips
from voicepipe.pipeline.render.store_notes import noted_in_store
from voicepipe.settings import SETTINGS_FILE, load_settings
from voicepipe.settings_export import ExportSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.exporters.protocol import Exporter, ExportFile
    from voicepipe.exporters.report import LanguageReport
    from voicepipe.exporters.story_script import StoryScript
    from voicepipe.exporters.writing import Written
    from voicepipe.settings import Settings


_UNUSED: Final[Mapping[str, object]] = {
    "models": {},
    "inputs": {},
    "scores": {},
    "judged": {},
    "before": (),
    "after": (),
}
"""Facts that no exporter asks for, two thirds of a large manifest, and what stands in for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to export, and where to."""

    target: ExportSettings
    folder: Path | None = None
    """None: where the settings say; a relative one starts from the working directory."""
    version: str = LATEST_NAME
    store: str = ""
    """A shared store to ask about revocations; empty: the environment's, or the settings'."""
    exporters: Mapping[str, str] | None = None
    """Name → `module:class`; None: the built-in ones and those of installed packages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A clip that may not be exported."""

    entry: ManifestEntry
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedExport:
    """An export, worked out whole before anything is written."""

    root: Path
    out: Path
    """The output folder."""
    exporter: Exporter
    target: str
    export: Export
    files: Mapping[str, ExportFile]
    folder: Path
    named: str
    """The folder as notes name it: see `named_path`."""
    source: ExportSource
    version: str
    refused: tuple[Refused, ...]

    @property
    def report(self) -> tuple[LanguageReport, ...]:
        """Count what it holds and lacks, language by language."""
        return report_of(self.export)


def find_export(settings: Settings, asked: str) -> ExportSettings:
    """Find the export a person names: one of the settings by name, or a target as it comes.

    Raises:
        UsageError: Several of the settings go to the target of this name.
    """
    for target in settings.export:
        if target.title == asked:
            return target
    to_it = [target for target in settings.export if target.target == asked]
    if len(to_it) > 1:
        names = ", ".join(target.title for target in to_it)
        raise UsageError(f'several exports go to "{asked}"', remedy=f"name one: {names}")
    return to_it[0] if to_it else ExportSettings(target=asked)


def prepare_export(root: Path, request: ExportRequest) -> PreparedExport:
    """Read a version, ask consent for each of its clips, and work out every file.

    Args:
        root: The project root.
        request: What and where.

    Raises:
        UsageError: No such target or version, or it cannot be exported so.
        InputError: The settings cannot be used.
        EnvironmentFault: The bank, a note of a revocation or the store cannot be read.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    exporters = EXPORTERS if request.exporters is None else request.exporters
    found = export_findings(root, settings, exporters)
    if has_errors(found):
        raise input_error(root, found)
    exporter = exporter_named(request.target.target, exporters)
    options = exporter.options.model_validate(request.target.options)
    folder = _folder(root, settings, request)
    version = resolve(root / settings.out, settings.bank, request.version)
    manifest = load_version(version, _UNUSED)
    permissions = load_permissions(root, settings, noted_in_store(settings, request.store))
    chosen = choose_clips(manifest, request.target, refused_clips(version, manifest, permissions))
    labels = label_plan(root, settings.bank, settings.labels)
    clips = PublishedClips(
        version.path,
        root / settings.out,
        request.target,
        exporter,
        signer=None if labels is None else labels.signer,
    )
    export = replace(
        _export(settings, request.target, chosen, clips.suffix, exporter, options),
        read_story=cache(partial(_read_story, root, settings)),
        read_file=partial(_read_file, root),
    )
    files = planned_files(exporter.files(export), export.name)
    return PreparedExport(
        root=root,
        out=root / settings.out,
        exporter=exporter,
        target=request.target.target,
        export=export,
        files=files,
        folder=folder,
        named=named_path(root, request.folder or folder),
        source=ExportSource(clips=clips, timed=TimedContents(root)),
        version=version.name,
        refused=tuple(
            Refused(entry=entry, reason=chosen.refused[entry.line, entry.language])
            for entry in manifest.entries
            if (entry.line, entry.language) in chosen.refused and entry.language in chosen.languages
        ),
    )


def write_prepared(
    prepared: PreparedExport,
    *,
    replaces: bool = False,
    on_file: Callable[[int, int], None] | None = None,
) -> Written:
    """Write what an export holds, and note where it went; otherwise as `write_export`."""
    if prepared.folder.is_relative_to(prepared.root):
        refuse_links(prepared.root, prepared.folder)
    note = ExportNote(
        export=prepared.export.name,
        target=prepared.target,
        path=prepared.named,
        bank=prepared.export.bank,
        version=prepared.version,
        date=utc_now(),
        voices=dict(Counter(clip.entry.voice for clip in prepared.export.clips)),
    )
    note_export(prepared.out, note)
    written = write_export(
        prepared.folder,
        prepared.export.name,
        prepared.target,
        prepared.files,
        prepared.source,
        replaces=replaces,
        on_file=on_file,
    )
    own_list = prepared.folder / list_name(prepared.export.name)
    with explained(own_list):
        note_export(prepared.out, replace(note, list_sha256=sha256_of_file(own_list)))
    return written


def _folder(root: Path, settings: Settings, request: ExportRequest) -> Path:
    if request.folder is None:
        return default_folder(root, settings, request.target)
    fault = folder_fault(root, settings, request.folder)
    if fault:
        raise UsageError(f"--to {request.folder}: {fault}", remedy="name a folder of its own")
    return request.folder.absolute()


def _export(
    settings: Settings,
    target: ExportSettings,
    chosen: ChosenClips,
    suffix: str,
    exporter: Exporter,
    options: object,
) -> Export:
    return Export(
        name=target.title,
        bank=settings.bank,
        source_language=settings.source_language,
        languages=chosen.languages,
        language_names=target.languages,
        suffix=suffix,
        options=options,
        timed=asked_forms(exporter, (*target.mouths, target.subtitles)),
        clips=chosen.clips,
        missing=chosen.missing,
    )


def _read_story(root: Path, settings: Settings) -> StoryScript:
    from voicepipe.exporters.story_script import read_story_script  # noqa: PLC0415
    from voicepipe.screenplay.formats.loader import load_screenplay  # noqa: PLC0415

    loaded = load_screenplay(root, settings)
    if has_errors(loaded.diagnostics):
        raise input_error(root, loaded.diagnostics)
    return read_story_script(loaded.screenplay, settings.languages, settings.source_language)


def _read_file(root: Path, name: str) -> bytes:
    source, problems = read_source(root, name, at=SourceSpan(path=SETTINGS_FILE))
    if source is None:
        raise input_error(root, problems)
    return source.text.encode()

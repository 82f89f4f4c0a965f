"""voicepipe from Python: what a notebook, a build script or another tool calls.

Every function takes the folder `voicepipe.yaml` is in. Records are frozen; nothing is printed;
errors are those of `voicepipe.errors`, users' mistakes as `InputError` with its diagnostics. What
is named here stays; what is imported from elsewhere may change with any release.

Importing this loads no torch; it is loaded, in processes of their own, by what renders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicepipe.bank.manifest import BankManifest, ManifestEntry
from voicepipe.bank.overview import VersionRow, list_versions
from voicepipe.bank.plan import Action, PlanStep, Reason
from voicepipe.bank.versions import LATEST_NAME, load_version, resolve
from voicepipe.diagnostics import Diagnostic, Severity
from voicepipe.errors import InputError, VoicepipeError
from voicepipe.exporters.report import LanguageReport
from voicepipe.pipeline.export_reading import check_export as _check_export
from voicepipe.pipeline.exporting import (
    ExportRequest,
    PreparedExport,
    Refused,
    find_export,
    prepare_export,
    write_prepared,
)
from voicepipe.pipeline.project import Project, load_project, usable_settings
from voicepipe.pipeline.render.plan_folder import PlanOptions, PlanReport, plan_folder
from voicepipe.pipeline.render.render_folder import render_folder
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport
from voicepipe.pipeline.selection import Selection
from voicepipe.pipeline.voice_checks import VoiceChecks
from voicepipe.pipeline.voice_checks import check_voices as _check_voices
from voicepipe.settings import Settings
from voicepipe.settings_export import ExportSettings
from voicepipe.workers.events import (
    ClipDone,
    LineFailed,
    ProjectRead,
    RenderEvent,
    RenderStarted,
    RetakeNoted,
    StoreNote,
    WorkerDied,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from voicepipe.pipeline.render.saying import SayResult

__all__ = [
    "Action",
    "BankManifest",
    "BankVersion",
    "ClipDone",
    "Diagnostic",
    "ExportReport",
    "ExportSettings",
    "InputError",
    "LanguageReport",
    "LineFailed",
    "ManifestEntry",
    "PlanOptions",
    "PlanReport",
    "PlanStep",
    "Project",
    "ProjectRead",
    "Reason",
    "Refused",
    "RenderEvent",
    "RenderOptions",
    "RenderReport",
    "RenderStarted",
    "RetakeNoted",
    "Selection",
    "Settings",
    "Severity",
    "StoreNote",
    "VersionRow",
    "VoiceChecks",
    "VoicepipeError",
    "WorkerDied",
    "bank_versions",
    "check",
    "check_export",
    "check_voices",
    "export",
    "load",
    "plan",
    "read_bank",
    "render",
    "say",
]

_EVERYTHING = RenderOptions()
_ALL_STEPS = PlanOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class BankVersion:
    """A published version of a bank, and where its files lie."""

    folder: Path
    manifest: BankManifest

    @property
    def name(self) -> str:
        """As `v0001`."""
        return self.manifest.version

    @property
    def entries(self) -> tuple[ManifestEntry, ...]:
        """One a clip, by language, then in the order of the script."""
        return self.manifest.entries

    def file_of(self, entry: ManifestEntry) -> Path:
        """Say where the WAV of an entry lies."""
        return self.folder / entry.file


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export holds, and what was written of it."""

    name: str
    target: str
    folder: Path
    version: str
    """Of the bank, as `v0001`."""
    languages: tuple[LanguageReport, ...]
    """What it holds and lacks."""
    refused: tuple[Refused, ...]
    """Clips that were left out because their voices may not be heard."""
    written: tuple[str, ...]
    """Paths from the folder, sorted."""
    removed: tuple[str, ...]
    kept: int
    """Files that were there already."""


def load(root: Path | str, *, release: bool = False) -> Project:
    """Read a project: settings, scripts, voices, cast lines, and what is wrong with them.

    Args:
        root: The folder `voicepipe.yaml` is in.
        release: Hold it to what a release needs.

    Raises:
        InputError: The settings cannot be used, so that nothing else can be read. Anything else
            that is wrong is among the project's diagnostics.
    """
    return load_project(_absolute(root), release=release)


def check(root: Path | str, *, release: bool = False) -> tuple[Diagnostic, ...]:
    """List everything that is wrong with a project, in the order of its files.

    Args:
        root: The folder `voicepipe.yaml` is in.
        release: Hold it to what a release needs.

    Returns:
        Errors, warnings and notes; without errors a render would begin.
    """
    try:
        return load(root, release=release).diagnostics
    except InputError as error:
        return error.diagnostics


def check_voices(root: Path | str, voice: str = "") -> VoiceChecks:
    """Measure every reference clip and say what is wrong with it, and with consent.

    Args:
        root: The folder `voicepipe.yaml` is in.
        voice: Only this one; empty: all.

    Raises:
        UsageError: There is no such voice.
        InputError: The settings cannot be used.
        EnvironmentFault: A note of a revocation is damaged or cannot be read.
    """
    return _check_voices(_absolute(root), voice)


def plan(
    root: Path | str,
    options: PlanOptions = _ALL_STEPS,
    *,
    on_event: Callable[[RenderEvent], None] | None = None,
) -> PlanReport:
    """Say what a render would do with every line, why, and how long. Changes nothing.

    Args:
        root: The folder `voicepipe.yaml` is in.
        options: Which lines, and how.
        on_event: Told `ProjectRead`, and what a shared store had to say.

    Raises:
        UsageError: A name the project does not have.
        InputError: The project has errors, or would publish what may not be published today.
        EnvironmentFault: The output folder or the store cannot be read.
    """
    return plan_folder(_absolute(root), options, on_event=on_event or _ignore)


def render(
    root: Path | str,
    options: RenderOptions = _EVERYTHING,
    *,
    on_event: Callable[[RenderEvent], None] | None = None,
    stop: threading.Event | None = None,
) -> RenderReport:
    """Make every missing clip of a project and publish the bank; twice in a row renders nothing.

    Args:
        root: The folder `voicepipe.yaml` is in.
        options: Which lines, and how.
        on_event: Called in this process, by this thread, for everything that happens.
        stop: Set it from another thread: nothing new begins and what is in hand is finished.

    Returns:
        What was done. Failed lines are listed, and are no exception.

    Raises:
        UsageError: Options that do not go together, or a name the project does not have.
        InputError: The project has errors, or would publish what may not be published today.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: Disk, engine or store; what was finished is kept.
    """
    return render_folder(_absolute(root), options, on_event=on_event or _ignore, stop=stop)


def bank_versions(root: Path | str) -> tuple[VersionRow, ...]:
    """List the published versions of a project's bank, oldest first.

    Args:
        root: The folder `voicepipe.yaml` is in.

    Raises:
        InputError: The settings cannot be used.
        EnvironmentFault: The folder cannot be read.
    """
    root = _absolute(root)
    settings = usable_settings(root)
    return list_versions(root / settings.out, settings.bank)


def read_bank(root: Path | str, version: str = LATEST_NAME) -> BankVersion:
    """Read a published version of a project's bank.

    Args:
        root: The folder `voicepipe.yaml` is in.
        version: `latest`, a name such as `v0002`, or the beginning of its content's hash.

    Raises:
        InputError: The settings cannot be used.
        UsageError: There is no such version, or nothing was published yet.
        EnvironmentFault: Its manifest is damaged, or cannot be read.
    """
    root = _absolute(root)
    settings = usable_settings(root)
    found = resolve(root / settings.out, settings.bank, version)
    return BankVersion(folder=found.path, manifest=load_version(found))


def export(
    root: Path | str,
    export: str | ExportSettings,
    *,
    to: Path | str | None = None,
    version: str = LATEST_NAME,
    replaces: bool = False,
    on_file: Callable[[int, int], None] | None = None,
) -> ExportReport:
    """Write a published version for a game engine; twice in a row writes nothing.

    Args:
        root: The folder `voicepipe.yaml` is in.
        export: The name of an export of `voicepipe.yaml`, or of a target; or settings of its own.
        to: Folder to export to, anywhere; None: where the settings say.
        version: `latest`, a name such as `v0002`, or the beginning of its content's hash.
        replaces: Write over files in the way that were changed, or are not ours.
        on_file: Told after each file: how many are done, and of how many.

    Raises:
        UsageError: No such export, target or version, or it cannot be exported so.
        InputError: The settings cannot be used.
        EnvironmentFault: The disk refuses, or files are in the way: then nothing was done.
    """
    prepared = _prepared(root, export, to, version)
    written = write_prepared(prepared, replaces=replaces, on_file=on_file)
    return ExportReport(
        name=prepared.export.name,
        target=prepared.target,
        folder=prepared.folder,
        version=prepared.version,
        languages=prepared.report,
        refused=prepared.refused,
        written=written.written,
        removed=written.removed,
        kept=written.kept,
    )


def check_export(
    root: Path | str,
    export: str | ExportSettings,
    *,
    to: Path | str | None = None,
    version: str = LATEST_NAME,
) -> tuple[Diagnostic, ...]:
    """Read an export back as the engine would. Writes nothing.

    Args:
        root: The folder `voicepipe.yaml` is in.
        export: As of `export`.
        to: Where it was exported to; None: where the settings say.
        version: That it should hold.

    Returns:
        Errors for lines that would not be heard, warnings for those that another language stands
        in for.

    Raises:
        UsageError: No such export, target or version.
        InputError: The settings cannot be used.
        EnvironmentFault: The folder cannot be read.
    """
    return _check_export(_prepared(root, export, to, version))


def _prepared(
    root: Path | str, export: str | ExportSettings, to: Path | str | None, version: str
) -> PreparedExport:
    root = _absolute(root)
    target = find_export(usable_settings(root), export) if isinstance(export, str) else export
    folder = None if to is None else Path(to).absolute()
    return prepare_export(root, ExportRequest(target=target, folder=folder, version=version))


def say(
    root: Path | str,
    text: str,
    *,
    voice: str,
    language: str = "",
    emotion: str = "",
    seed: int | None = None,
    device: str = "",
) -> SayResult:
    """Say one sentence in a voice, finished like any clip of the project. Nothing is stored.

    Args:
        root: The folder `voicepipe.yaml` is in.
        text: Inline tags are obeyed.
        voice: A voice of the project; its consent is asked for as for any line.
        language: Empty: the first of the project's that the voice speaks.
        emotion: Empty: neutral.
        seed: None: from the text.
        device: `cpu`, `cuda:0` …; empty: as the settings say.

    Raises:
        UsageError: No such voice or language.
        InputError: The text, the voice's file or its consent stands in the way.
        SynthesisError: Every attempt failed.
        EnvironmentFault: Models or device are not here.
    """
    # Loads what finishes sound, which nothing else here needs.
    from voicepipe.pipeline.render.saying import SayRequest, say_text  # noqa: PLC0415

    say_request = SayRequest(
        text=text, voice=voice, language=language, emotion=emotion, seed=seed, device=device
    )
    return say_text(_absolute(root), say_request)


def _absolute(root: Path | str) -> Path:
    return Path(root).resolve()


def _ignore(event: RenderEvent) -> None:
    """Nobody listens."""

"""`voicepipe.yaml`: what a project is called, what it speaks and how it should sound.

Every default lives here, once.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import Field

from voicepipe import __version__
from voicepipe.diagnostics import Diagnostic, SourceSpan
from voicepipe.documents.binding import BindingCodes, bind, key_span, span_at
from voicepipe.documents.findings import Findings
from voicepipe.documents.section import Section
from voicepipe.documents.source import SourceFile, path_problem, read_source
from voicepipe.documents.yaml_tree import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    iter_documents,
    node_span,
)
from voicepipe.settings_codes import (
    BAD_LANGUAGES,
    BAD_SETTING,
    BAD_TIMING,
    MISSING_SETTING,
    NO_SETTINGS,
    OTHER_RELEASE,
    PATH_OUTSIDE,
    SHARED_FOLDER,
    UNKNOWN_SETTING,
)
from voicepipe.settings_export import ExportSettings  # noqa: TC001 - read by its annotation
from voicepipe.settings_labels import LabelSettings  # noqa: TC001 - pydantic reads it
from voicepipe.settings_qc import QcSettings
from voicepipe.settings_subtitles import SubtitleSettings
from voicepipe.settings_timing import TimingSettings
from voicepipe.settings_values import (  # noqa: TC001 - pydantic reads them at run time
    BankName,
    BitDepth,
    Devices,
    LanguageTag,
    Markup,
    Precision,
    ProsodyUse,
    Releases,
    StoreAddress,
    Territory,
)

SETTINGS_FILE: Final = "voicepipe.yaml"
"""The file that makes a folder a project."""


class AudioSettings(Section):
    """How every clip is shaped after it is rendered or recorded."""

    sample_rate: int = Field(default=48_000, ge=8_000, le=192_000)
    """Hz."""
    bit_depth: BitDepth = 24
    """Bits a sample: 16, 24, or 32 for floating point."""
    loudness_lufs: float = Field(default=-23.0, ge=-40.0, le=-5.0)
    """Integrated loudness of every clip (EBU R 128 asks for -23)."""
    ceiling_dbtp: float = Field(default=-1.0, ge=-20.0, le=0.0)
    """No true peak above this; a clip is turned down rather than bent."""
    max_boost_db: float = Field(default=20.0, ge=0.0, le=60.0)
    """The most a quiet clip is raised; more would lift noise."""
    trim: bool = True
    """Cut silence off both ends."""
    keep_ms: float = Field(default=40.0, ge=0.0, le=5_000.0)
    """Silence that trimming leaves before the first and after the last sound."""
    fade_in_ms: float = Field(default=5.0, ge=0.0, le=1_000.0)
    """Fade over the first milliseconds."""
    fade_out_ms: float = Field(default=10.0, ge=0.0, le=1_000.0)
    """Fade over the last milliseconds."""
    head_ms: float = Field(default=0.0, ge=0.0, le=5_000.0)
    """Silence put before every clip."""
    tail_ms: float = Field(default=0.0, ge=0.0, le=5_000.0)
    """Silence put after every clip."""


class RenderSettings(Section):
    """How the work is spread and retried."""

    jobs: int = Field(default=0, ge=0, le=256)
    """Processes on `cpu`; 0 is one a core. Any other device has one."""
    device: Devices = "cpu"
    """`cpu`, `cuda`, `cuda:1` or `mps`, or several with commas between them."""
    precision: Precision = "float32"
    """Numbers of the semantic stage: float32, int8 (CPU), float16 (GPU) or bfloat16 (GPU, and CPUs
    that multiply it, there also of the generator's convolutions). Part of every take's key."""
    slots: int = Field(default=0, ge=0, le=128)
    """Lines in flight at once in a process; 0 is what memory and device allow."""
    attempts: int = Field(default=2, ge=1, le=10)
    """How often a line is tried before it counts as failed."""
    recycle_lines: int = Field(default=5_000, ge=0, le=100_000_000)
    """A process is replaced by a fresh one after so many lines; 0: never."""
    recycle_growth_mb: int = Field(default=2_048, ge=0, le=100_000_000)
    """A process is replaced once its memory has grown by so much; 0: never."""


class TextSettings(Section):
    """How the scripts' texts are written."""

    markup: Markup = "none"
    """Tags for the eye that texts hold: `renpy`, `bbcode` or `html`. They are taken out of what is
    spoken; with `none`, a warning names them."""


class StorySettings(Section):
    """How far the branches are followed."""

    state_limit: int = Field(default=200_000, ge=100, le=100_000_000)
    """States of the story to visit before a check gives up and says so."""


class Settings(Section):
    """A whole `voicepipe.yaml`."""

    bank: BankName = Field(min_length=1, max_length=64)
    """The name of what is published."""
    voicepipe: Releases = ""
    """Releases of voicepipe that the project is worked on with; empty: any. Others are refused."""
    languages: tuple[LanguageTag, ...] = Field(min_length=1, max_length=64)
    """Every language that is rendered, as lower-case tags."""
    text_languages: tuple[LanguageTag, ...] = Field(default=(), max_length=64)
    """Languages that are shown and not spoken: their texts are checked as translations are, and
    go into the manifest; nothing is rendered."""
    territories: tuple[Territory, ...] = Field(default=(), max_length=300)
    """Countries the bank is published in, as two capital letters; "*" is anywhere. Asked for when
    a voice's consent names countries."""
    source_language: str = ""
    """The language the script is written in; the first of `languages` unless given."""
    scripts: str = "scripts_in"
    """Folder of screenplays, from the project root."""
    voices: str = "voices"
    """Folder of voices."""
    out: str = "out"
    """Folder of everything rendered."""
    overrides: str = "overrides"
    """Folder of human recordings that win over any take."""
    lexicon: str = "lexicon.yaml"
    """File of the project's pronunciations; it may be absent."""
    prosody: ProsodyUse = "auto"
    """What emotions do to speech: `auto` is by `prosody.yaml` where there is one, `on` by the
    standard table where there is none, `off` not at all."""
    store: StoreAddress = ""
    """Address of the store that machines share finished takes in; empty: none. Never with
    credentials, which are read from the environment."""
    audio: AudioSettings = AudioSettings()
    render: RenderSettings = RenderSettings()
    story: StorySettings = StorySettings()
    text: TextSettings = TextSettings()
    qc: QcSettings = QcSettings()
    labels: LabelSettings | None = None
    """What published files say of being made by a machine, beyond their metadata."""
    export: tuple[ExportSettings, ...] = Field(default=(), max_length=100)
    """Where the bank goes: `voicepipe export` writes it in the form an engine reads."""
    subtitles: SubtitleSettings = SubtitleSettings()
    timing: TimingSettings = TimingSettings()

    @property
    def all_languages(self) -> tuple[str, ...]:
        """Every language that texts may be in: those that are spoken, then those only shown."""
        return (*self.languages, *self.text_languages)


_CODES: Final = BindingCodes(
    unknown_key=UNKNOWN_SETTING, missing_key=MISSING_SETTING, bad_value=BAD_SETTING
)
_VERSION_CONTROL: Final = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "cvs"})
_PATHS: Final = ("scripts", "voices", "out", "overrides", "lexicon")


def load_settings(project_root: Path) -> tuple[Settings | None, list[Diagnostic]]:
    """Read a project's `voicepipe.yaml`.

    Args:
        project_root: The folder it lies in.

    Returns:
        The settings, defaults filled in, with `source_language` never empty; None when anything in
        the file is wrong. What is wrong comes second.
    """
    if not (project_root / SETTINGS_FILE).exists():
        span = SourceSpan(path=SETTINGS_FILE)
        findings = Findings()
        message = f"there is no {SETTINGS_FILE} in {project_root.name or project_root}"
        findings.add(NO_SETTINGS, span, message, "go to the project's folder")
        return None, list(findings.diagnostics())
    source, problems = read_source(project_root, SETTINGS_FILE)
    if source is None:
        return None, list(problems)
    return parse_settings(source, project_root)


def parse_settings(
    source: SourceFile, project_root: Path
) -> tuple[Settings | None, list[Diagnostic]]:
    """Read settings from text that is already in memory; otherwise as `load_settings`."""
    findings = Findings()
    documents = list(iter_documents(source, findings))
    if not documents and not findings.has_errors:
        findings.add(MISSING_SETTING, source.span(), f"{source.path} is empty", "add bank: …")
    if len(documents) > 1:
        span = node_span(source, documents[1])
        findings.add(BAD_SETTING, span, "settings are one document", 'remove the "---" before it')
    settings = None
    if documents and not _asks_for_another_release(source, documents[0], findings):
        settings = bind(source, documents[0], Settings, findings, _CODES)
        if settings is not None:
            settings = _checked(settings, source, documents[0], project_root, findings)
    return (None if findings.has_errors else settings), list(findings.diagnostics())


def _asks_for_another_release(source: SourceFile, node: YamlNode, findings: Findings) -> bool:
    """Compare the releases a project asks for first: others may know other settings."""
    wanted = node.get("voicepipe") if isinstance(node, YamlMapping) else None
    if not isinstance(wanted, YamlScalar) or wanted.is_null:
        return False
    try:
        if SpecifierSet(wanted.value).contains(__version__, prereleases=True):
            return False
    except InvalidSpecifier:  # reported with the other values
        return False
    message = f"the project asks for voicepipe {wanted.value}; this is {__version__}"
    remedy = "install a release it asks for, or change `voicepipe:` for everyone who works on it"
    findings.add(OTHER_RELEASE, node_span(source, wanted), message, remedy)
    return True


def _checked(
    settings: Settings, source: SourceFile, node: YamlNode, root: Path, findings: Findings
) -> Settings:
    """Check what one value alone cannot tell, and fill in the source language."""
    for number, tag in enumerate(settings.all_languages):
        if tag in settings.all_languages[:number]:
            n_spoken = len(settings.languages)
            is_spoken = number < n_spoken
            place = ("languages", number) if is_spoken else ("text_languages", number - n_spoken)
            span = span_at(source, node, place)
            findings.add(BAD_LANGUAGES, span, f'"{tag}" is listed twice', "remove one")
    if settings.source_language and settings.source_language not in settings.all_languages:
        span = span_at(source, node, ("source_language",))
        message = f'"{settings.source_language}" is not one of languages'
        remedy = f"languages are {', '.join(settings.all_languages)}"
        findings.add(BAD_LANGUAGES, span, message, remedy)
    for section, tags in (
        ("qc", settings.qc.languages),
        ("subtitles", settings.subtitles.languages),
        ("timing", settings.timing.languages),
    ):
        for tag in tags:
            if tag not in settings.languages:
                span = key_span(source, node, (section, "languages", tag))
                known = ", ".join(settings.languages)
                message = f'{section}: "{tag}" is not one of languages'
                findings.add(BAD_LANGUAGES, span, message, f"languages are {known}")
    _check_timing(settings, source, node, findings)
    for name in _PATHS:
        _check_path(name, getattr(settings, name), source, node, root, findings)
    _check_overlaps(settings, source, node, root, findings)
    source_language = settings.source_language or settings.languages[0]
    return settings.model_copy(update={"source_language": source_language})


def _check_timing(
    settings: Settings, source: SourceFile, node: YamlNode, findings: Findings
) -> None:
    timing = settings.timing
    source_language = settings.source_language or settings.languages[0]
    for language in ("", *timing.languages):
        rules = timing.of(language)
        place = ("timing", "languages", language) if language else ("timing",)
        span = key_span(source, node, place)
        if not rules.slowest <= 1 <= rules.fastest:
            message = f"the paces from {rules.slowest:g} to {rules.fastest:g} leave out 1"
            remedy = "slowest is at most 1 and fastest at least 1, a line's own pace"
            findings.add(BAD_TIMING, span, message, remedy)
        if rules.fit == "source" and source_language not in settings.languages:
            message = f'lines cannot fit "{source_language}", which nobody speaks'
            remedy = "give lines a slot: in the script, or have the source language spoken"
            findings.add(BAD_TIMING, span, message, remedy)
    own = timing.languages.get(source_language)
    if own is not None and own.fit == "source":
        span = key_span(source, node, ("timing", "languages", source_language))
        message = f'"{source_language}" is the source language: it cannot fit itself'
        findings.add(BAD_TIMING, span, message, "write fit: slot, or leave it away")


def _check_path(
    name: str, path: str, source: SourceFile, node: YamlNode, root: Path, findings: Findings
) -> None:
    span = span_at(source, node, (name,))
    problem = path_problem(root, path, at=span)
    if problem is not None:
        findings.add(PATH_OUTSIDE, span, f"{name}: {problem.message}", problem.help)
    elif PurePosixPath(path.replace("\\", "/")) == PurePosixPath():
        findings.add(
            BAD_SETTING, span, f"{name}: this is the project itself", "name a folder in it"
        )


def _check_overlaps(
    settings: Settings, source: SourceFile, node: YamlNode, root: Path, findings: Findings
) -> None:
    span = key_span(source, node, ("out",))
    out = PurePosixPath(settings.out.replace("\\", "/"))
    for name in ("scripts", "voices", "overrides", "models"):
        other = PurePosixPath(getattr(settings, name, name).replace("\\", "/"))
        is_root = PurePosixPath() in (out, other)  # reported already
        if not is_root and _overlap(root, out, other):
            message = f'out "{out}" and {name} "{other}" overlap'
            findings.add(SHARED_FOLDER, span, message, "give each a folder of its own")
    kept = [part for part in _real(root, out).parts if part.casefold() in _VERSION_CONTROL]
    if kept:
        message = f'out "{out}" lies in "{kept[0]}", which belongs to version control'
        findings.add(SHARED_FOLDER, span, message, "give out a folder of its own")


def _overlap(root: Path, out: PurePosixPath, other: PurePosixPath) -> bool:
    """Tell whether one of two folders holds the other, by their names or where links lead."""
    pairs = ((out, other), (_real(root, out), _real(root, other)))
    return any(a.is_relative_to(b) or b.is_relative_to(a) for a, b in pairs)


def _real(root: Path, place: PurePosixPath) -> PurePosixPath:
    """Follow links; a place that cannot be followed, or leads out, is reported elsewhere."""
    try:
        real = (root / place).resolve().relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return place
    return PurePosixPath(real.as_posix())


def settings_schema() -> dict[str, Any]:
    """Describe `voicepipe.yaml`, as JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
    }

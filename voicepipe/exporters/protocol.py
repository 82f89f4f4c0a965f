"""What an exporter is given and what it gives: the whole of what a new one has to know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from voicepipe.bank.clip_facts import NOT_JUDGED
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.documents.section import Section
    from voicepipe.exporters.story_script import StoryScript


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportClip:
    """A line in one language, and the clip that is heard for it."""

    language: str
    """In which it is heard."""
    name: str
    """For files: lower-case ASCII, the beginning of no other line's name, the same in every
    language; the line's id unless that cannot be."""
    entry: ManifestEntry
    """What the bank says of the clip: text, speaker, scene, source, duration and all else."""

    @property
    def line(self) -> str:
        """The line's id."""
        return self.entry.line

    @property
    def verdict(self) -> str:
        """`passed` or `failed`; empty: nobody judged it."""
        return "" if self.entry.verdict == NOT_JUDGED else self.entry.verdict

    @property
    def fallback(self) -> str:
        """The other language whose clip stands in; empty: it is the line's own."""
        return "" if self.entry.language == self.language else self.entry.language


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingClip:
    """A line without a clip in a language."""

    line: str
    language: str
    reason: str
    script: str = ""
    """`file:line:column`; empty: not known."""


def _no_story() -> StoryScript:
    raise UsageError("the scripts cannot be read here", remedy="export from a project")


def _no_file(path: str) -> bytes:
    raise UsageError(f"{path} cannot be read here", remedy="export from a project")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedForm:
    """A kind of file beside a clip that follows from when its phonemes and words sound."""

    name: str
    """`rhubarb.tsv`, `rhubarb.json`, `visemes`, `arkit`, `live2d`, `vrm`, `vtt` or `srt`."""
    suffix: str
    """Of the file, in the engine's folders."""

    @property
    def field(self) -> str:
        """What a table calls it: `rhubarb_json`, or `subtitles` whichever these are."""
        return "subtitles" if self.name in ("vtt", "srt") else self.name.replace(".", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Everything an exporter is given."""

    name: str
    """Of this export, in `voicepipe.yaml`."""
    bank: str
    source_language: str
    languages: tuple[str, ...]
    """Those that are exported, in the project's order, as the project spells them."""
    language_names: Mapping[str, str] = field(default_factory=dict)
    """Language → what the user says the engine calls it."""
    suffix: str = ".wav"
    """Of every sound file."""
    options: Any = None
    """An instance of the exporter's own `options`."""
    timed: tuple[TimedForm, ...] = ()
    """Mouths and subtitles that are asked for, of those the exporter has a place for."""
    clips: tuple[ExportClip, ...] = ()
    """By language, then in the order of the script."""
    missing: tuple[MissingClip, ...] = ()
    read_story: Callable[[], StoryScript] = _no_story
    """Reads the scripts: scenes, choices, conditions, names of speakers. Call it where the export
    has a use for them: of a large project that takes a while.

    Raises:
        InputError: The scripts are wrong.
    """

    read_file: Callable[[str], bytes] = _no_file
    """Reads a file of the project that an option names, by its path from the project's folder.

    Raises:
        InputError: There is none, or it lies outside.
    """

    def by_language(self) -> dict[str, list[ExportClip]]:
        """Give each language's clips, in order; a language without clips has an empty list."""
        found: dict[str, list[ExportClip]] = {language: [] for language in self.languages}
        for clip in self.clips:
            found[clip.language].append(clip)
        return found

    def by_line(self) -> dict[str, dict[str, ExportClip]]:
        """Give line → language → clip, in the order of the script."""
        found: dict[str, dict[str, ExportClip]] = defaultdict(dict)
        for clip in sorted(self.clips, key=lambda c: (c.entry.position, c.line)):
            found[clip.line][clip.language] = clip
        return dict(found)

    def named(self, language: str, usual: Mapping[str, str] | None = None) -> str:
        """Say what the engine calls a language: as the user says, as is usual, or its tag."""
        return self.language_names.get(language) or (usual or {}).get(language, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file of the export, with its content."""

    path: str
    """Relative to the export's folder, with forward slashes; lawful on every system."""
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFile:
    """A file of the export that holds a clip, in the export's encoding."""

    path: str
    """As of `TextFile`; ends in the export's suffix."""
    clip: ExportClip


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedFile:
    """A file of the export that says when a clip's sounds are heard: a mouth, or captions."""

    path: str
    """As of `TextFile`."""
    clip: ExportClip
    form: str
    """Name of a `TimedForm`."""
    sound: str
    """Name of the clip's file, for forms that say whose mouth it is."""


ExportFile = TextFile | ClipFile | TimedFile


class ExportFaultKind(Enum):
    """What is wrong with an export."""

    NOT_FOUND = "not found"
    """The engine would find no file, or not this line."""
    AMBIGUOUS = "ambiguous"
    """The engine would take another line's file, or may."""
    CHANGED = "changed"
    """A file is not as it was exported, or not of the bank as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFault:
    """Something the engine would trip over, found by reading an export back."""

    what: str
    """In words, without the line."""
    clip: ExportClip | None = None
    """Of the line it is about; None: of all."""
    path: str = ""
    """The file, relative to the export."""
    kind: ExportFaultKind = ExportFaultKind.NOT_FOUND


class Exporter(Protocol):
    """One engine or middleware. It takes no arguments, keeps nothing, and writes nothing.

    One that has a place for mouths or subtitles says so in `timed`, a mapping from names of
    `TimedForm` to the suffixes of their files; without it there is none.
    """

    title: str
    """For people: `Ren'Py 7 and 8`."""
    encodings: tuple[str, ...]
    """Kinds of sound file the engine reads (`voicepipe.settings_export.ENCODINGS`); the first is
    the default."""
    options: type[Section]
    """What a user may set; the fields' docstrings tell them."""

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give every file of the export: the same bank gives the same files with the same bytes.

        Raises:
            UsageError: This cannot be exported so; says why.
        """
        ...

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Read the export back as the engine would: by its rules, from its files.

        That every file is there and as it was exported has been looked at already.
        """
        ...

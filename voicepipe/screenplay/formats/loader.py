"""From the scripts folder to one screenplay: every file, in the order of their paths."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import Diagnostic, SourceSpan
from voicepipe.documents.codes import UNREADABLE
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import SourceFile, path_problem, read_source
from voicepipe.memory import collection_paused
from voicepipe.screenplay.codes.syntax import BAD_LANGUAGE, DECLARED_TWICE, NO_SCRIPTS
from voicepipe.screenplay.formats.csv_parser import parse_csv_script
from voicepipe.screenplay.formats.kept_scripts import KeptScripts
from voicepipe.screenplay.formats.localisation import Translations
from voicepipe.screenplay.formats.script_parts import ScriptParts
from voicepipe.screenplay.formats.values import ScriptLanguages, ValueReader
from voicepipe.screenplay.formats.yaml_parser import parse_yaml_script
from voicepipe.screenplay.syntax import Language, Screenplay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voicepipe.screenplay.formats.script_outline import ScriptOutline
    from voicepipe.screenplay.syntax import Scene
    from voicepipe.settings import Settings

LOC_FOLDER: Final = "loc"
"""The folder of translations, inside the scripts folder."""
YAML_SUFFIXES: Final = (".yaml", ".yml")
CSV_SUFFIX: Final = ".csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedScreenplay:
    """A screenplay and where it came from."""

    screenplay: Screenplay
    diagnostics: tuple[Diagnostic, ...]
    """Everything wrong with the files; with an error among them the screenplay has gaps."""
    paths: tuple[str, ...]
    """Every file that was read, from the project root."""


class ScriptFiles:
    """A project's scripts as text; what they say is taken up when it is asked for.

    Args:
        root: The project root.
        settings: Say where the scripts are and which languages they may hold.
        with_translations: Those beside the scripts too.
        on_parsed: Told of each script that had to be parsed and nothing is wrong with: what it
            says, and the length of all such scripts as a multiple of its own.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        with_translations: bool = True,
        on_parsed: Callable[[ScriptParts, float], None] | None = None,
    ) -> None:
        self._on_parsed = on_parsed
        self._n_characters = 0
        self._root, self._folder = root, settings.scripts
        self._languages = ScriptLanguages(
            source=Language(settings.source_language),
            known=tuple(Language(tag) for tag in settings.all_languages),
            markup=settings.text.markup,
        )
        self._findings = Findings()
        scripts, translations = _script_paths(root, settings.scripts, self._findings)
        self.paths = (*scripts, *translations)
        self._translations = translations if with_translations else ()
        read = [read_source(root, path) for path in scripts]
        for _, problems in read:
            self._findings.extend(problems)
        self.sources = tuple(source for source, _ in read if source is not None)
        self._kept = KeptScripts(self.sources, self._languages)
        self._parsed: dict[str, tuple[ScriptParts, tuple[Diagnostic, ...]]] = {}

    def outlines(self) -> tuple[ScriptOutline, ...] | None:
        """Give every script's outline, without reading those that are kept.

        Returns:
            In the order of `sources`; None where something is wrong with a file, or there are
            translations beside the scripts: then they have to be read whole.
        """
        if self._findings or self._translations or not self.sources:
            return None
        kept = self._kept.outlines()
        self._count_unread(one for one in self.sources if one.path not in kept)
        outlines: list[ScriptOutline] = []
        for source in self.sources:
            outline = kept.get(source.path) or self._read(source)
            if outline is None:
                return None
            outlines.append(outline)
        self._kept.keep()
        n_starts = sum(len(outline.starts) for outline in outlines)
        has_scenes = any(outline.n_scenes for outline in outlines)
        return tuple(outlines) if n_starts < 2 and has_scenes else None

    def key_of(self, source: SourceFile) -> bytes:
        """Name all that what a script says follows from."""
        return self._kept.key_of(source)

    def scenes_of(self, source: SourceFile) -> Sequence[Scene]:
        """Give the scenes of one script; nothing is wrong with it."""
        if source.path not in self._parsed:
            self._kept.look_up([source])
        return self._parts_of(source)[0].scenes

    def forget(self) -> None:
        """Let go of what scripts say; it is taken up again when it is asked for."""
        self._parsed.clear()

    def load(self) -> LoadedScreenplay:
        """Read every script and translation."""
        findings = Findings()
        findings.extend(self._findings.diagnostics())
        with collection_paused():
            parts = self._all_parts(findings)
            beside = Translations()
            for path in self._translations:
                _read_translation(self._root, path, beside, self._languages, findings)
            parts.scenes = beside.apply(parts.scenes, self._languages.source, findings)
        if self.sources and not parts.scenes and not findings.has_errors:
            # A script emptied by mistake must not publish a bank without lines.
            message = f"no file in {self._folder} holds a scene"
            findings.add(NO_SCRIPTS, SourceSpan(path=self._folder), message, "write one")
        return LoadedScreenplay(
            screenplay=_put_together(parts, findings),
            diagnostics=findings.diagnostics(),
            paths=self.paths,
        )

    def _all_parts(self, findings: Findings) -> ScriptParts:
        unread = [one for one in self.sources if one.path not in self._parsed]
        self._kept.look_up(unread)
        self._count_unread(filter(self._kept.lacks, unread))
        parts = ScriptParts()
        for source in self.sources:
            of_script, problems = self._parts_of(source)
            parts.extend(of_script)
            findings.extend(problems)
        self._kept.keep()
        return parts

    def _parts_of(self, source: SourceFile) -> tuple[ScriptParts, tuple[Diagnostic, ...]]:
        """Take a script up from what is kept, or read it; it was looked up."""
        known = self._parsed.get(source.path)
        if known is not None:
            return known
        kept = self._kept.of(source)
        if kept is not None:
            return kept, ()
        self._read(source)
        return self._parsed[source.path]

    def _read(self, source: SourceFile) -> ScriptOutline | None:
        """Parse a script; give its outline where nothing is wrong with it."""
        parts, found = ScriptParts(), Findings()
        _parse(source, self._languages, parts, found)
        self._parsed[source.path] = (parts, found.diagnostics())
        if found:
            return None
        if self._on_parsed is not None:
            self._on_parsed(parts, self._n_characters / max(1, len(source.text)))
        return self._kept.note(source, parts)

    def _count_unread(self, sources: Iterable[SourceFile]) -> None:
        self._n_characters = sum(len(source.text) for source in sources)


def load_screenplay(
    root: Path, settings: Settings, *, with_translations: bool = True
) -> LoadedScreenplay:
    """Read every script and translation of a project.

    Args:
        root: The project root.
        settings: Say where the scripts are and which languages they may hold.
        with_translations: Those beside the scripts too.
    """
    return ScriptFiles(root, settings, with_translations=with_translations).load()


def parse_scripts(
    sources: Iterable[SourceFile], languages: ScriptLanguages
) -> tuple[Screenplay, tuple[Diagnostic, ...]]:
    """Read scripts that are already in memory, in the order they come."""
    findings = Findings()
    parts = ScriptParts()
    for source in sources:
        _parse(source, languages, parts, findings)
    return _put_together(parts, findings), findings.diagnostics()


def _parse(
    source: SourceFile, languages: ScriptLanguages, parts: ScriptParts, findings: Findings
) -> None:
    is_csv = PurePosixPath(source.path).suffix.lower() == CSV_SUFFIX
    parse = parse_csv_script if is_csv else parse_yaml_script
    parse(source, languages, parts, findings)


def _read_translation(
    root: Path,
    path: str,
    beside: Translations,
    languages: ScriptLanguages,
    findings: Findings,
) -> None:
    values = ValueReader(findings, languages)
    language = values.language(PurePosixPath(path).stem, SourceSpan(path=path))
    source, problems = read_source(root, path)
    findings.extend(problems)
    if language is None or source is None:
        return
    if language == languages.source:
        message = f'"{language}" is the language of the script, not of a translation'
        findings.add(BAD_LANGUAGE, source.span(), message, "write its texts in the script")
        return
    beside.read(source, language, values)


def _put_together(parts: ScriptParts, findings: Findings) -> Screenplay:
    for again in parts.starts[1:]:
        message = f'the story starts in "{parts.starts[0].scene}", says {parts.starts[0].span}'
        findings.add(DECLARED_TWICE, again.span, message, "remove one of the two")
    return Screenplay(
        scenes=tuple(parts.scenes),
        speakers=tuple(parts.speakers),
        variables=tuple(parts.variables),
        start=parts.starts[0].scene if parts.starts else "",
        entries=tuple(parts.entries),
    )


def _script_paths(
    root: Path, folder: str, findings: Findings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find scripts and translations: paths from the root, in an order that no machine changes."""
    span = SourceSpan(path=folder)
    problem = path_problem(root, folder, at=span)
    if problem is not None:
        findings.extend([problem])
        return (), ()
    found = sorted(_walk(root / folder, PurePosixPath(folder), findings))
    loc = PurePosixPath(folder) / LOC_FOLDER
    translations = tuple(p for p in found if PurePosixPath(p).parent == loc and _is_csv(p))
    inside_loc = {p for p in found if PurePosixPath(p).is_relative_to(loc)}
    scripts = tuple(p for p in found if p not in inside_loc)
    if not scripts:
        message = f"there is no .yaml or .csv file in {folder}"
        findings.add(NO_SCRIPTS, span, message, "write a scene into it")
    return scripts, translations


def _walk(folder: Path, name: PurePosixPath, findings: Findings) -> Iterator[str]:
    """Every script below a folder; hidden files are skipped, linked folders are refused."""

    def unreadable(error: OSError) -> None:
        """Take what cannot be listed for a mistake, not for an empty folder."""
        shown = str(name / PurePosixPath(Path(error.filename).relative_to(folder).as_posix()))
        message = f"{shown}: {(error.strerror or str(error)).lower()}"
        findings.add(UNREADABLE, SourceSpan(path=shown), message)

    for here, folders, files in os.walk(folder, onerror=unreadable if folder.exists() else None):
        folders[:] = [f for f in folders if not f.startswith(".")]
        below = name / PurePosixPath(Path(here).relative_to(folder).as_posix())
        for linked in sorted(f for f in folders if (Path(here) / f).is_symlink()):
            shown = str(below / linked)
            message = f"{shown} is a link, and linked folders are not followed"
            remedy = "put the folder itself there, or give the link a name that starts with a dot"
            findings.add(UNREADABLE, SourceSpan(path=shown), message, remedy)
        for file in files:
            is_script = PurePosixPath(file).suffix.lower() in (*YAML_SUFFIXES, CSV_SUFFIX)
            if is_script and not file.startswith((".", "~$")):
                yield str(below / file)


def _is_csv(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() == CSV_SUFFIX

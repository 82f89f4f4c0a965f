"""From a project's scripts to its lines, and all that is wrong with either.

What an earlier run found of scripts that are as they were is taken from there, and only the others
are read and resolved.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from voicepipe.screenplay.formats.loader import ScriptFiles
from voicepipe.screenplay.lines.kept_lines import KeptLines, neighbours_form
from voicepipe.screenplay.lines.resolve import LineResolver, resolve_lines
from voicepipe.screenplay.lines.text_findings import TextFindings
from voicepipe.screenplay.lines.unnamed import speakers_without_ids
from voicepipe.screenplay.story.checks import check_story
from voicepipe.screenplay.story.integrity import check_integrity
from voicepipe.screenplay.story.neighbours import find_neighbours
from voicepipe.screenplay.story.story import spoken_in_scene
from voicepipe.screenplay.syntax import Language, Screenplay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.formats.loader import LoadedScreenplay
    from voicepipe.screenplay.formats.script_outline import ScriptOutline
    from voicepipe.screenplay.formats.script_parts import ScriptParts
    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.lines.kept_lines import StoryForm
    from voicepipe.screenplay.story.neighbours import Neighbours
    from voicepipe.screenplay.syntax import Scene, SpeakerId
    from voicepipe.settings import Settings


class StoryLines:
    """What a project's scripts say, line by line.

    Args:
        root: The project root.
        settings: Of the project.
        on_parsed: As of `ScriptFiles`.
    """

    lines: tuple[Line, ...]
    """In script order, as `resolve_lines` gives them."""
    diagnostics: tuple[Diagnostic, ...]
    """All that is wrong with files, lines and story."""
    unnamed: tuple[tuple[SpeakerId, SourceSpan], ...] = ()
    """Speakers of lines without an id, with the lines' places."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        on_parsed: Callable[[ScriptParts, float], None] | None = None,
    ) -> None:
        self._settings = settings
        self._files = ScriptFiles(root, settings, on_parsed=on_parsed)
        self._languages = [Language(tag) for tag in settings.languages]
        self._text_languages = [Language(tag) for tag in settings.text_languages]
        self._outlines = self._files.outlines()
        if self._outlines is None or not self._read_by_script(self._outlines):
            self._read_whole()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every script and translation, from the project root."""
        return self._files.paths

    @cached_property
    def _loaded(self) -> LoadedScreenplay:
        return self._files.load()

    @property
    def screenplay(self) -> Screenplay:
        """The screenplay as written; read when it is asked for."""
        return self._loaded.screenplay

    @property
    def n_scenes(self) -> int:
        """How many scenes there are."""
        if self._outlines is None:
            return len(self.screenplay.scenes)
        return sum(outline.n_scenes for outline in self._outlines)

    def _read_whole(self) -> None:
        """Find out everything anew."""
        self.lines, found = resolve_lines(
            self.screenplay,
            languages=self._languages,
            source_language=Language(self._settings.source_language),
            text_languages=self._text_languages,
        )
        self.diagnostics = (*self._loaded.diagnostics, *found, *self._story_findings())
        self.unnamed = speakers_without_ids(self.screenplay)

    def _story_findings(self) -> list[Diagnostic]:
        return check_story(self.screenplay, state_limit=self._settings.story.state_limit)

    def _read_by_script(self, outlines: Sequence[ScriptOutline]) -> bool:
        """Take up what is kept, and find out the rest; False: an id or a name is wrong."""
        settings, sources = self._settings, self._files.sources
        kept = KeptLines([settings.source_language, self._languages, self._text_languages])
        limit = orjson.dumps(settings.story.state_limit)
        paths = [source.path.encode() for source in sources]
        key = kept.key(limit, *paths, *(outline.story for outline in outlines))
        story, story_findings = kept.story(key), []
        if story is None or len(story.neighbours) != len(sources):
            if check_integrity(self.screenplay):
                return False
            story_findings = self._story_findings()
            forms = [
                neighbours_form(
                    self._neighbours, (line.id for one in scenes for line in spoken_in_scene(one))
                )
                for scenes in self._scenes_by_script(outlines)
            ]
            story = kept.note_story(key, forms, is_sound=not story_findings)
        elif not story.is_sound:
            story_findings = self._story_findings()
        text_findings = self._read_lines(kept, story, outlines)
        self.diagnostics = (*text_findings.diagnostics(), *story_findings)
        kept.keep()
        # Hardly anybody asks for the screenplay now, and it is quick to take up again.
        self.__dict__.pop("_loaded", None)
        self.__dict__.pop("_neighbours", None)
        self._files.forget()
        return True

    @cached_property
    def _neighbours(self) -> Neighbours:
        return find_neighbours(self.screenplay)

    def _scenes_by_script(self, outlines: Sequence[ScriptOutline]) -> Iterator[list[Scene]]:
        scenes = iter(self.screenplay.scenes)
        return (list(islice(scenes, outline.n_scenes)) for outline in outlines)

    def _read_lines(
        self, kept: KeptLines, story: StoryForm, outlines: Sequence[ScriptOutline]
    ) -> TextFindings:
        """Take up the lines of scripts that are kept, and resolve the others."""
        declared = Screenplay(
            scenes=(),
            speakers=tuple(one for outline in outlines for one in outline.speakers),
            variables=tuple(one for outline in outlines for one in outline.variables),
        )
        findings = TextFindings(
            source_language=Language(self._settings.source_language), variables=declared.variables
        )
        shared = kept.key(*(outline.declared for outline in outlines))
        scripts = list(zip(self._files.sources, story.neighbours, strict=True))
        keys = [kept.key(self._files.key_of(source), shared, heard) for source, heard in scripts]
        kept.look_up(keys)
        lines: list[Line] = []
        for (source, heard), key in zip(scripts, keys, strict=True):
            known = kept.lines(key, source.path, len(lines))
            if known is None:
                found = findings.aside()
                resolver = LineResolver(
                    declared,
                    kept.neighbours(heard) or self._neighbours,
                    self._languages,
                    self._text_languages,
                    found,
                    first=len(lines),
                )
                known = list(resolver.lines(self._files.scenes_of(source)))
                if not found:
                    kept.note(key, known, source.path)
                findings.take_over(found)
            lines += known
        self.lines = tuple(lines)
        return findings

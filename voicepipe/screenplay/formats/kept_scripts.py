"""Scripts as they were read by an earlier run, found by all they follow from: their text above all.

Only files in which nothing is wrong are kept, and only what comes back as it was read. Places are
kept as numbers: a script is lines of text with a place for everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.installation import program_revision
from voicepipe.kept_documents import DocumentStore, KeptForms, KindOfDocument, document_key
from voicepipe.screenplay.formats.script_form import ScriptForm, form_of, parts_of
from voicepipe.screenplay.formats.script_outline import ScriptOutline, outline_of
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.script_parts import ScriptParts
    from voicepipe.screenplay.formats.values import ScriptLanguages

KEPT_SCRIPTS: Final = KindOfDocument(
    name="script", revision=1, most_bytes=256 << 20, largest_bytes=32 << 20
)
KEPT_OUTLINES: Final = KindOfDocument(name="outline", revision=1, most_bytes=32 << 20)


class KeptScripts:
    """The kept scripts of one project.

    Args:
        sources: Those that are to be read.
        languages: Which languages they may hold.
    """

    def __init__(self, sources: Iterable[SourceFile], languages: ScriptLanguages) -> None:
        self._kept = KeptForms(DocumentStore(cache_folder(), KEPT_SCRIPTS), ScriptForm)
        self._outlines = KeptForms(DocumentStore(cache_folder(), KEPT_OUTLINES), ScriptOutline)
        self._keys = {source.path: _key(source, languages) for source in sources}
        self._found: dict[bytes, bytes] = {}

    def key_of(self, source: SourceFile) -> bytes:
        """Name all that what a script says follows from."""
        return self._keys[source.path]

    def outlines(self) -> dict[str, ScriptOutline]:
        """Give the outlines of scripts that are kept, by path."""
        found = self._outlines.find(self._keys.values())
        read = {
            path: self._outlines.read(key, found[key])
            for path, key in self._keys.items()
            if key in found
        }
        return {path: outline for path, outline in read.items() if outline is not None}

    def look_up(self, sources: Iterable[SourceFile]) -> None:
        """Find scripts that `of` will be asked for."""
        self._found = self._kept.find(self._keys[source.path] for source in sources)

    def lacks(self, source: SourceFile) -> bool:
        """Tell whether a script that was looked up is not kept."""
        return self._keys[source.path] not in self._found

    def of(self, source: SourceFile) -> ScriptParts | None:
        """Give what a script says that was looked up; None: it has to be read."""
        key = self._keys[source.path]
        form = self._kept.read(key, self._found.pop(key, b""))
        return None if form is None else parts_of(form, source.path)

    def note(self, source: SourceFile, parts: ScriptParts) -> ScriptOutline | None:
        """Take up what a script was found to say; nothing is wrong with it.

        Returns:
            Its outline; None: what is kept would not come back as it is.
        """
        form = form_of(parts)
        if parts_of(form, source.path) != parts:
            return None
        key, outline = self._keys[source.path], outline_of(parts)
        self._kept.note(key, form)
        self._outlines.note(key, outline)
        return outline

    def keep(self) -> None:
        """Keep what was noted for later runs."""
        self._kept.keep()
        self._outlines.keep()


def _key(source: SourceFile, languages: ScriptLanguages) -> bytes:
    facts = orjson.dumps([program_revision(), languages, source])
    return document_key(facts)

"""Scripts as they were read by an earlier run, found by all they follow from: their text above all.

Only files in which nothing is wrong are kept, and only what comes back as it was read. Places are
kept as numbers: a script is lines of text with a place for everything.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.installation import program_revision
from voicepipe.kept_documents import DocumentStore, KeptForms, KindOfDocument
from voicepipe.screenplay.formats.script_form import ScriptForm, form_of, parts_of
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.script_parts import ScriptParts
    from voicepipe.screenplay.formats.values import ScriptLanguages

KEPT_SCRIPTS: Final = KindOfDocument(
    name="script", revision=1, most_bytes=256 << 20, largest_bytes=32 << 20
)
_KEY_BYTES: Final = 16


class KeptScripts:
    """The kept scripts of one project.

    Args:
        sources: Those that are to be read.
        languages: Which languages they may hold.
    """

    def __init__(self, sources: Iterable[SourceFile], languages: ScriptLanguages) -> None:
        self._kept = KeptForms(DocumentStore(cache_folder(), KEPT_SCRIPTS), ScriptForm)
        self._keys = {source.path: _key(source, languages) for source in sources}
        self._found = self._kept.find(self._keys.values())

    def of(self, source: SourceFile) -> ScriptParts | None:
        """Give what a script says; None: it has to be read."""
        key = self._keys[source.path]
        form = self._kept.read(key, self._found.pop(key, b""))
        return None if form is None else parts_of(form, source.path)

    def note(self, source: SourceFile, parts: ScriptParts) -> None:
        """Take up what a script was found to say; nothing is wrong with it."""
        form = form_of(parts)
        if parts_of(form, source.path) == parts:
            self._kept.note(self._keys[source.path], form)

    def keep(self) -> None:
        """Keep what was noted for later runs."""
        self._kept.keep()


def _key(source: SourceFile, languages: ScriptLanguages) -> bytes:
    facts = orjson.dumps([program_revision(), languages, source])
    return hashlib.sha256(facts).digest()[:_KEY_BYTES]

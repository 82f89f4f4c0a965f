"""Lines that an earlier plan found to be as they are published: they need not be described again.

Kept for a version, in the user's cache folder, are hashes alone: of all that what is asked for of
a stretch's clips follows from. A stretch is noted when every one of its lines was described and
compared, and a render would use its entries as they are. While the stretch hashes to the same,
and the version holds the same entries, the entries say what the description would. Whether their
sound is there is not known here.
"""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec
import orjson

from voicepipe.bank.entries import is_as_published
from voicepipe.bank.plan import entries_by_line
from voicepipe.engines.protocol import KnowsTakeFacts
from voicepipe.installation import program_revision
from voicepipe.kept_documents import (
    DocumentKey,
    DocumentStore,
    KeptForms,
    KindOfDocument,
    document_key,
)
from voicepipe.labels.plan import label_plan
from voicepipe.screenplay.line import Line, LineText
from voicepipe.synthesis.request import DigestCache
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.plan import PlanStep
    from voicepipe.engines.protocol import KnownLines
    from voicepipe.pipeline.project import Project
    from voicepipe.voices.voice import CastLine

SETTLED_VERSIONS: Final = KindOfDocument(name="settled_version", revision=1, most_bytes=64 << 20)
_OF_LINE: Final = attrgetter(*sorted({*Line.__dataclass_fields__} - {"texts", "span"}))
_OF_TEXT: Final = attrgetter(*sorted({*LineText.__dataclass_fields__} - {"segments", "tag_places"}))
"""The stretch's basis speaks of what is left out. The place that a manifest gives is the text's."""


class SettledStretches(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a version."""

    keys: tuple[DocumentKey, ...]


class SettledLines:
    """What earlier plans found to be as the latest version of a project's bank has it.

    Args:
        project: Read and valid.
        previous: The latest version; None: there is none, and nothing is settled.
    """

    def __init__(self, project: Project, previous: BankManifest | None) -> None:
        self._project = project
        self._previous = previous
        self._kept = KeptForms(DocumentStore(cache_folder(), SETTLED_VERSIONS), SettledStretches)
        self._settled: dict[bytes, Sequence[ManifestEntry]] = {}
        self._open: list[tuple[bytes, Sequence[CastLine]]] = []

    def find(self) -> Mapping[int, ManifestEntry]:
        """Look lines up.

        Returns:
            `id` of a cast line → the entry that says what is asked for of it.
        """
        found: dict[int, ManifestEntry] = {}
        if self._previous is None:
            return found
        form = self._kept.get(_key_of(self._previous))
        kept = frozenset() if form is None else frozenset(form.keys)
        by_line = entries_by_line(self._previous)
        for key, lines in self._stretches():
            entries = [by_line.get((one.line.id, one.language)) for one in lines]
            there = [entry for entry in entries if entry is not None]
            if key in kept and len(there) == len(lines):
                self._settled[key] = there
                found.update(zip(map(id, lines), there, strict=True))
            else:
                self._open.append((key, lines))
        return found

    def note(self, steps: Sequence[PlanStep]) -> None:
        """Take up what a plan of all lines found out, and keep it."""
        if self._previous is None or not self._open:
            return
        n_before = len(self._settled)
        asked = {(one.line.id, one.language) for _, lines in self._open for one in lines}
        entries = {
            (step.line, step.language): step.previous
            for step in steps
            if (step.line, step.language) in asked and is_as_published(step)
        }
        for key, lines in self._open:
            found = [entries.get((one.line.id, one.language)) for one in lines]
            there = [entry for entry in found if entry is not None]
            if len(there) == len(lines):
                self._settled[key] = there
        if len(self._settled) > n_before:
            self._keep(self._previous, self._settled)

    def carry_over(self, published: BankManifest) -> None:
        """Keep for a new version what holds for the last one's entries, where it has the same."""
        there = {*map(id, published.entries)}
        same = [key for key, entries in self._settled.items() if there.issuperset(map(id, entries))]
        self._keep(published, same)

    def _keep(self, manifest: BankManifest, keys: Sequence[bytes] | Mapping[bytes, object]) -> None:
        self._kept.note(_key_of(manifest), SettledStretches(keys=tuple(sorted(keys))))
        self._kept.keep()

    def _stretches(self) -> Iterator[tuple[bytes, Sequence[CastLine]]]:
        """Give the stretches that can be settled, with their keys."""
        known = DigestCache()
        for engine in self._project.engines.values():
            if isinstance(engine, KnowsTakeFacts):
                for stretch in engine.known_lines(known):
                    if self._can_be_settled(stretch.lines):
                        yield self._key_of_stretch(stretch), stretch.lines

    def _can_be_settled(self, lines: Sequence[CastLine]) -> bool:
        """Tell whether nothing but their own inputs says what is asked for of lines."""
        settings, recordings = self._project.settings, self._project.recordings
        language = lines[0].language
        if language != settings.source_language and settings.timing.of(language).fit == "source":
            return False  # the length of another clip
        pinned = self._pinned
        keys = [(one.line.id, one.language) for one in lines] if recordings or pinned else ()
        return not any(key in recordings or key in pinned for key in keys)

    @cached_property
    def _pinned(self) -> frozenset[tuple[str, str]]:
        decided = self._project.decisions.lines
        return frozenset(key for key, decision in decided.items() if decision.pin)

    def _key_of_stretch(self, stretch: KnownLines) -> bytes:
        decided = self._project.decisions.lines
        rows = [
            [
                _OF_LINE(one.line),
                _OF_TEXT(one.text),
                one.voice.consent and one.voice.consent.id,
                decided.get((one.line.id, one.language)),
            ]
            for one in stretch.lines
        ]
        facts = orjson.dumps([self._shared_facts, stretch.lines[0].language, rows])
        return document_key(stretch.basis + facts)

    @cached_property
    def _shared_facts(self) -> list[str]:
        project = self._project
        labels = label_plan(project.root, project.settings.bank, project.settings.labels)
        return [program_revision(), project.settings.model_dump_json(), repr(labels)]


def _key_of(manifest: BankManifest) -> bytes:
    return bytes.fromhex(manifest.content_sha256)

"""What planning asks of lines that are as they were, kept for later runs, a stretch at a time.

A stretch of lines is found by a hash of everything that what is kept of it follows from: what the
lines say and how, their voices and models, the lexicon's entries that may count, and all of
voicepipe with the libraries under it. So nothing that is found can be out of date. Kept are hashes
of the inputs that are a line's own, never the inputs: a line that is rendered is read again. Only
stretches in which nothing is wrong are kept.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import orjson

from voicepipe.diagnostics import SourceSpan
from voicepipe.installation import program_revision
from voicepipe.kept_documents import DocumentStore, KeptForms, KindOfDocument, document_key
from voicepipe.synthesis.by_identity import ByIdentity
from voicepipe.user_cache import cache_folder
from voicepipe.voices.voice import ReferenceClip, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicepipe.synthesis.reading_keys import ReadingKeys
    from voicepipe.synthesis.voice_models import VoiceModels
    from voicepipe.voices.prosody import ProsodyTable
    from voicepipe.voices.voice import CastLine, Delivery

KEPT_TAKES: Final = KindOfDocument(name="take", revision=1, most_bytes=256 << 20)
_LINES: Final = 250
"""Of a stretch at most: a changed line costs the reading of so many readings."""
_NOWHERE: Final = SourceSpan(path="")

_Digest = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Index = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]


class PlainLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is kept of a line nothing is wrong with."""

    text: _Digest
    """sha256 of the group `text` of its request's inputs."""
    delivery: _Index
    """Which of the stretch's deliveries it has."""
    cost_s: float
    clips: tuple[_Index, ...]
    """Which of its voice's clips it is spoken from."""
    needs_characters: bool
    unknown: tuple[str, ...] = ()
    """As of `LineReading`."""
    dropped: tuple[str, ...] = ()
    """Of all its parts: see `TextReading`."""


class PlainLines(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a stretch."""

    deliveries: tuple[_Digest, ...]
    """sha256 of the groups `delivery` of its requests' inputs, each once."""
    lines: tuple[PlainLine, ...]

    def is_of(self, lines: Sequence[CastLine]) -> bool:
        """Tell whether it can be about these lines."""
        return len(self.lines) == len(lines) and all(
            one.delivery < len(self.deliveries)
            and max(one.clips, default=0) < len(line.voice.clips)
            for one, line in zip(self.lines, lines, strict=True)
        )


class Stretch:
    """Lines of one scene and language that follow each other.

    Args:
        lines: Of one engine.
        key: What they and all they follow from are found by.
    """

    def __init__(self, lines: Sequence[CastLine], key: bytes) -> None:
        self.lines = lines
        self.key = key
        self.kept: PlainLines | None = None
        """None: they have to be looked at."""
        self.is_read = False


class KeptTakes:
    """The kept stretches of a project."""

    def __init__(self) -> None:
        self._kept = KeptForms(DocumentStore(cache_folder(), KEPT_TAKES), PlainLines)
        self._lines: dict[int, tuple[CastLine, PlainLine, Stretch]] = {}
        self._stretches: list[Stretch] = []

    def look_up(
        self,
        cast: Sequence[CastLine],
        models_of: Callable[[Voice], VoiceModels],
        keys: ReadingKeys,
    ) -> list[Stretch]:
        """Cut a cast into stretches, and find those that are kept.

        Args:
            cast: Lines of this engine's voices.
            models_of: Finds a voice's files.
            keys: Knows which entries of the lexicon may count.
        """
        facts = _SharedFacts(models_of, keys)
        stretches = [Stretch(lines, facts.key_of(lines)) for lines in _cut(cast)]
        self._stretches = stretches
        found = self._kept.find(stretch.key for stretch in stretches)
        for stretch in stretches:
            kept = self._kept.read(stretch.key, found.get(stretch.key, b""))
            if kept is not None and kept.is_of(stretch.lines):
                self._take(stretch, kept)
        return stretches

    def of(self, line: CastLine) -> tuple[PlainLine, str] | None:
        """Give what is kept of a line that was looked up, and the hash of its delivery."""
        known = self._lines.get(id(line))
        if known is None:
            return None
        _, one, stretch = known
        assert stretch.kept is not None
        return one, stretch.kept.deliveries[one.delivery].hex()

    def stretches(self) -> Iterator[tuple[Stretch, PlainLines]]:
        """Give the stretches that were looked up and nothing is wrong with."""
        for stretch in self._stretches:
            if stretch.kept is not None:
                yield stretch, stretch.kept

    def unread_beside(self, line: CastLine) -> Sequence[CastLine]:
        """Give the lines of a line's stretch, once, where nobody had to read them."""
        known = self._lines.get(id(line))
        if known is None or known[2].is_read:
            return ()
        known[2].is_read = True
        return known[2].lines

    def note(self, stretch: Stretch, kept: PlainLines) -> None:
        """Take up what was found out about a stretch in which nothing is wrong."""
        self._take(stretch, kept)
        self._kept.note(stretch.key, kept)

    def keep(self) -> None:
        """Keep what was noted for later runs."""
        self._kept.keep()

    def _take(self, stretch: Stretch, kept: PlainLines) -> None:
        stretch.kept = kept
        for line, one in zip(stretch.lines, kept.lines, strict=True):
            self._lines[id(line)] = (line, one, stretch)


def _cut(cast: Sequence[CastLine]) -> Iterator[Sequence[CastLine]]:
    """Part a cast by scene and language, and long scenes by number."""
    parts: dict[tuple[str, str], list[CastLine]] = {}
    for line in cast:
        key = (line.line.scene, line.language)
        parts.setdefault(key, []).append(line)
    for lines in parts.values():
        rest = iter(lines)
        while stretch := tuple(islice(rest, _LINES)):
            yield stretch


class _SharedFacts:
    """Facts of what many lines have in common, and the keys they are part of."""

    def __init__(self, models_of: Callable[[Voice], VoiceModels], keys: ReadingKeys) -> None:
        self._models_of = models_of
        self._keys = keys
        self._program = program_revision()
        self._known: ByIdentity[object] = ByIdentity()

    def key_of(self, lines: Sequence[CastLine]) -> bytes:
        """Hash all that is kept of some lines follows from; they are of one language."""
        numbers: dict[int, int] = {}
        shared: list[object] = []
        rows = []
        for line in lines:
            row: list[object] = [line.text.segments, [*line.text.tag_places], line.line.speaker]
            for one in (line.voice, line.delivery, line.reference, line.prosody):
                number = numbers.get(id(one))
                if number is None:
                    number = numbers[id(one)] = len(shared)
                    shared.append(self._known.get((one,), partial(self._facts_of, one)))
                row.append(number)
            rows.append(row)
        texts = [segment.text for line in lines for segment in line.text.segments]
        facts = [
            self._program,
            lines[0].language,
            shared,
            self._keys.entries_in(texts),
            rows,
        ]
        return document_key(orjson.dumps(facts))

    def _facts_of(self, one: Voice | Delivery | ReferenceClip | ProsodyTable | None) -> object:
        """Give all facts but places in files, which nothing that is kept follows from."""
        if isinstance(one, ReferenceClip):
            return _without_places(one)
        if not isinstance(one, Voice):
            return one
        models = self._models_of(one)
        files = sorted(
            (role, file.sha256, file.family.value, file.is_lora)
            for role, file in models.files.items()
        )
        bare = replace(
            one,
            consent=None,
            note="",
            span=_NOWHERE,
            clips=tuple(map(_without_places, one.clips)),
            auxiliary=tuple(replace(clip, span=_NOWHERE) for clip in one.auxiliary),
            sounds=tuple(replace(clip, span=_NOWHERE) for clip in one.sounds),
        )
        return bare, files, len(models.faults)


def _without_places(clip: ReferenceClip) -> ReferenceClip:
    others = tuple(replace(other, span=_NOWHERE) for other in clip.auxiliary)
    return replace(clip, span=_NOWHERE, auxiliary=others)

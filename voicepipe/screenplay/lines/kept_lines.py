"""Lines as an earlier run resolved them, found by all they follow from, a script at a time.

Kept are scripts whose texts nothing is wrong with, in stories where no id and no name is wrong:
so that what is found wrong is found anew. Which lines are heard around each line follows from the
whole story, and is kept apart, by a hash of what it is.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import orjson

from voicepipe.diagnostics import SourceSpan
from voicepipe.installation import program_revision
from voicepipe.kept_columns import Columns
from voicepipe.kept_documents import (
    DocumentKey,
    DocumentStore,
    KeptForms,
    KindOfDocument,
    document_key,
)
from voicepipe.screenplay.line import Line, LineText, Segment
from voicepipe.screenplay.story.neighbours import Neighbours
from voicepipe.screenplay.syntax import Language, LineId  # noqa: TC001 - read by annotations
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEPT_LINES: Final = KindOfDocument(
    name="line", revision=1, most_bytes=256 << 20, largest_bytes=32 << 20
)

_LINES: Final = Columns(Line, given=("position", "texts", "span"))
_TEXTS: Final = Columns(LineText, given=("segments", "span"))
_SEGMENTS: Final = Columns(Segment)
_SPANS: Final = Columns(SourceSpan, given=("path",))


class LinesForm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The lines of a script; see `Columns` for each kind of record."""

    lines: bytes
    texts: bytes
    segments: bytes
    spans: bytes
    """Of the lines, then of the texts."""
    languages: tuple[tuple[Language, ...], ...]
    """Of each line's texts."""
    n_segments: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]
    """Of each text."""


class NeighboursForm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is heard around the lines of a script."""

    before: dict[LineId, tuple[LineId, ...]]
    after: dict[LineId, tuple[LineId, ...]]


class StoryForm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is kept of a story whose ids and names nothing is wrong with."""

    neighbours: tuple[DocumentKey, ...]
    """Hash of what is heard around the lines of each script."""
    is_sound: bool
    """Nothing is wrong with how it branches either."""


class KeptLines:
    """The kept lines of one project.

    Args:
        facts: All that lines follow from, besides scripts and what is heard around them.
    """

    def __init__(self, facts: object) -> None:
        store = DocumentStore(cache_folder(), KEPT_LINES)
        self._facts = orjson.dumps([program_revision(), facts])
        self._stories = KeptForms(store, StoryForm)
        self._neighbours = KeptForms(store, NeighboursForm)
        self._lines = KeptForms(store, LinesForm)
        self._found: dict[bytes, bytes] = {}

    def key(self, *facts: bytes) -> bytes:
        """Name what follows from some hashes, and from the facts of this project."""
        return document_key(b"".join([self._facts, *(b"%d " % len(one) + one for one in facts)]))

    def story(self, key: bytes) -> StoryForm | None:
        """Give what is kept of a story."""
        return self._stories.get(key)

    def note_story(
        self, key: bytes, neighbours: Sequence[NeighboursForm], *, is_sound: bool
    ) -> StoryForm:
        """Take up a story whose ids and names nothing is wrong with."""
        keys = []
        for one in neighbours:
            keys.append(document_key(msgspec.msgpack.encode(one)))
            self._neighbours.note(keys[-1], one)
        form = StoryForm(neighbours=tuple(keys), is_sound=is_sound)
        self._stories.note(key, form)
        return form

    def neighbours(self, key: bytes) -> Neighbours | None:
        """Give what is heard around the lines of a script; None: it is not kept."""
        form = self._neighbours.get(key)
        return None if form is None else Neighbours(before=form.before, after=form.after)

    def look_up(self, keys: Iterable[bytes]) -> None:
        """Find the lines of scripts that `lines` will be asked for."""
        self._found = self._lines.find(keys)

    def lines(self, key: bytes, path: str, first: int) -> list[Line] | None:
        """Give the lines of a script that was looked up; None: they have to be resolved.

        Args:
            key: Of the script.
            path: Where it is.
            first: Position of its first line.
        """
        form = self._lines.read(key, self._found.pop(key, b""))
        try:
            return None if form is None else _lines_of(form, path, first)
        except ValueError:
            return None

    def note(self, key: bytes, lines: Sequence[Line], path: str) -> None:
        """Take up the lines of a script whose texts nothing is wrong with."""
        form = _form_of(lines)
        first = lines[0].position if lines else 0
        if _lines_of(form, path, first) == list(lines):
            self._lines.note(key, form)

    def keep(self) -> None:
        """Keep what was noted for later runs."""
        for kept in (self._stories, self._neighbours, self._lines):
            kept.keep()


def neighbours_form(neighbours: Neighbours, lines: Iterable[LineId]) -> NeighboursForm:
    """Give what is heard around some lines."""
    known = list(lines)
    before, after = neighbours.before, neighbours.after
    return NeighboursForm(
        before={line: before[line] for line in known if before.get(line)},
        after={line: after[line] for line in known if after.get(line)},
    )


def _form_of(lines: Sequence[Line]) -> LinesForm:
    texts = [text for line in lines for text in line.texts.values()]
    return LinesForm(
        lines=_LINES.written(lines),
        texts=_TEXTS.written(texts),
        segments=_SEGMENTS.written([segment for text in texts for segment in text.segments]),
        spans=_SPANS.written([*(line.span for line in lines), *(text.span for text in texts)]),
        languages=tuple(tuple(line.texts) for line in lines),
        n_segments=tuple(len(text.segments) for text in texts),
    )


def _lines_of(form: LinesForm, path: str, first: int) -> list[Line]:
    """Read lines back.

    Raises:
        ValueError: The form is damaged.
    """
    n_lines, n_texts = len(form.languages), len(form.n_segments)
    spans = _SPANS.read(form.spans, path=[path] * (n_lines + n_texts))
    segments = _SEGMENTS.read(form.segments)
    if (len(segments), n_texts) != (sum(form.n_segments), sum(map(len, form.languages))):
        raise ValueError("other numbers of texts and segments than its lines have")
    following = iter(segments)
    of_texts = [tuple(islice(following, n)) for n in form.n_segments]
    texts = iter(_TEXTS.read(form.texts, segments=of_texts, span=spans[n_lines:]))
    return _LINES.read(
        form.lines,
        position=range(first, first + n_lines),
        texts=[dict(zip(tags, texts, strict=False)) for tags in form.languages],
        span=spans[:n_lines],
    )

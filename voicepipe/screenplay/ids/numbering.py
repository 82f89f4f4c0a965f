"""Ids for lines that have none: which number fits where, without touching a single other id.

It knows the rules for ids; `id_insertion` puts them into files.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.story.story import spoken_in_scene
from voicepipe.screenplay.syntax import LineId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.screenplay.syntax import DialogueLine, Scene, Screenplay

MAX_ID_LENGTH: Final = 64
STEP: Final = 10
"""Leaves room for nine lines between two."""
DEFAULT_DIGITS: Final = 4
REFUSED_AT_MOST: Final = 20_000
"""Numbers tried in a row before another prefix is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdProposal:
    """An id for one entry that has none."""

    id: LineId
    scene: str
    span: SourceSpan
    """Where the entry starts."""


def propose_ids(screenplay: Screenplay) -> tuple[IdProposal, ...]:
    """Find an id for every line without one.

    Ids are the scene's name and a number, ten apart. A line that was put between two others gets a
    number between theirs where one is free, else one behind the scene's last. No proposal is taken
    already, or is the beginning of another id, or begins with one.

    Returns:
        In script order.
    """
    taken = _KnownIds(line.id for scene in screenplay.scenes for line in spoken_in_scene(scene))
    return tuple(proposal for scene in screenplay.scenes for proposal in _for_scene(scene, taken))


class _KnownIds:
    """All ids there are, and all their beginnings."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids: set[str] = set()
        self._beginnings: set[str] = set()
        for line_id in ids:
            if line_id:
                self.add(line_id)

    def add(self, line_id: str) -> None:
        self._ids.add(line_id)
        self._beginnings.update(line_id[:end] for end in range(1, len(line_id) + 1))

    def blocks(self, prefix: str) -> bool:
        """Tell whether some id is a beginning of everything with this prefix."""
        return any(prefix[:end] in self._ids for end in range(1, len(prefix) + 1))

    def is_free(self, line_id: str) -> bool:
        if line_id in self._beginnings:
            return False
        return not any(line_id[:end] in self._ids for end in range(1, len(line_id)))


def _for_scene(scene: Scene, taken: _KnownIds) -> Iterator[IdProposal]:
    lines = list(spoken_in_scene(scene))
    if all(line.id for line in lines):
        return
    numbering = _Numbering(scene.id, lines, taken)
    position = 0
    while position < len(lines):
        end = position
        while end < len(lines) and not lines[end].id:
            end += 1
        run = lines[position:end]
        following = numbering.number_of(lines[end].id) if end < len(lines) else None
        for line, line_id in zip(run, numbering.fill(len(run), following), strict=True):
            yield IdProposal(id=LineId(line_id), scene=scene.id, span=line.span)
        if end < len(lines):
            numbering.note_used(lines[end].id)
        position = end + 1


class _Numbering:
    """Walks through a scene and hands out numbers."""

    def __init__(self, scene: str, lines: Sequence[DialogueLine], taken: _KnownIds) -> None:
        self._taken = taken
        self._scene = scene[: MAX_ID_LENGTH - 20].strip("_")
        self._use_prefix(f"{self._scene}_")
        matches = (self._pattern.fullmatch(line.id) for line in lines)
        written = [match[1] for match in matches if match is not None]
        widths = Counter(map(len, written)).most_common(1)
        roomy = max(DEFAULT_DIGITS, len(str(len(lines) * STEP)))
        self._digits = widths[0][0] if widths else roomy
        self._highest = max(map(int, written), default=0)
        self._previous = 0
        self._n_other_prefixes = 0

    def _use_prefix(self, prefix: str) -> None:
        self._prefix = prefix
        self._pattern = re.compile(re.escape(prefix) + r"([0-9]{1,9})")

    def number_of(self, line_id: str) -> int | None:
        match = self._pattern.fullmatch(line_id)
        return None if match is None else int(match[1])

    def note_used(self, line_id: str) -> None:
        number = self.number_of(line_id)
        if number is not None:
            self._previous = number

    def fill(self, count: int, following: int | None) -> list[str]:
        """Give ids to a run of lines that stands before the line numbered `following`."""
        found = self._between(count, following) if count else []
        if len(found) < count:
            found = self._behind(count)
        for line_id in found:
            self._taken.add(line_id)
        return found

    def _between(self, count: int, following: int | None) -> list[str]:
        low = self._previous
        if following is None:
            return [] if low < self._highest else self._behind(count)
        room = following - low - 1
        if room < count:
            return []
        step = min(STEP, (room + 1) // (count + 1))
        spread = [self._id(low + step * number) for number in range(1, count + 1)]
        if all(map(self._taken.is_free, spread)):
            return self._passed(spread)
        # Look no further than a scene's worth of numbers: a gap can be a billion wide.
        candidates = map(self._id, range(low + 1, min(following, low + 10_000)))
        free = (line_id for line_id in candidates if self._taken.is_free(line_id))
        found = [line_id for line_id, _ in zip(free, range(count), strict=False)]
        return self._passed(found) if len(found) == count else []

    def _behind(self, count: int) -> list[str]:
        found: list[str] = []
        number = self._highest - self._highest % STEP
        n_refused = 0
        while len(found) < count:
            number += STEP
            line_id = self._id(number)
            if self._taken.is_free(line_id):
                found.append(line_id)
                self._highest = number
                n_refused = 0
                continue
            n_refused += 1
            if n_refused > REFUSED_AT_MOST or self._taken.blocks(self._prefix):
                # An id such as "bridge" is the beginning of everything "bridge_…".
                self._n_other_prefixes += 1
                self._use_prefix(f"l{self._n_other_prefixes}_{self._scene}_")
                number = n_refused = 0
        return self._passed(found)

    def _passed(self, found: list[str]) -> list[str]:
        if found:
            self.note_used(found[-1])
        return found

    def _id(self, number: int) -> str:
        return f"{self._prefix}{number:0{self._digits}d}"

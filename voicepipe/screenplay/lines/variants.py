"""One written line, several clips: the values of its variables and the members of its group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.story_steps import declared_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.screenplay.syntax import DialogueLine, Screenplay, SpeakerId, Variable

MAX_CLIPS_A_LINE = 256
"""More is a slip, or a line that ought to be written as several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One of the clips a written line becomes."""

    suffix: str
    """Empty, or `__value`, `__member`, `__value__member`."""
    speaker: SpeakerId
    variant: Mapping[str, str]
    """Variable → value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSet:
    """Everything lines of one kind become."""

    clips: tuple[Clip, ...]
    """Empty when there would be too many."""
    n_clips: int
    clash: tuple[str, str] = ("", "")
    """Two suffixes of which the first is the beginning of the second."""


class Variants:
    """Says into which clips lines expand; equal questions are answered once."""

    def __init__(self, screenplay: Screenplay) -> None:
        self._members = {s.id: s.members for s in reversed(screenplay.speakers) if s.members}
        self.declared: Mapping[str, Variable] = declared_variables(screenplay.variables)
        self._order = {name: number for number, name in enumerate(self.declared)}
        self._known: dict[tuple[SpeakerId, tuple[str, ...]], ClipSet] = {}

    def text_variables(self, names: Iterable[str]) -> tuple[str, ...]:
        """Keep the text variables among these names, each once, in the order of declaration."""
        shown = {
            name for name in names if name in self.declared and self.declared[name].kind == "text"
        }
        return tuple(sorted(shown, key=self._order.__getitem__))

    def clips_of(self, line: DialogueLine, variables: tuple[str, ...]) -> ClipSet:
        """Expand a line.

        Args:
            line: Whose speaker may be a group.
            variables: The text variables it shows, as `text_variables` gives them.
        """
        question = (line.who, variables)
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = self._expand(line.who, variables)
        return known

    def _expand(self, who: SpeakerId, variables: tuple[str, ...]) -> ClipSet:
        members = self._members.get(who, ())
        values = [list(self.declared[name].values) for name in variables]
        n_clips = prod(len(ids) for ids in values) * max(1, len(members))
        if n_clips > MAX_CLIPS_A_LINE:
            return ClipSet(clips=(), n_clips=n_clips)
        clips = tuple(
            Clip(
                suffix="".join(f"__{part}" for part in (*chosen, *([member] if members else ()))),
                speaker=member,
                variant=dict(zip(variables, chosen, strict=True)),
            )
            for chosen in product(*values)
            for member in dict.fromkeys(members or (who,))
        )
        return ClipSet(clips=clips, n_clips=len(clips), clash=_clash([c.suffix for c in clips]))


def _clash(suffixes: Sequence[str]) -> tuple[str, str]:
    """Find a suffix that is the beginning of another."""
    in_order = sorted(suffixes)
    # Whatever begins with a text follows it at once in sorted order.
    for short, long in pairwise(in_order):
        if long.startswith(short):
            return short, long
    return "", ""

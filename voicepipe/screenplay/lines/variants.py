"""One written line, several clips: the values of its variables and the members of its group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.story_steps import declared_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.screenplay.syntax import (
        DialogueLine,
        Language,
        Screenplay,
        SpeakerId,
        Variable,
    )

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
    """Two suffixes that differ only in the case of their letters."""
    beginning: tuple[str, str] = ("", "")
    """Two suffixes of which the first is the beginning of the second, numbers aside."""


class Variants:
    """Says into which clips lines expand; equal questions are answered once."""

    def __init__(self, screenplay: Screenplay) -> None:
        self._members = {s.id: s.members for s in reversed(screenplay.speakers) if s.members}
        self.declared: Mapping[str, Variable] = declared_variables(screenplay.variables)
        self._order = {name: number for number, name in enumerate(self.declared)}
        self._known: dict[tuple[SpeakerId, tuple[str, ...]], ClipSet] = {}

    def varying(self, names: Iterable[str]) -> tuple[str, ...]:
        """Keep the names whose every value is a clip, each once, in the order of declaration."""
        shown = {
            name
            for name in names
            if name in self.declared and count_values(self.declared[name]) is not None
        }
        return tuple(sorted(shown, key=self._order.__getitem__))

    def clips_of(self, line: DialogueLine, variables: tuple[str, ...]) -> ClipSet:
        """Expand a line.

        Args:
            line: Whose speaker may be a group.
            variables: Those it shows whose values make clips, as `varying` gives them.
        """
        question = (line.who, variables)
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = self._expand(line.who, variables)
        return known

    def _expand(self, who: SpeakerId, variables: tuple[str, ...]) -> ClipSet:
        members = self._members.get(who, ())
        counts = [count_values(self.declared[name]) or 0 for name in variables]
        n_clips = prod(counts) * max(1, len(members))
        if n_clips > MAX_CLIPS_A_LINE:
            return ClipSet(clips=(), n_clips=n_clips)
        values = [list(values_of(self.declared[name])) for name in variables]
        clips = tuple(
            Clip(
                suffix=_suffix((*chosen, *([member] if members else ()))),
                speaker=member,
                variant=dict(zip(variables, chosen, strict=True)),
            )
            for chosen in product(*values)
            for member in dict.fromkeys(members or (who,))
        )
        suffixes = [clip.suffix for clip in clips]
        return ClipSet(
            clips=clips,
            n_clips=len(clips),
            clash=_clash(suffixes),
            beginning=_beginning(suffixes),
        )


def count_values(variable: Variable) -> int | None:
    """Count the values of which each is a clip; None where the variable has no list of them."""
    if variable.spoken:
        return None
    if variable.kind == "text":
        return len(variable.values) or None
    if variable.kind != "int" or variable.minimum is None or variable.maximum is None:
        return None
    return max(0, variable.maximum - variable.minimum + 1)


def values_of(variable: Variable) -> Iterable[str]:
    """List the values of which each is a clip: for an integer its numbers, from the least on."""
    if variable.kind == "text" or variable.minimum is None or variable.maximum is None:
        return variable.values
    return map(str, range(variable.minimum, variable.maximum + 1))


def word_for(variable: Variable, value: str, language: Language) -> str:
    """Look up what a language says for a value; empty where it has no words for it."""
    said = variable.values.get(value, {}).get(language, "")
    return said or (value if variable.kind == "int" else "")


def _suffix(parts: Iterable[str]) -> str:
    # A minus sign in a file name would read as another separator: -3 is m3.
    return "".join(f"__{part.replace('-', 'm')}" for part in parts)


def _clash(suffixes: Sequence[str]) -> tuple[str, str]:
    """Find two suffixes that are one file name on Windows and macOS."""
    first: dict[str, str] = {}
    for suffix in suffixes:
        known = first.setdefault(suffix.lower(), suffix)
        if known != suffix:
            return known, suffix
    return "", ""


def _beginning(suffixes: Sequence[str]) -> tuple[str, str]:
    """Find a suffix that is the beginning of another; numbers always are, and nobody names them."""
    in_order = sorted(suffixes)
    # Whatever begins with a text follows it at once in sorted order.
    for short, long in pairwise(in_order):
        if long.startswith(short) and not long[len(short) - 1 : len(short) + 1].isdigit():
            return short, long
    return "", ""

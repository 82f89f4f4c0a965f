"""A clip's captions: which words are shown together, in which lines, from when to when.

A line of the script that needs more lines than are shown at once becomes several captions, each
from the moment its first word is heard (torch-free).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from voicepipe.subtitles.breaking import break_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voicepipe.lipsync.timing import ClipTiming
    from voicepipe.subtitles.rules import ReadingRules


_SHARES: Final = (1.0, 0.9, 0.8, 0.65, 0.5)
"""Of what a caption's lines hold: less is tried where words leave gaps at their ends."""
_CARE: Final = 4.0
"""How much more it matters where captions part than where lines do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What is shown at one time."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]
    """Plain text: nothing in it is markup."""
    speaker: str = ""
    """As players read the name; empty: none is shown."""
    line: str = ""
    """The line id it belongs to."""

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(self.lines)


def captions_of(
    timing: ClipTiming, rules: ReadingRules, *, speaker: str = "", line: str = ""
) -> tuple[Caption, ...]:
    """Make a clip's captions.

    Args:
        timing: Of the clip: its text as it is written, and when each word is heard.
        rules: Of its language.
        speaker: Shown with each.
        line: The line's id.

    Returns:
        In order, within the clip, apart; the first begins with it, and the last ends with it.
        None when there is nothing to read.
    """
    groups = _groups(timing.text, rules, word_starts(timing))
    if not groups:
        return ()
    starts = [0.0, *(_heard_from(timing, group[0][0]) for group in groups[1:])]
    ends = [*starts[1:], timing.duration_s]
    return tuple(
        Caption(
            start_s=start_s,
            end_s=max(start_s, end_s),
            lines=tuple(" ".join(timing.text[a:b].split()) for a, b in group),
            speaker=speaker,
            line=line,
        )
        for group, start_s, end_s in zip(groups, starts, ends, strict=True)
    )


def word_starts(timing: ClipTiming) -> frozenset[int]:
    """Say where words begin in a language that puts no spaces between them."""
    language = timing.language.split("-", maxsplit=1)[0]
    if language == "ja":
        return frozenset(word.start for word in timing.words)
    if language in ("zh", "yue"):
        return _chinese_words(timing.text)
    return frozenset()


@cache
def _chinese_words(text: str) -> frozenset[int]:
    from voicepipe.text.zh.words import cut_words  # noqa: PLC0415 - loads a dictionary

    starts: list[int] = [0]
    for word in cut_words(text):
        starts.append(starts[-1] + len(word.text))
    return frozenset(starts)


def _groups(
    text: str, rules: ReadingRules, starts: Collection[int]
) -> list[Sequence[tuple[int, int]]]:
    """Share a text out over captions, at sentence ends where that can be, and those over lines."""
    whole = break_lines(text, rules, starts)
    if len(whole) <= rules.max_lines:
        return [whole] if whole else []
    room = rules.line_length * rules.max_lines
    groups: list[Sequence[tuple[int, int]]] = []
    for share in _SHARES:
        roomy = replace(rules, line_length=room * share)
        blocks = break_lines(text, roomy, starts, care=_CARE)
        groups = [_lines_within(text, block, rules, starts) for block in blocks]
        if all(len(group) <= rules.max_lines for group in groups):
            return groups
    return [
        group[number : number + rules.max_lines]
        for group in groups
        for number in range(0, len(group), rules.max_lines)
    ]


def _lines_within(
    text: str, block: tuple[int, int], rules: ReadingRules, starts: Collection[int]
) -> Sequence[tuple[int, int]]:
    begin, end = block
    inner = {place - begin for place in starts if begin <= place < end}
    return [(begin + a, begin + b) for a, b in break_lines(text[begin:end], rules, inner)]


def _heard_from(timing: ClipTiming, place: int) -> float:
    """Say when the word at a place of the text begins."""
    later = [word.start_s for word in timing.words if word.end > place]
    return later[0] if later else timing.duration_s


def shifted(captions: Collection[Caption], by_s: float) -> list[Caption]:
    """Move captions in time."""
    return [replace(c, start_s=c.start_s + by_s, end_s=c.end_s + by_s) for c in captions]


def lengthened(captions: Sequence[Caption], shortest_s: float) -> list[Caption]:
    """Let short captions stay until they can be read, or the next one comes."""
    kept: list[Caption] = []
    for number, caption in enumerate(captions):
        wanted = max(caption.end_s, caption.start_s + shortest_s)
        if number + 1 < len(captions):
            wanted = max(caption.end_s, min(wanted, captions[number + 1].start_s))
        kept.append(replace(caption, end_s=wanted))
    return kept

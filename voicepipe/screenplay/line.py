"""Resolved lines: what every later room works on."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.diagnostics import SourceSpan  # noqa: TC001 - read by its annotations
from voicepipe.screenplay.syntax import EVERY_LANGUAGE, Language, LineId, SpeakerId

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of text spoken one way, followed by a pause."""

    text: str
    """Variables filled in, inline tags removed; empty only for a pause that opens the line."""
    emotion: str = ""
    """Empty: the line's own."""
    speed: float = 1.0
    """Relative to the line's speed: 0.9 is slower."""
    pitch_semitones: float = 0.0
    energy_db: float = 0.0
    """Louder, and with more effort, than the line's emotion has it."""
    range: float = 1.0
    """Factor on how far the melody moves."""
    is_stressed: bool = False
    """Louder, higher and slower than the words around it."""
    sound: str = ""
    """A sound of the voice (`laughs`) in place of words; the text is then empty, but for spaces."""
    say: str | None = None
    """A respelling (`MAH-ree-oh`) that replaces the text in the mouth, not on the screen."""
    pause_after_ms: int = 0


def spoken_stretches(segments: Iterable[Segment]) -> tuple[tuple[str, str | None], ...]:
    """Give the stretches of a text that are read together, each with its respelling.

    A stressed word is read with those around it: what stress changes is its sound, not its reading.
    """
    stretches: list[tuple[str, str | None]] = []
    was_stressed = False
    for segment in segments:
        is_seam = stretches and was_stressed != segment.is_stressed
        was_stressed = segment.is_stressed
        if is_seam and segment.say is None and stretches[-1][1] is None:
            stretches[-1] = (stretches[-1][0] + segment.text, None)
        else:
            stretches.append((segment.text, segment.say))
    return tuple(stretches)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineText:
    """One line in one language, ready to be cast."""

    plain: str
    """As a subtitle would show it: variables of this variant filled in, inline tags removed."""
    segments: tuple[Segment, ...]
    placeholders: tuple[str, ...] = ()
    """Variables that `plain` still shows as `{name}`, for the game to fill in."""
    is_stale: bool = False
    """The source text changed after this translation was made."""
    tag_places: Mapping[str, SourceSpan] = field(default_factory=dict)
    """Where tags that not every voice can follow stand first, by name."""
    span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry after variables and groups are resolved: one clip a language, if it is voiced."""

    id: LineId
    """With its suffixes: `bridge_0010`, `bridge_0020__ada` (variant), `crew_0010__mara` (group)."""
    base_id: LineId
    """As in the script."""
    scene: str
    node: str
    """Empty for barks."""
    bark_set: str = ""
    position: int
    """Order in the script, from 0."""
    speaker: SpeakerId
    emotion: str = ""
    speed: float = 1.0
    slots: Mapping[str, float] = field(default_factory=dict)
    """As the script has them: see `DialogueLine.slots`."""
    note: str = ""
    tags: tuple[str, ...] = ()
    is_choice: bool = False
    """The form of a choice option that has an id."""
    is_voiced: bool = True
    """False: only shown. It has no variants, and `speaker` may be empty."""
    texts: Mapping[Language, LineText]
    variant: Mapping[str, str] = field(default_factory=dict)
    """Variable → value, for variants."""
    before: tuple[LineId, ...] = ()
    """Base ids of the lines that can be heard just before, in script order."""
    after: tuple[LineId, ...] = ()
    span: SourceSpan

    def slot_s(self, language: str) -> float | None:
        """Give the seconds the script lets its speech last in a language; None: as it likes."""
        return self.slots.get(language, self.slots.get(EVERY_LANGUAGE))

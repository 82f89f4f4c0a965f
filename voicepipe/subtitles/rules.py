"""How much text a player can read at once, and how fast, by language (torch-free).

The defaults are those of the large streaming services' style guides for captions that show every
word (SDH): lines of 42 Latin, 16 Chinese or Korean, and 16 Japanese characters, two at once.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from voicepipe.settings_subtitles import SubtitleRules

BY_CHARACTER: Final = frozenset({"zh", "yue", "ja", "ko"})
"""Languages that count full-width characters."""
_WIDE: Final = frozenset("WF")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """What captions of one language are held to."""

    line_length: float
    """Characters; where full-width ones are counted, others count half."""
    max_lines: int
    reading_speed: float
    """Characters a second."""
    counts_wide: bool
    """Whether full-width characters are counted, and others half."""

    def length(self, text: str) -> float:
        """Count a text's characters as these rules do; marks that stand on nothing count none."""
        shown = [c for c in text if not unicodedata.combining(c)]
        if not self.counts_wide:
            return float(len(shown))
        return sum(1.0 if unicodedata.east_asian_width(c) in _WIDE else 0.5 for c in shown)


_DEFAULTS: Final = {
    "zh": ReadingRules(line_length=16, max_lines=2, reading_speed=11, counts_wide=True),
    "yue": ReadingRules(line_length=16, max_lines=2, reading_speed=11, counts_wide=True),
    "ja": ReadingRules(line_length=16, max_lines=2, reading_speed=9, counts_wide=True),
    "ko": ReadingRules(line_length=16, max_lines=2, reading_speed=14, counts_wide=True),
    "": ReadingRules(line_length=42, max_lines=2, reading_speed=20, counts_wide=False),
}


def reading_rules(language: str, own: SubtitleRules | None = None) -> ReadingRules:
    """Give the rules of a language.

    Args:
        language: A project's tag.
        own: What the settings say of it.
    """
    base = _DEFAULTS.get(language.split("-", maxsplit=1)[0], _DEFAULTS[""])
    if own is None:
        return base
    return ReadingRules(
        line_length=base.line_length if own.line_length is None else own.line_length,
        max_lines=base.max_lines if own.max_lines is None else own.max_lines,
        reading_speed=base.reading_speed if own.reading_speed is None else own.reading_speed,
        counts_wide=base.counts_wide,
    )

"""`subtitles:` in `voicepipe.yaml`: how much text is shown at once, and how fast."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations

from pydantic import Field

from voicepipe.documents.section import Section


class SubtitleRules(Section):
    """What captions of one language are held to; absent: the language's default."""

    line_length: float | None = Field(default=None, ge=4, le=120)
    """Characters a line holds; in Chinese, Japanese and Korean full-width ones, Latin ones count
    half."""
    max_lines: int | None = Field(default=None, ge=1, le=4)
    """Lines that are shown at once."""
    reading_speed: float | None = Field(default=None, ge=1, le=60)
    """Characters a second, counted alike, that a player is asked to read at most."""


class SubtitleSettings(Section):
    """How much text is shown at once, and how fast."""

    languages: Mapping[str, SubtitleRules] = Field(default={}, max_length=64)
    """By language tag: what differs from the defaults."""
    shortest_s: float = Field(default=0.8, ge=0, le=10)
    """Seconds a caption stays at least, where the next one leaves room."""
    gap_s: float = Field(default=0.4, ge=0, le=60)
    """Seconds between two lines of a scene or a path that are laid one after another."""

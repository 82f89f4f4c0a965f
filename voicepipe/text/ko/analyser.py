"""The Korean word dictionary: it loads at first use and serves one thread at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word the dictionary found in a text."""

    text: str
    tag: str
    """Its role, or its parts' roles joined by `+`."""
    reading: str
    """In hangul; empty for a word the dictionary lacks."""


@cache
def _dictionary() -> Any:  # noqa: ANN401 - a module without types
    import mecab  # noqa: PLC0415 - loads its dictionary

    return mecab.MeCab()


def analyse(text: str) -> tuple[Word, ...]:
    """Cut a text into words."""
    with _LOCK:
        found = _dictionary().parse(text)
    return tuple(
        Word(text=word.surface, tag=word.feature.pos, reading=word.feature.reading or "")
        for word in found
    )

"""Ordinary dialogue in any number, made by small grammars: the same lines on every machine.

A grammar is a mapping of names to alternatives; `{name}` in an alternative is replaced by one of
that name's. `line` is where a line begins. `n:1-99` draws a whole number. A language's grammar
stands in `GRAMMARS`; what its numbers, dates and marks look like is up to its alternatives.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from dialogue_en import ENGLISH
from dialogue_ja import JAPANESE
from dialogue_ko import KOREAN
from dialogue_yue import CANTONESE
from dialogue_zh import CHINESE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GRAMMARS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "en": ENGLISH,
    "ja": JAPANESE,
    "ko": KOREAN,
    "zh": CHINESE,
    "yue": CANTONESE,
}
"""Language tag → its grammar."""

_SLOT = re.compile(r"\{(n:)?([\w-]+)\}")


def dialogue_lines(language: str, count: int = 2000) -> Iterator[str]:
    """Make different lines of a language, always the same ones.

    Args:
        language: A key of `GRAMMARS`.
        count: How many; the grammar must have that many.
    """
    draw = random.Random(f"dialogue {language}")
    grammar = GRAMMARS[language]
    seen: set[str] = set()
    for _ in range(count * 50):
        if len(seen) == count:
            return
        line = _expand("{line}", grammar, draw)
        if line not in seen:
            seen.add(line)
            yield line
    assert len(seen) == count, f"the grammar of {language} has too few lines"


def _expand(pattern: str, grammar: Mapping[str, Sequence[str]], draw: random.Random) -> str:
    def fill(match: re.Match[str]) -> str:
        if match[1]:
            low, high = match[2].split("-")
            return str(draw.randint(int(low), int(high)))
        return _expand(draw.choice(grammar[match[2]]), grammar, draw)

    return _SLOT.sub(fill, pattern)

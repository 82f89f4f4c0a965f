"""How much script there is: lines, words, minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.speech_length import estimate_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.syntax import Language

# An ideograph or a kana counts as a word of its own; hangul is written with spaces.
_WORDS: Final = re.compile(
    "[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    "|[^\\W\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+(?:['’][^\\W]+)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFigures:
    """One language of a script."""

    language: Language
    n_lines: int
    """Clips: variants and members of groups count one each."""
    n_words: int
    """Ideographs and kana count one each."""
    n_shown: int
    """Texts that are only shown; their words are not counted."""
    speech_s: float
    """A guess; see `estimate_seconds`."""


def count_words(plain: str) -> int:
    """Count the words of a text without inline tags; ideographs and kana count one each."""
    return len(_WORDS.findall(plain))


def count_script(
    lines: Iterable[Line], languages: Sequence[Language], text_languages: Sequence[Language] = ()
) -> tuple[ScriptFigures, ...]:
    """Count what there is to say in each language, and apart from it what is only shown."""
    totals = {language: [0, 0, 0.0] for language in (*languages, *text_languages)}
    shown = dict.fromkeys(totals, 0)
    spoken = frozenset(languages)
    for line in lines:
        for language, text in line.texts.items():
            total = totals.get(language)
            if total is not None and not (line.is_voiced and language in spoken):
                shown[language] += 1
            elif total is not None:
                total[0] += 1
                total[1] += count_words(text.plain)
                total[2] += estimate_seconds(text.plain, language) / line.speed
    return tuple(
        ScriptFigures(
            language=language,
            n_lines=int(lines),
            n_words=int(words),
            n_shown=shown[language],
            speech_s=round(seconds, 1),
        )
        for language, (lines, words, seconds) in totals.items()
    )

"""Laughter and tears that people type rather than say: silent by rule.

`www` and （笑） in Japanese, ㅋㅋㅋ and ㅠㅠ in Korean tell the reader how a line is meant; read
aloud they would be letters. A laugh that a character really laughs is written as one: あはは, 하하.
"""

from __future__ import annotations

import re

from voicepipe.text.languages import Language

_JAPANESE = re.compile(
    r"(?<![A-Za-z0-9./:@-])[wWｗＷ]?[wｗ]+(?![A-Za-z0-9.]|[-'’][A-Za-z])"
    r"|[(（\[［〔【](?:爆|苦|失|微|冷|嘲|半|大)?(?:笑|泣|汗|涙|照|怒|爆)[)）\]］〕】]"
    r"|(?<=[ぁ-んァ-ヶー！？!?。…])笑+(?=$|[。！？!?、…\s])"
)
_KOREAN = re.compile(
    "[(（](?:웃음|눈물|한숨|울음|폭소|박수|[ㅋㅎㅠㅜ]+)[)）]|(?<![ㄱ-ㅎ])[ㅋㅎ]+(?![ㄱ-ㅎ])|[ㅠㅜㅡ]*[ㅠㅜ][ㅠㅜㅡ]*|ㅡ+"
)
_FRAGMENTS = {Language.JA: _JAPANESE, Language.KO: _KOREAN}


def laughter(text: str, language: Language) -> tuple[tuple[int, int], ...]:
    """Find what is laughter or tears by the language's custom: places in the text, in order."""
    pattern = _FRAGMENTS.get(language)
    return tuple(match.span() for match in pattern.finditer(text)) if pattern else ()


def without_laughter(text: str, language: Language) -> str:
    """Take the laughter out of a line."""
    pattern = _FRAGMENTS.get(language)
    return pattern.sub("", text) if pattern else text

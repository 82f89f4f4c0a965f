"""The languages that have a front end here."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from voicepipe.errors import UsageError


class Language(str, Enum):
    """A language the front end can read aloud; its value is the project's tag for it."""

    ZH = "zh"
    EN = "en"
    JA = "ja"
    KO = "ko"
    YUE = "yue"


HAN_LANGUAGES = frozenset({Language.ZH, Language.JA, Language.YUE})
"""Languages that may claim Chinese characters as their own."""

_BASES = {"cmn": Language.ZH, "zh-hk": Language.YUE, "zh-yue": Language.YUE}


@lru_cache(maxsize=256)
def language_of(tag: str) -> Language:
    """Find the front end for a project's language tag.

    Args:
        tag: BCP-47, any case: `en`, `en-GB`, `zh-Hant`, `yue`. Region and script are ignored,
            except Hong Kong Chinese, which is read as Cantonese.

    Raises:
        UsageError: No front end reads this language.
    """
    lowered = tag.lower().replace("_", "-")
    for candidate in (lowered, lowered.split("-")[0]):
        if candidate in _BASES:
            return _BASES[candidate]
        if candidate in {language.value for language in Language}:
            return Language(candidate)
    known = ", ".join(language.value for language in Language)
    raise UsageError(f'no pronunciation rules for language "{tag}"', remedy=f"use one of {known}")

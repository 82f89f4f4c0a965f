"""From a segment's text to the plain words espeak-ng is handed.

Text is never markup: whatever could steer the synthesizer is removed here, and the program is
asked without markup modes.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from voicepipe.engines.scratch.languages import script_of
from voicepipe.engines.scratch.pinyin import numbered_pinyin, spaced_jyutping

if TYPE_CHECKING:
    from voicepipe.engines.scratch.languages import SpokenLanguage

_JOINERS = "\u200c\u200d"  # they shape words in Persian and the Indic scripts
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def plain_words(text: str) -> str:
    """Reduce text to what can be read aloud.

    Compatibility forms become plain (full-width letters, circled digits). Control, format and
    private characters go, because espeak-ng takes some of them as commands; so do pictures.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    folded = unicodedata.normalize("NFKC", text)
    return " ".join("".join(map(_plain, folded)).split())


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in _DROPPED and character not in _JOINERS:
        return " "
    if category == "So" and character != "°":  # emoji, notes, ornaments
        return " "
    return character


def n_speakable(text: str) -> int:
    """Count the letters and digits: none means there is nothing to say."""
    return sum(map(str.isalnum, text))


def unreadable_letters(text: str, language: SpokenLanguage) -> str:
    """List the letters whose script the language's voice cannot read, each once, in order."""
    if text.isascii():
        return ""
    scripts = language.scripts
    strangers = (c for c in text if c.isalpha() and not _is_known(script_of(c), scripts))
    return "".join(dict.fromkeys(strangers))


def _is_known(script: str, scripts: frozenset[str]) -> bool:
    # Modifier letters (ʼ) belong to every script's spelling.
    return script in scripts or script == "MODIFIER"


def respelled(say: str, language: SpokenLanguage) -> tuple[str, str]:
    """Turn a respelling into a voice and its words.

    Latin letters are pinyin for Mandarin and jyutping for Cantonese. Elsewhere capitals in a
    respelling (`MAH-ree-oh`) mark stress, which espeak-ng would take for an abbreviation.

    Returns:
        The espeak-ng voice that reads it, and the text for that voice.
    """
    words = plain_words(say)
    has_latin = any(script_of(c) == "LATIN" for c in words)
    if language.voice == "cmn" and has_latin:
        return "cmn-latn-pinyin", numbered_pinyin(words)
    if language.voice == "yue" and has_latin:
        return "yue-latn-jyutping", spaced_jyutping(words)
    if has_latin and "-" in words:
        return language.voice, words.lower()
    return language.voice, words

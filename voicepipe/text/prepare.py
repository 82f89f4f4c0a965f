"""Text as programs write it → the characters that the front ends read, whatever the language.

Compatibility forms (full-width letters, half-width kana, squared units) become the characters
they stand for where that changes nothing else; invisible characters go; line breaks, tabs and
other separators never join the words beside them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from voicepipe.text.languages import HAN_LANGUAGES, Language

_ORDINARY = re.compile(
    "[ -~\u2018-\u201d\u2026\u2014\u3001\u3002\u3005-\u3011\u3041-\u3096\u30a1-\u30fe"
    "\u4e00-\u9fff\uac00-\ud7a3\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]*"
)
"""What needs no preparing; most lines hold nothing else. Colons are looked at beside digits."""
_BROKEN = re.compile("[\\s\u200b]*[\t-\r\x1c-\x1f\x85\u2028\u2029\u3000\u200b][\\s\u200b]*")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200c-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_HYPHEN = re.compile("[\u2010\u2011\u2043\ufe63\uff0d]")
# Runs, because a kana and its voicing mark are two characters that become one.
_COMPATIBLE = re.compile(
    "[\u2f00-\u2fd5\u3300-\u33ff\uf900-\ufaff\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\uff02-\uff07\uff0a\uff0b\uff0f\uff1c-\uff1e\uff20\uff3c\uff3e-\uff40\uff5c"
    "\u2080-\u2089\uff61-\uffdc\uffe0-\uffe6\U0001d400-\U0001d7ff\U0002f800-\U0002fa1f]+"
)
# A full-width comma is a pause even between digits; a point, colon or stroke there is none.
_BETWEEN_DIGITS = re.compile("(?<=[0-9])[\uff0e\uff1a\uff0f](?=[0-9])")
_YEN = re.compile("(?<=[0-9])\\s?円")
_CHOICE = re.compile("(?<![A-Za-z0-9./:][A-Z])(?<=[A-Z])/(?=[A-Z](?![A-Za-z0-9./:]))")
_WIDE = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U000323af]")


def prepare(text: str, language: Language | None = None) -> str:
    """Bring a line into the characters that the front ends know.

    Args:
        text: As written in a script, a table's cell or a transcript.
        language: The line's own; says what a sign of another script means in it: `500円` is a sum
            of yen in an English line, and `A/B` two choices in a Chinese one.

    Returns:
        The text, composed (NFC); full-width letters, digits and signs, half-width kana and hangul,
        ligatures, squared units and variants of Chinese characters as their ordinary forms; no
        invisible character. A line break, tab or wide space is a comma between Chinese or Japanese
        characters and a space elsewhere. Full-width marks stay: they are pauses.
    """
    text = _prepare_characters(text)
    if language is Language.EN:
        return _YEN.sub("¥", text) if "円" in text else text
    return _CHOICE.sub("、", text) if language in HAN_LANGUAGES and "/" in text else text


def _prepare_characters(text: str) -> str:
    if _ORDINARY.fullmatch(text) and "\uff1a" not in text:
        return text
    text = unicodedata.normalize("NFC", text)
    text = _INVISIBLE.sub("", text)
    text = _COMPATIBLE.sub(lambda match: _compatible(match[0]), text)
    text = _HYPHEN.sub("-", text.replace("\u2116", "No."))
    text = _BETWEEN_DIGITS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return _BROKEN.sub(_separate, _SPACE.sub(" ", text))


@cache
def _compatible(run: str) -> str:
    return unicodedata.normalize("NFKC", run)


def _separate(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if not (_WIDE.match(before) and _WIDE.match(after)):
        return " "
    return "" if match[0].strip("\u200b") == "" else "、"

"""Text that a terminal shows and does not obey.

What is printed comes from scripts, records, weight files and other people's stores. An escape
sequence in it could hide or rewrite what stands on the screen, and a bidirectional override could
make a line read as another.
"""

from __future__ import annotations

import logging
import re
from typing import Final

_KEPT: Final = "\n\t"
_CONTROLS: Final = frozenset(
    {*range(0x20), *range(0x7F, 0xA0)}  # C0, DEL and C1: some terminals obey these as well
    | {0x2028, 0x2029}  # line and paragraph separators
    | {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}  # embeddings, overrides, isolates
) - {ord(character) for character in _KEPT}
_SHOWN: Final = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _CONTROLS}
_IN_JSON: Final = {code: f"\\u{code:04x}" for code in _CONTROLS}
_ANY: Final = re.compile(f"[{''.join(map(re.escape, map(chr, sorted(_CONTROLS))))}]")


def printable(text: str) -> str:
    r"""Write what a terminal would obey as it would stand in a program: `\x1b`, `\u202e`.

    Line ends and tabs stay, and so do the marks that right-to-left writing needs (U+200E, U+200F).
    """
    return text.translate(_SHOWN) if _ANY.search(text) else text


def printable_json(document: bytes) -> bytes:
    """Write the same JSON document without a character that a terminal would obey.

    Args:
        document: UTF-8; outside of texts it is ASCII, so that every replacement is an escape of a
            text.
    """
    text = document.decode("utf-8")
    return text.translate(_IN_JSON).encode() if _ANY.search(text) else document


class _PrintableLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def keep_warnings_printable() -> None:
    """Have what is logged as a warning shown like every other message on stderr."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_PrintableLines())

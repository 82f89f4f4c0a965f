"""What a text's reading depends on, as one key: its words, the lexicon's, and the front end.

Of the lexicon only entries whose word may stand in the text count, so that a changed entry leaves
every other line as it was read.
"""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

import voicepipe
from voicepipe.installation import DICTIONARY_VARIABLE, installed_libraries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.screenplay.line import Segment
    from voicepipe.text.lexicon import Lexicon

KEY_BYTES: Final = 16
_ROOMS: Final = ("text", "synthesis")
_ASCII_MARKS: Final = {place: None for place in range(128) if not chr(place).isalnum()}
_Entry = tuple[str, str, str, str, str]


@cache
def front_end_revision() -> str:
    """Fingerprint everything that reads texts: this code, its tables, the libraries under it.

    A function of contents, never of dates; about a millisecond for each hundred files.
    """
    package = Path(voicepipe.__file__).parent
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*")):
            if path.suffix in {".py", ".json"}:
                digest.update(f"\0{path.relative_to(package).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    facts = [
        sys.version,
        sys.platform,
        os.environ.get(DICTIONARY_VARIABLE, ""),
        *installed_libraries(),
    ]
    digest.update(orjson.dumps(facts))
    return digest.hexdigest()


class ReadingKeys:
    """Makes keys under one lexicon.

    Args:
        lexicon: Of the project.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._revision = front_end_revision()
        self._everywhere: list[tuple[int, str, _Entry]] = []
        self._by_start: dict[str, list[tuple[int, str, str, _Entry]]] = {}
        for place, entry in enumerate(lexicon.entries):
            said = entry.spelling
            facts = (
                entry.word,
                entry.language.value,
                entry.speaker,
                said.notation.value,
                said.value,
            )
            bare = _bare(entry.word)
            if bare:
                begun = self._by_start.setdefault(bare[:2], [])
                begun.append((place, bare, entry.speaker, facts))
            else:
                self._everywhere.append((place, entry.speaker, facts))

    def of_line(
        self, segments: Sequence[Segment], *, language: str, symbols: str, speaker: str
    ) -> bytes:
        """Give the key of a line."""
        entries = self._entries("".join([segment.text for segment in segments]), speaker)
        return self._key(["line", language, symbols, segments, entries])

    def of_transcript(self, text: str, *, language: str, symbols: str) -> bytes:
        """Give the key of a transcript."""
        return self._key(["transcript", language, symbols, text, self._entries(text, "")])

    def entries_in(self, texts: Iterable[str]) -> list[_Entry]:
        """List the lexicon's entries that may be used in texts, whoever speaks them."""
        return self._entries("\n".join(texts), None)

    def _key(self, facts: list[object]) -> bytes:
        # Records and tuples are written as they are; nothing else is among the facts.
        content = orjson.dumps([self._revision, *facts])
        return hashlib.sha256(content).digest()[:KEY_BYTES]

    def _entries(self, text: str, speaker: str | None) -> list[_Entry]:
        """List the entries that may be used, in the lexicon's order; one too many does no harm."""
        if not self._by_start and not self._everywhere:
            return []
        found = [
            (place, facts)
            for place, whose, facts in self._everywhere
            if speaker is None or whose in ("", speaker)
        ]
        bare = _bare(text)
        for start in self._starts_in(bare):
            for place, word, whose, facts in self._by_start[start]:
                if (speaker is None or whose in ("", speaker)) and word in bare:
                    found.append((place, facts))
        return [facts for _, facts in sorted(found)]

    def _starts_in(self, bare: str) -> Iterable[str]:
        """Find the beginnings of words that stand in a text."""
        if len(self._by_start) <= len(bare):
            return [start for start in self._by_start if start in bare]
        return ({a + b for a, b in pairwise(bare)} | set(bare)) & self._by_start.keys()


def _bare(text: str) -> str:
    """Reduce a text to letters and digits in their plainest form.

    However the front ends prepare a text before they look words up, a word that stands in it
    stands in this as well.
    """
    if text.isascii():
        return text.lower().translate(_ASCII_MARKS)
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))

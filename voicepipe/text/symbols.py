"""The phoneme tables: a symbol's place in its table is its row in a checkpoint's embedding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PUNCTUATION = frozenset("!?…,.-")
"""Marks the models know as symbols of their own: each is a pause of some kind."""
UNKNOWN = "UNK"
"""What stands for a symbol that a table lacks."""


class SymbolVersion(str, Enum):
    """Which table a checkpoint was trained with: 322 rows for v1, 732 for every later family."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolTable:
    """One table: symbols in id order."""

    version: SymbolVersion
    symbols: tuple[str, ...]
    ids: Mapping[str, int]

    def known(self, phonemes: Iterable[str]) -> tuple[str, ...]:
        """Replace what the table lacks by `UNK`, as the models were trained."""
        ids = self.ids
        return tuple([p if p in ids else UNKNOWN for p in phonemes])

    def encode(self, phonemes: Iterable[str]) -> tuple[int, ...]:
        """Turn symbols into ids; a symbol the table lacks becomes `UNK`."""
        unknown, place_of = self.ids[UNKNOWN], self.ids.get
        return tuple([place_of(p, unknown) for p in phonemes])


@cache
def symbol_table(version: SymbolVersion | str) -> SymbolTable:
    """Get a table by its version.

    Raises:
        ValueError: There is no such version.
    """
    chosen = SymbolVersion(version)
    symbols = tuple(table("symbols")[chosen.value])
    ids = {symbol: index for index, symbol in enumerate(symbols)}
    return SymbolTable(version=chosen, symbols=symbols, ids=ids)

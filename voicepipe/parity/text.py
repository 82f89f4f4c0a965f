"""The front ends on recorded texts: how many rows give exactly the recorded ids (torch-free)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from voicepipe.text.frontend import utterance
from voicepipe.text.symbols import symbol_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TEXT_BARS: Mapping[str, float] = {"zh": 0.95, "en": 0.95, "ja": 0.90, "ko": 0.90, "yue": 0.90}


def text_shares(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, float, int]]:
    """Read every recorded text.

    Args:
        rows: Each with `lang`, `version`, `text` and `ids`.

    Yields:
        A language, the share of its rows with exactly the recorded ids, and how many rows it has.
    """
    total: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    for row in rows:
        said = utterance(row["text"], row["lang"], symbols=row["version"], pads_short=False)
        total[row["lang"]] += 1
        equal[row["lang"]] += list(said.phoneme_ids) == list(row["ids"])
    for language, count in total.items():
        yield language, equal[language] / count, count


def symbol_share(version: str, symbols: Sequence[str]) -> float:
    """Share of a recorded symbol table's entries that stand in the same place of ours."""
    ours = symbol_table(version).symbols
    same = sum(a == b for a, b in zip(ours, symbols, strict=False))
    return same / max(len(ours), len(symbols), 1)

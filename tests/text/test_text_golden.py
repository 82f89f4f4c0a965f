"""Reads every golden row and compares it with what the reference implementation wrote."""

from __future__ import annotations

from typing import Any

import pytest
from golden_vectors import document

from voicepipe.text.frontend import utterance
from voicepipe.text.symbols import symbol_table

pytestmark = pytest.mark.parity


ROWS: list[dict[str, Any]] = document("text.json")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['lang']}-{row['version']}")
def test_a_golden_row_is_read_as_the_reference_reads_it(row: dict[str, Any]) -> None:
    said = utterance(row["text"], row["lang"], symbols=row["version"], pads_short=False)
    assert said.normalized_text == row["norm_text"]
    assert list(said.phonemes) == row["phones"]
    assert list(said.phoneme_ids) == row["ids"]
    if row["word2ph"] is not None:
        assert list(said.word2ph) == row["word2ph"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_symbol_tables_are_the_reference_s(version: str) -> None:
    assert list(symbol_table(version).symbols) == document("symbols.json")[version]

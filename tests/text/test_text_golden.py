"""Reads every golden row and compares it with what the reference implementation wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voicepipe.text.frontend import utterance
from voicepipe.text.symbols import symbol_table

GOLDEN = Path(__file__).resolve().parents[2] / "../shared/golden"
pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason="the golden vectors are not here")


def rows() -> list[dict[str, Any]]:
    if not GOLDEN.exists():
        return []
    found: list[dict[str, Any]] = json.loads((GOLDEN / "text.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['lang']}-{row['version']}")
def test_a_golden_row_is_read_as_the_reference_reads_it(row: dict[str, Any]) -> None:
    said = utterance(row["text"], row["lang"], symbols=row["version"], pads_short=False)
    assert said.normalized_text == row["norm_text"]
    assert list(said.phonemes) == row["phones"]
    assert list(said.phoneme_ids) == row["ids"]
    if row["word2ph"] is not None:
        assert list(said.word2ph) == row["word2ph"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_symbol_tables_are_the_reference_s(version: str) -> None:
    expected = json.loads((GOLDEN / "symbols.json").read_text(encoding="utf-8"))[version]
    assert list(symbol_table(version).symbols) == expected

"""The committed part of the reference's recordings is a part of them, and small."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from golden_vectors import LARGE, MISSING, SUBSET
from make_subset import FORMULA, KEPT, SHARED, arrays, documents, formula_values

MOST_BYTES = 3 << 20


def test_the_part_is_small_enough_for_version_control() -> None:
    assert sum(path.stat().st_size for path in SUBSET.iterdir()) < MOST_BYTES
    names = {f"{folder}.npz" for folder in (*KEPT, "formula")} | {"documents.json.gz"}
    assert {path.name for path in SUBSET.iterdir()} == names


@pytest.mark.parametrize("folder", KEPT)
def test_the_part_is_what_its_script_makes_of_the_large_vectors(folder: str) -> None:
    if not LARGE.is_dir():
        pytest.skip(f"{MISSING}{folder}")
    with np.load(SUBSET / f"{folder}.npz") as kept:
        made = arrays(folder)
        assert set(kept.files) == set(made)
        for name, array in made.items():
            assert np.array_equal(kept[name], array)
    for name, elsewhere in SHARED.get(folder, {}).items():
        with np.load(LARGE / folder / "io.npz") as here, np.load(LARGE / elsewhere / "io.npz") as o:
            assert np.array_equal(here[name], o[name])


def test_documents_and_the_formula_are_the_recorded_ones() -> None:
    if not LARGE.is_dir():
        pytest.skip(f"{MISSING}documents")
    kept = json.loads(gzip.decompress((SUBSET / "documents.json.gz").read_bytes()))
    assert kept == json.loads(json.dumps(documents()))
    with np.load(SUBSET / "formula.npz") as values:
        made = formula_values()
        assert set(values.files) == {key for key, _, _ in FORMULA}
        for key in values.files:
            assert np.array_equal(values[key], made[key])

"""What the reference implementation recorded: the large vectors beside a checkout, or our part.

The large ones lie in `../shared/golden`; a committed part of them is in `tests/golden/subset`, so
that a plain clone compares with the reference too. Arrays of the part may be thinned, which
`Recorded.error` follows; what it lacks is skipped under `MISSING`, and the run's summary counts it.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from voicepipe.parity.subset import Subset, crop_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from numpy.typing import NDArray

LARGE = Path(__file__).resolve().parents[1].parent / "shared" / "golden"
SUBSET = Path(__file__).resolve().parent / "golden" / "subset"
MISSING = "large vectors missing: "
"""Begins the reason of every test that only the large vectors let run."""
ONLY_SUBSET = "VOICEPIPE_GOLDEN"
"""Environment variable: `subset` leaves the large vectors aside."""


def is_large() -> bool:
    """Whether the large vectors are compared with."""
    return LARGE.is_dir() and os.environ.get(ONLY_SUBSET) != "subset"


def document(path: str) -> Any:
    """A recorded JSON file: key lists, configurations, texts, symbols."""
    if is_large():
        return json.loads((LARGE / path).read_text(encoding="utf-8"))
    return json.loads(json.dumps(_subset().documents[path]))


def keys(folder: str, name: str) -> list[tuple[str, tuple[int, ...], str]]:
    """A checkpoint's tensors: name, shape, type."""
    return [(key, tuple(shape), dtype) for key, shape, dtype in document(f"{folder}/{name}")]


class Recorded:
    """One folder's inputs and outputs.

    Args:
        folder: Its name, as `v2Pro`.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._crops: Mapping[str, str] = {}
        if is_large():
            with np.load(LARGE / folder / "io.npz") as arrays:
                self._arrays = dict(arrays)
        else:
            self._crops = _subset().crops.get(folder, {})
            self._arrays = _subset().arrays(folder)

    def array(self, name: str) -> NDArray[Any]:
        """An array as it is kept; a test that needs what only the large vectors have is skipped.

        Thinned outputs are compared by `error` alone.
        """
        if name not in self._arrays:
            pytest.skip(f"{MISSING}{self.folder}/{name}")
        found: NDArray[Any] = self._arrays[name]
        return found

    def __getitem__(self, name: str) -> torch.Tensor:
        import torch  # takes seconds, and every test run reads this module

        return torch.from_numpy(self.array(name))

    def error(self, actual: torch.Tensor, name: str) -> float:
        """The largest difference, as a share of the largest recorded value."""
        expected = self[name]
        found = actual[crop_of(self._crops[name])] if name in self._crops else actual
        assert found.shape == expected.shape
        return float((found - expected).abs().max() / expected.abs().max())


def folder_of(name: str, parent: Path) -> Path:
    """A folder of vectors on disk, as replays read them; the part's are unpacked."""
    if is_large():
        return LARGE / name
    part = _subset()
    assert not part.crops.get(name), "it is thinned"
    made = parent / name
    made.mkdir()
    arrays: dict[str, Any] = dict(part.arrays(name))
    np.savez(made / "io.npz", **arrays)
    for file, content in part.documents_of(name).items():
        (made / file).write_text(json.dumps(content), "utf-8")
    return made


@lru_cache(maxsize=1)
def _subset() -> Subset:
    return Subset(SUBSET)

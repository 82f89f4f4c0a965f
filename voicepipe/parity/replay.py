"""Replaying recorded vectors: does this machine compute what the reference implementation computed?

A folder of vectors holds, per network, its keys, its configuration, inputs and outputs; the weights
come from the formula. Whatever folder is found is replayed; what is not understood is named.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import torch

from voicepipe.errors import CheckpointError, UsageError
from voicepipe.formula_models.weights import TensorRow, formula_state

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

BAR = 1e-4
"""Of an array's largest absolute value, in float32."""
_MAX_JSON_BYTES = 16 << 20
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One comparison with a recorded output."""

    folder: str
    what: str
    found: float
    """Largest relative error, or share of equal ids."""
    bar: float
    is_share: bool = False
    """More is better, and the bar is the least that is allowed."""
    note: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether the bar is met; what is not a number never meets one."""
        return self.found >= self.bar if self.is_share else self.found <= self.bar


class Vectors:
    """One folder's recorded inputs and outputs, and weights by formula for it.

    Args:
        folder: Of the vectors.
        device: Where to replay.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self.folder = folder
        self.name = folder.name
        self.device = device
        self._arrays: dict[str, Tensor] | None = None

    def __getitem__(self, name: str) -> Tensor:
        """Give a recorded array on the device."""
        return self.arrays[name].to(self.device)

    @property
    def arrays(self) -> Mapping[str, Tensor]:
        """Every recorded array, on the CPU."""
        if self._arrays is None:
            with np.load(self.folder / "io.npz") as archive:
                self._arrays = {name: torch.from_numpy(archive[name]) for name in archive.files}
        return self._arrays

    def has_file(self, name: str) -> bool:
        """Tell whether the folder holds a file."""
        return (self.folder / name).is_file()

    def json(self, name: str) -> Any:  # noqa: ANN401 - any document
        """Read a JSON file of the folder."""
        return read_json(self.folder / name)

    def rows(self, name: str) -> list[TensorRow]:
        """Read a list of keys, shapes and types."""
        return [(str(k), tuple(int(n) for n in s), str(d)) for k, s, d in self.json(name)]

    def state(self, name: str, *, eos_gain: float = 0.0) -> dict[str, Tensor]:
        """Make a checkpoint's tensors by the formula."""
        return formula_state(self.rows(name), eos_gain=eos_gain)

    def error(self, what: str, actual: Tensor, expected: Tensor, bar: float = BAR) -> Measure:
        """Compare an output with the recorded one."""
        return Measure(folder=self.name, what=what, found=relative_error(actual, expected), bar=bar)

    def equal(self, what: str, actual: Tensor, expected: Tensor) -> Measure:
        """Compare ids with the recorded ones, one by one."""
        mine, theirs = actual.flatten().cpu(), expected.flatten().cpu()
        same = 0.0
        if mine.shape == theirs.shape and len(theirs):
            same = float((mine == theirs).double().mean())
        return Measure(folder=self.name, what=what, found=same, bar=1.0, is_share=True)


Replay = Callable[[Vectors], Iterator[Measure]]


def replay_folder(vectors: Vectors, replays: Mapping[str, Replay]) -> Iterator[Measure]:
    """Replay one folder with whatever understands it.

    Args:
        vectors: The folder.
        replays: By folder name, or by the name of a key file that such folders hold.

    Raises:
        UsageError: The folder is damaged.
    """
    replay = replay_for(vectors, replays)
    assert replay is not None, "asked for only where replay_for has an answer"
    try:
        with torch.inference_mode():
            yield from replay(vectors)
    except (*_UNREADABLE, CheckpointError) as error:
        raise UsageError(
            f"{vectors.folder}: these vectors cannot be replayed: {error!r}",
            remedy="fetch them again; see docs/reference/gpt-sovits.md for their layout",
        ) from error


def replay_for(vectors: Vectors, replays: Mapping[str, Replay]) -> Replay | None:
    """Find what understands a folder; None when nothing does."""
    if not vectors.has_file("io.npz"):
        return None
    if vectors.name in replays:
        return replays[vectors.name]
    return next((replays[file] for file in replays if vectors.has_file(file)), None)


def relative_error(actual: Tensor, expected: Tensor) -> float:
    """Give the largest difference as a share of the largest value; infinite for other shapes."""
    if actual.shape != expected.shape or not expected.numel():
        return float("inf")
    actual, expected = actual.double().cpu(), expected.double().cpu()
    largest = float(expected.abs().max()) or 1.0
    worst = float((actual - expected).abs().max()) / largest
    return worst if worst == worst else float("inf")  # noqa: PLR0124 - NaN differs from itself


def read_json(path: Path) -> Any:  # noqa: ANN401 - any document
    """Read a JSON file of a reasonable size.

    Raises:
        ValueError: It is too large, or not JSON.
        OSError: It cannot be read.
    """
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise ValueError(f"{path}: larger than {_MAX_JSON_BYTES} bytes")
    return orjson.loads(path.read_bytes())

"""Replaying recorded vectors: does this machine compute what the reference implementation computed?

A folder of vectors holds, per network, its keys, its configuration, inputs and outputs; the weights
come from the formula. Whatever folder is found is replayed; what is not understood is named.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import torch

from voicepipe.errors import CheckpointError, UsageError
from voicepipe.formula_models.weights import TensorRow, formula_state
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.stage import WEIGHT_TYPES

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from torch import Tensor

BARS: Mapping[Precision, float] = {
    Precision.FLOAT32: 1e-4,
    Precision.FLOAT16: 3e-2,
    Precision.BFLOAT16: 2e-1,
}
"""Largest error, of an array's largest absolute value."""
MAX_JSON_BYTES = 16 << 20
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
        precision: In which numbers; recordings are in float32, so others are held to less.
    """

    def __init__(self, folder: Path, device: str, precision: Precision = Precision.FLOAT32) -> None:
        self.folder = folder
        self.name = folder.name
        self.device = device
        self.precision = precision
        self._arrays: Mapping[str, Tensor] | None = None

    @property
    def crops(self) -> Mapping[str, tuple[slice, ...]]:
        """How recorded outputs were thinned, by their names; none are in a folder of vectors."""
        return {}

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

    def holds(self, *names: str) -> bool:
        """Tell whether every one of some arrays was recorded."""
        return all(name in self.arrays for name in names)

    def autocast(self) -> AbstractContextManager[None]:
        """Let products and convolutions of float32 weights take half the digits, if asked for."""
        dtype = WEIGHT_TYPES.get(self.precision)
        if dtype is None:
            return nullcontext()
        return torch.autocast(torch.device(self.device).type, dtype=dtype)

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

    def error(
        self, what: str, actual: Tensor, recorded: str | Tensor, bar: float | None = None
    ) -> Measure:
        """Compare an output with the recorded one.

        Args:
            what: Words for it.
            actual: What was computed here.
            recorded: The array's name, or what follows from it.
            bar: Largest error that is allowed; None: what the precision allows.
        """
        if isinstance(recorded, str):
            actual = actual[self.crops[recorded]] if recorded in self.crops else actual
            recorded = self.arrays[recorded]
        found = relative_error(actual, recorded)
        allowed = BARS[self.precision] if bar is None else bar
        return Measure(folder=self.name, what=what, found=found, bar=allowed)

    def equal(self, what: str, actual: Tensor, expected: Tensor) -> Measure:
        """Compare ids with the recorded ones, one by one."""
        mine, theirs = actual.flatten().cpu(), expected.flatten().cpu()
        same = 0.0
        if mine.shape == theirs.shape and len(theirs):
            same = float((mine == theirs).double().mean())
        # With fewer digits a close choice falls otherwise, and all that follows with it.
        bar = 1.0 if self.precision is Precision.FLOAT32 else 0.0
        return Measure(folder=self.name, what=what, found=same, bar=bar, is_share=True)


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
    if path.stat().st_size > MAX_JSON_BYTES:
        raise ValueError(f"{path}: larger than {MAX_JSON_BYTES} bytes")
    return orjson.loads(path.read_bytes())

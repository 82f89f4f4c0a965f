"""A part of the vectors that is small enough for version control, read as folders of vectors are.

One file an array archive, `<folder>.npz`, and `documents.json.gz` with every JSON file, how outputs
were thinned (`crops`: folder → array → slices) and which arrays equal another folder's (`shared`).
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import torch

from voicepipe.errors import UsageError
from voicepipe.model.precision import Precision
from voicepipe.parity.replay import MAX_JSON_BYTES, Vectors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

DOCUMENTS_NAME = "documents.json.gz"
_ARRAYS_SUFFIX = ".npz"


class Subset:
    """A committed part of the vectors.

    Args:
        folder: With `documents.json.gz` and the archives.

    Raises:
        UsageError: It is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            with gzip.open(folder / DOCUMENTS_NAME) as stream:
                content = stream.read(MAX_JSON_BYTES + 1)
            # What is longer is cut, and no JSON any more.
            found: dict[str, Any] = orjson.loads(content[:MAX_JSON_BYTES])
            self.documents: Mapping[str, Any] = found["documents"]
            self.crops: Mapping[str, Mapping[str, str]] = found["crops"]
            self._shared: Mapping[str, Mapping[str, str]] = found["shared"]
        except (OSError, EOFError, ValueError, KeyError) as error:
            raise UsageError(
                f"{folder / DOCUMENTS_NAME}: not a part of recorded vectors: {error}",
                remedy="fetch it again",
            ) from error

    @property
    def names(self) -> tuple[str, ...]:
        """The folders of which arrays are kept."""
        kept = sorted(path.stem for path in self.folder.glob(f"*{_ARRAYS_SUFFIX}"))
        return tuple(name for name in kept if self.documents_of(name))

    def documents_of(self, name: str) -> dict[str, Any]:
        """The JSON files of one folder, by their names there."""
        prefix = f"{name}/"
        return {
            path.removeprefix(prefix): content
            for path, content in self.documents.items()
            if path.startswith(prefix)
        }

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """What is kept of one folder's arrays."""
        found: dict[str, NDArray[Any]] = {}
        archive = self.folder / f"{name}{_ARRAYS_SUFFIX}"
        if archive.is_file():
            with np.load(archive) as arrays:
                found = dict(arrays)
        for array, elsewhere in self._shared.get(name, {}).items():
            found[array] = self.arrays(elsewhere)[array]
        return found


class SubsetVectors(Vectors):
    """One folder of a part, in the form replays take.

    Args:
        subset: Where it is.
        name: Of the folder.
        device: Where to replay.
        precision: In which numbers.
    """

    def __init__(
        self, subset: Subset, name: str, device: str, precision: Precision = Precision.FLOAT32
    ) -> None:
        super().__init__(subset.folder / name, device, precision)
        self._documents = subset.documents_of(name)
        self._crops = {array: crop_of(crop) for array, crop in subset.crops.get(name, {}).items()}
        self._subset = subset

    @property
    def arrays(self) -> Mapping[str, Tensor]:
        """Every kept array, on the CPU."""
        if self._arrays is None:
            kept = self._subset.arrays(self.name)
            self._arrays = {name: torch.from_numpy(array) for name, array in kept.items()}
        return self._arrays

    @property
    def crops(self) -> Mapping[str, tuple[slice, ...]]:
        """How outputs were thinned, by their names."""
        return self._crops

    def has_file(self, name: str) -> bool:
        """Tell whether the folder was recorded with a file."""
        return name == "io.npz" or name in self._documents

    def json(self, name: str) -> Any:  # noqa: ANN401 - any document
        """Give a recorded JSON file."""
        return self._documents[name]


def crop_of(text: str) -> tuple[slice, ...]:
    """Read slices as they are written: `:,::8`."""
    axes = [part.split(":") for part in text.split(",")]
    return tuple(slice(*(int(n) if n else None for n in axis)) for axis in axes)

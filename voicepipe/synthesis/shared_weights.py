"""Weights as they are laid out, in memory that all processes of a machine share.

A process lays its weights out, looks whether a file of the user's cache folder holds the very same
bytes, maps it, and lets go of its own. The first one writes that file. Nothing in it is trusted:
every byte is compared with what was just laid out. Files can be deleted at any time; `MOST_BYTES`
are kept at most, and those used last stay.

What is mapped is never written to: a change would stay with the process that makes it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from voicepipe.hashing import sha256_of_json
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from voicepipe.hashing import Json

FOLDER_NAME: Final = "weights"
MOST_BYTES: Final = 4 << 30
LEAST_BYTES: Final = 8 << 20
"""Fewer are not worth a file."""
_ALIGNED: Final = 64
_SUFFIX: Final = ".weights"


class _Place(NamedTuple):
    """A tensor, and where it lies in the file."""

    tensor: Tensor
    others: list[Tensor]
    """With the same memory."""
    offset: int
    n_bytes: int


def share_weights(key: Sequence[str], tensors: Iterable[Tensor]) -> int:
    """Let other processes have the memory of tensors as well.

    Args:
        key: What the tensors were made from, and how.
        tensors: On a CPU; they stay the same objects, in other memory. Nobody writes to them.

    Returns:
        Bytes that are shared now; 0 where there are too few of them, or the folder cannot be used.
    """
    places = list(_placed(tensors))
    n_bytes = places[-1].offset + places[-1].n_bytes if places else 0
    if n_bytes < LEAST_BYTES:
        return 0
    shapes: list[Json] = [[str(p.tensor.dtype), *p.tensor.shape] for p in places]
    name = sha256_of_json({"key": [*key], "shapes": shapes})[:32]
    path = cache_folder() / FOLDER_NAME / f"{name}{_SUFFIX}"
    with contextlib.suppress(OSError):
        if not _adopt(path, places, n_bytes):
            _write(path, places, n_bytes)
            if not _adopt(path, places, n_bytes):
                return 0
        _prune(path)
        return n_bytes
    return 0


def _placed(tensors: Iterable[Tensor]) -> Iterator[_Place]:
    """Lay tensors that lie in one piece end to end, each once."""
    end = 0
    same: dict[tuple[int, torch.Size], list[Tensor]] = {}
    for tensor in tensors:
        if tensor.numel() and tensor.numel() == _span(tensor):
            same.setdefault((tensor.data_ptr(), tensor.shape), []).append(tensor)
    for first, *others in same.values():
        offset = -(-end // _ALIGNED) * _ALIGNED
        end = offset + first.numel() * first.itemsize
        yield _Place(first, others, offset, end - offset)


def _span(tensor: Tensor) -> int:
    """Count the numbers from a tensor's first to its last in memory."""
    sides = zip(tensor.shape, tensor.stride(), strict=True)
    return 1 + sum((size - 1) * stride for size, stride in sides)


def _bytes_of(tensor: Tensor) -> Tensor:
    flat = tensor.detach().as_strided((tensor.numel(),), (1,))
    return flat.view(torch.uint8)


def _adopt(path: Path, places: Sequence[_Place], n_bytes: int) -> bool:
    """Map a file and move tensors there, if it holds what they hold."""
    if not path.is_file() or path.stat().st_size != n_bytes:
        return False
    # Private to the process should it ever be written to, and one memory with all until then.
    mapped = torch.from_numpy(np.memmap(path, dtype=np.uint8, mode="c"))
    parts = [mapped[place.offset : place.offset + place.n_bytes] for place in places]
    if not all(
        torch.equal(part, _bytes_of(place.tensor))
        for part, place in zip(parts, places, strict=True)
    ):
        return False
    for part, place in zip(parts, places, strict=True):
        for tensor in (place.tensor, *place.others):
            numbers = part.view(tensor.dtype)
            start = numbers.storage_offset()
            tensor.data = numbers.as_strided(tensor.shape, tensor.stride(), start)
    os.utime(path)
    return True


def _write(path: Path, places: Sequence[_Place], n_bytes: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        with aside.open("xb") as stream:
            for place in places:
                stream.seek(place.offset)
                stream.write(_bytes_of(place.tensor).numpy().data)
            stream.truncate(n_bytes)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _prune(used: Path) -> None:
    """Delete what was not used for longest; whoever has it mapped keeps it."""
    found = [(p.stat().st_mtime, p.stat().st_size, p) for p in used.parent.glob(f"*{_SUFFIX}")]
    total = 0
    for _, n_bytes, path in sorted(found, reverse=True):
        total += n_bytes
        if total > MOST_BYTES and path != used:
            path.unlink(missing_ok=True)

"""RIFF containers: chunks in, bytes out, and back.

Knows sizes and padding; knows nothing of what a chunk means.

Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEADER = struct.Struct("<4sI")
_LARGEST = 0xFFFF_FFFF
_STREAMED = (0, _LARGEST)
"""Sizes a program writes when it could not come back to fill them in."""
MAX_CHUNKS = 1_000
_MOST_HEADS = 64
_SHAPE = struct.Struct("<HHIIHH")
"""Kind, channels, frames a second, bytes a second, bytes a frame, bits a sample."""
_PLAIN = frozenset({1, 3})
"""Whole numbers, and floating point."""


class RiffError(ValueError):
    """The bytes are not a whole RIFF WAVE file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A named stretch of bytes."""

    id: bytes
    """Four ASCII characters."""
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPlace:
    """Where a chunk's payload lies in a file."""

    id: bytes
    start: int
    size: int


def write_chunk(chunk: Chunk) -> bytes:
    """Write one chunk: id, size, payload, and a zero byte when the size is odd.

    Raises:
        RiffError: The payload does not fit a 32-bit size.
    """
    assert len(chunk.id) == 4
    if len(chunk.payload) >= _LARGEST:
        raise RiffError(f"a RIFF chunk holds less than 4 GiB, not {len(chunk.payload)} bytes")
    padding = b"\0" * (len(chunk.payload) % 2)
    return _HEADER.pack(chunk.id, len(chunk.payload)) + chunk.payload + padding


def write_wave(chunks: Iterable[Chunk]) -> bytes:
    """Write a RIFF WAVE file of these chunks, in this order.

    Raises:
        RiffError: The file would pass 4 GiB.
    """
    body = b"WAVE" + b"".join(write_chunk(chunk) for chunk in chunks)
    return write_chunk(Chunk(id=b"RIFF", payload=body))


def is_wave(content: bytes) -> bool:
    """Tell whether the bytes begin as a RIFF WAVE file does."""
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def has_odd_chunk(head: bytes) -> bool:
    """Tell whether a chunk before the sound has an odd length, which some readers stumble over.

    Args:
        head: Bytes from the beginning of a WAVE file.
    """
    at = 12
    while is_wave(head) and at + _HEADER.size <= len(head):
        name, size = _HEADER.unpack_from(head, at)
        if name == b"data":
            return False
        if size % 2:
            return True
        at += _HEADER.size + size
    return False


def plain_duration_s(stream: BinaryIO) -> float | None:
    """Read how long a WAVE file of plain samples is, from the heads of its chunks.

    Args:
        stream: At the file's beginning.

    Returns:
        None for anything but whole PCM or float samples that are all there.
    """
    if not is_wave(stream.read(12)):
        return None
    end = stream.seek(0, 2)
    at, shape = 12, b""
    for _ in range(_MOST_HEADS):
        stream.seek(at)
        head = stream.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return None
        chunk_id, size = _HEADER.unpack(head)
        at += _HEADER.size
        if chunk_id == b"fmt ":
            shape = stream.read(min(size, _SHAPE.size))
        elif chunk_id == b"data":
            return _duration_s(shape, size) if 0 < size <= end - at else None
        at += size + size % 2
    return None


def _duration_s(shape: bytes, n_bytes: int) -> float | None:
    if len(shape) < _SHAPE.size:
        return None
    kind, channels, rate, _, frame_bytes, bits = _SHAPE.unpack(shape)
    is_plain = kind in _PLAIN and frame_bytes == channels * bits // 8 and bits % 8 == 0
    if not is_plain or not rate or not frame_bytes or n_bytes % frame_bytes:
        return None
    return float((n_bytes // frame_bytes) / rate)


def find_chunks(content: bytes) -> tuple[ChunkPlace, ...]:
    """List the chunks of a RIFF WAVE file in file order.

    A missing padding byte at the end and bytes after the RIFF chunk are let pass, as every
    reader does; a data chunk of unknown length (streamed files) runs to the end of the file.

    Raises:
        RiffError: Not a WAVE file, cut short, or made of absurdly many chunks.
    """
    if not is_wave(content):
        raise RiffError("it does not begin as a RIFF WAVE file")
    places: list[ChunkPlace] = []
    at = 12
    while at + _HEADER.size <= len(content) and len(places) < MAX_CHUNKS:
        chunk_id, size = _HEADER.unpack_from(content, at)
        start = at + _HEADER.size
        rest = len(content) - start
        if chunk_id == b"data" and size in _STREAMED and rest:
            size = rest if size else _length_of_empty_data(content, start)
        if size > rest:
            if places and at >= _declared_end(content):
                break  # bytes after the RIFF chunk are not ours to judge
            raise RiffError(
                f"its {_shown(chunk_id)} chunk declares {size} bytes but only {rest} are left"
            )
        places.append(ChunkPlace(id=chunk_id, start=start, size=size))
        at = start + size + size % 2
    if len(places) == MAX_CHUNKS:
        raise RiffError(f"it holds more than {MAX_CHUNKS} chunks")
    return tuple(places)


def with_chunk(content: bytes, chunk: Chunk, *, after: bytes) -> bytes:
    """Put a chunk behind another; one of the same name that is there gives way.

    Args:
        content: A whole WAVE file.
        chunk: To be put in.
        after: Id of the chunk it stands behind.

    Raises:
        RiffError: As `find_chunks`.
    """
    chunks: list[Chunk] = []
    for place in find_chunks(content):
        if place.id != chunk.id:
            payload = content[place.start : place.start + place.size]
            chunks.append(Chunk(id=place.id, payload=payload))
        if place.id == after:
            chunks.append(chunk)
    return write_wave(chunks)


def read_chunk(content: bytes, chunk_id: bytes) -> bytes | None:
    """Give the payload of the first chunk with this id, or None.

    Raises:
        RiffError: As `find_chunks`.
    """
    for place in find_chunks(content):
        if place.id == chunk_id:
            return content[place.start : place.start + place.size]
    return None


def _length_of_empty_data(content: bytes, start: int) -> int:
    # Zero is either an empty clip (then the RIFF size agrees) or a header never filled in.
    return 0 if _declared_end(content) > start else len(content) - start


def _declared_end(content: bytes) -> int:
    (size,) = struct.unpack_from("<I", content, 4)
    return 8 + int(size)


def _shown(chunk_id: bytes) -> str:
    return repr(chunk_id.decode("latin-1"))

"""Stretches of a file that go into another one as they are, without being held in memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_AT_ONCE: Final = 1 << 20
"""Bytes that are held."""


class FileStretch:
    """Bytes of an open file.

    Args:
        stream: Open as long as this is used.
        begin: Of the first byte.
        end: Behind the last.
    """

    def __init__(self, stream: BinaryIO, begin: int, end: int) -> None:
        self._stream, self._begin, self._end = stream, begin, end

    def __len__(self) -> int:
        return self._end - self._begin

    def chunks(self) -> Iterator[bytes]:
        """Read it, some at a time.

        Raises:
            OSError: The file cannot be read, or ends before.
        """
        self._stream.seek(self._begin)
        left = len(self)
        while left:
            chunk = self._stream.read(min(left, _AT_ONCE))
            if not chunk:
                raise _cut_short(self._stream)
            left -= len(chunk)
            yield chunk

    def write_to(self, target: BinaryIO) -> None:
        """Append it to a file, within the system where that can.

        Raises:
            OSError: A file refuses, or this one ends before.
        """
        n_copied = 0
        if hasattr(os, "copy_file_range"):
            target.flush()
            n_copied = self._copied_to(target)
        if n_copied < len(self):
            rest = FileStretch(self._stream, self._begin + n_copied, self._end)
            target.writelines(rest.chunks())

    def _copied_to(self, target: BinaryIO) -> int:
        """Let the system copy; returns how much it did."""
        source, place = self._stream.fileno(), self._begin
        while place < self._end:
            try:
                n_copied = os.copy_file_range(
                    source, target.fileno(), self._end - place, offset_src=place
                )
            except OSError:
                break  # these disks cannot, or one is full: writing says which
            if not n_copied:
                raise _cut_short(self._stream)
            place += n_copied
        target.seek(0, os.SEEK_END)
        return place - self._begin


Piece = bytes | FileStretch
"""Of a file that is written."""


def chunks_of(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Read pieces, one after the other."""
    for piece in pieces:
        if isinstance(piece, FileStretch):
            yield from piece.chunks()
        else:
            yield piece


def _cut_short(stream: BinaryIO) -> OSError:
    return OSError(f"{stream.name}: it was cut short while it was read")

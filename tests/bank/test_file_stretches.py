"""Stretches of a file are copied as they are, whoever copies."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from voicepipe.bank import file_stretches
from voicepipe.bank.file_stretches import FileStretch, Piece, chunks_of
from voicepipe.bank.files import write_file

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 20


def refuse(*_: object, **__: object) -> int:
    raise OSError(errno.EXDEV, "another disk")


def copy_a_little(source: int, target: int, count: int, offset_src: int) -> int:
    if offset_src > 1000:
        raise OSError(errno.EINVAL, "enough")
    return os.write(target, os.pread(source, min(count, 100), offset_src))


@pytest.mark.parametrize("copying", ["the system", "refusing", "a little", "nobody"])
def test_pieces_are_written_in_their_order(
    copying: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_stretches, "_AT_ONCE", 7)
    if copying == "refusing":
        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    if copying == "a little":
        monkeypatch.setattr(os, "copy_file_range", copy_a_little, raising=False)
    if copying == "nobody":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    (tmp_path / "old").write_bytes(CONTENT)
    with (tmp_path / "old").open("rb") as stream:
        pieces: list[Piece] = [
            b"first ",
            FileStretch(stream, 900, 2100),
            b" then ",
            FileStretch(stream, 3, 3),
            FileStretch(stream, 5000, 5120),
            b" last",
        ]
        whole = b"first " + CONTENT[900:2100] + b" then " + CONTENT[5000:] + b" last"
        assert sum(map(len, pieces)) == len(whole)
        assert b"".join(chunks_of(pieces)) == whole
        write_file(tmp_path / "new", pieces)
        assert b"".join(chunks_of(pieces)) == whole
    assert (tmp_path / "new").read_bytes() == whole


@pytest.mark.parametrize("copying", ["the system", "nobody"])
def test_a_file_that_ends_before_is_no_piece(
    copying: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if copying == "nobody":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    (tmp_path / "old").write_bytes(CONTENT)
    with (tmp_path / "old").open("rb") as stream:
        piece = FileStretch(stream, 5000, 5121)
        with pytest.raises(OSError, match="cut short"):
            b"".join(piece.chunks())
        with pytest.raises(OSError, match="cut short"):
            write_file(tmp_path / "new", [piece])

"""What a WAV file says of itself, without decoding it: for comparing it with what was written down.

Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991).
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import IO, Final

from voicepipe.audio.riff import MAX_CHUNKS, RiffError, is_wave

_HEAD_BYTES: Final = 12
_CHUNK: Final = struct.Struct("<4sI")
_FORMAT: Final = struct.Struct("<HHIIHH")
_MOST_OFF_S: Final = 0.001
"""Between a length in samples and one written down in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFacts:
    """Of a whole, uncompressed WAV file."""

    channels: int
    sample_rate: int
    bit_depth: int
    n_frames: int

    @property
    def duration_s(self) -> float:
        """How long it sounds."""
        return self.n_frames / self.sample_rate


def read_wave_facts(stream: IO[bytes]) -> WaveFacts:
    """Read the head of a WAV file.

    Args:
        stream: The file from its beginning, open for reading and seeking.

    Raises:
        RiffError: It is no whole WAV file.
        OSError: It cannot be read.
    """
    if not is_wave(stream.read(_HEAD_BYTES)):
        raise RiffError("it does not begin as a RIFF WAVE file")
    n_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(_HEAD_BYTES)
    form: tuple[int, int, int] | None = None
    for _ in range(MAX_CHUNKS):
        head = stream.read(_CHUNK.size)
        if len(head) < _CHUNK.size:
            break
        name, size = _CHUNK.unpack(head)
        start = stream.tell()
        if start + size > n_bytes:
            raise RiffError(f"{size} bytes are declared where {n_bytes - start} are left")
        if name == b"fmt ":
            form = _form_of(stream.read(min(size, _FORMAT.size)))
        elif name == b"data" and form is not None:
            channels, rate, bits = form
            n_frames = size // (channels * bits // 8)
            return WaveFacts(channels=channels, sample_rate=rate, bit_depth=bits, n_frames=n_frames)
        stream.seek(start + size + size % 2)
    raise RiffError("it holds no sound")


def _form_of(content: bytes) -> tuple[int, int, int]:
    if len(content) < _FORMAT.size:
        raise RiffError("its format is cut short")
    _, channels, rate, _, _, bits = _FORMAT.unpack(content)
    if not (channels and rate and bits and bits % 8 == 0):
        raise RiffError(f"{channels} channels, {rate} Hz and {bits} bits are no format of sound")
    return channels, rate, bits


def wave_fault(stream: IO[bytes], *, sample_rate: int, bit_depth: int, duration_s: float) -> str:
    """Compare a file with what is written down about it.

    Returns:
        What is wrong, for a person; empty for a mono WAV file of just this form and length.

    Raises:
        OSError: It cannot be read.
    """
    try:
        facts = read_wave_facts(stream)
    except RiffError as error:
        return f"it is no whole WAV file: {error}"
    said = (1, sample_rate, bit_depth)
    if (facts.channels, facts.sample_rate, facts.bit_depth) != said:
        return (
            f"it has {facts.channels} channels of {facts.sample_rate} Hz and {facts.bit_depth}"
            f" bits instead of 1 of {sample_rate} Hz and {bit_depth} bits"
        )
    if abs(facts.duration_s - duration_s) > _MOST_OFF_S:
        return f"it sounds for {facts.duration_s:.3f} s instead of {duration_s:.3f} s"
    return ""

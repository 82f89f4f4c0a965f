"""A clip as the bytes of a WAV file."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from voicepipe.audio.post_settings import FLOAT_BITS
from voicepipe.audio.quantize import pcm_bytes
from voicepipe.audio.riff import Chunk, write_wave
from voicepipe.audio.tags import metadata_chunks

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.metadata import ClipMetadata

_PCM, _IEEE_FLOAT = 1, 3  # WAVE format tags


def encode_wav(
    clip: AudioClip,
    *,
    bit_depth: int,
    metadata: ClipMetadata | None = None,
    dither_seed: int | None = None,
) -> bytes:
    """Write a mono WAV; same arguments, same bytes.

    Args:
        clip: Finite samples.
        bit_depth: 16 or 24 (PCM), 32 (float: every bit of the samples is kept, as takes need).
        metadata: Written before the sound, where every reader finds it.
        dither_seed: For PCM; None rounds without dither.

    Raises:
        RiffError: The clip passes 4 GiB.
    """
    chunks = [_format(clip.sample_rate, bit_depth)]
    if bit_depth == FLOAT_BITS:
        chunks.append(Chunk(id=b"fact", payload=struct.pack("<I", clip.n_samples)))
    if metadata is not None:
        chunks += metadata_chunks(metadata, sample_rate=clip.sample_rate, bit_depth=bit_depth)
    data = pcm_bytes(clip.samples, bit_depth, dither_seed=dither_seed)
    return write_wave([*chunks, Chunk(id=b"data", payload=data)])


def _format(sample_rate: int, bit_depth: int) -> Chunk:
    frame = bit_depth // 8
    tag = _IEEE_FLOAT if bit_depth == FLOAT_BITS else _PCM
    fields = (tag, 1, sample_rate, sample_rate * frame, frame, bit_depth)
    payload = struct.pack("<HHIIHH", *fields)
    # Formats other than PCM carry the (empty) size of an extension.
    return Chunk(id=b"fmt ", payload=payload + (b"\0\0" if tag == _IEEE_FLOAT else b""))

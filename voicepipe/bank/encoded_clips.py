"""Clips in other encodings, made once: objects of the store that leave it with their clip.

An encoded clip is an annotation of the clip. Its key holds the clip key, the encoding's name, and
the beginning of the hash of the WAV it was made from, so that a clip whose bytes are made again
otherwise is also encoded again. It is collected, shared and purged like any annotation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.audio.encodings import Form, encode, read_encoded_metadata
from voicepipe.bank.annotations import annotation_key
from voicepipe.bank.layout import OBJECT_SUFFIX
from voicepipe.bank.records import AnnotationRecord
from voicepipe.clock import utc_now
from voicepipe.hashing import sha256_of_bytes
from voicepipe.labels.credentials import MIME_TYPES, sign
from voicepipe.labels.plan import WATERMARK

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.audio.encodings import Encoding
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.take_store import TakeStore
    from voicepipe.labels.plan import Signer

ENCODED: Final = "encoded"
"""The analyser's name under which encoded clips are kept."""
_HASH_DIGITS: Final = 10
_SIGNER_DIGITS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedClip:
    """An object of the store that holds a clip in some encoding."""

    object_id: str
    """sha256 of the file."""
    suffix: str
    """`.ogg`, `.wav` …"""
    path: Path
    """Read-only: copied, never linked into a folder where an audio tool may save."""
    is_new: bool
    """Whether it was encoded just now."""


def encoded_clip(
    take_store: TakeStore, entry: ManifestEntry, encoding: Encoding, *, signer: Signer | None = None
) -> EncodedClip:
    """Give a published clip in another encoding, encoding it when that was never done.

    Any number of processes may do so at once. What a plain WAV asks for is the clip itself.

    Args:
        take_store: Of the output folder the clip lies in.
        entry: The clip, as its version's manifest has it.
        encoding: How.
        signer: Whose signature files of forms that can hold credentials carry; None: none.

    Raises:
        CorruptObject: The clip is missing from the store, or damaged.
        EnvironmentFault: It cannot be encoded or signed here, or not be stored.
    """
    if _is_as_stored(entry, encoding):
        return _encoded(take_store, entry.sha256, OBJECT_SUFFIX, is_new=False)
    revision = f"{encoding.name}-{entry.sha256[:_HASH_DIGITS]}"
    if encoding.form.suffix not in MIME_TYPES:
        signer = None
    if signer is not None:
        revision += f"-{signer.fingerprint[:_SIGNER_DIGITS]}"
    key = annotation_key(entry.clip_key, ENCODED, revision)
    known = take_store.annotations.get(key)
    if known is not None and take_store.objects.has(known.object_id, known.object_suffix):
        return _encoded(take_store, known.object_id, known.object_suffix, is_new=False)
    name = f"{entry.line} ({entry.language})"
    wav = take_store.objects.read(entry.sha256)
    content = encode(wav, encoding, key=entry.clip_key, name=name)
    metadata = None if signer is None else read_encoded_metadata(content)
    if signer is not None and metadata is not None:
        is_marked = entry.watermark == WATERMARK
        content = sign(content, encoding.form.suffix, metadata, signer, is_marked=is_marked)
    record = AnnotationRecord(
        key=key,
        subject=entry.clip_key,
        analyser=ENCODED,
        revision=revision,
        voice=entry.voice,
        object_id=sha256_of_bytes(content),
        object_suffix=encoding.form.suffix,
        created=utc_now(),
    )
    stored = take_store.annotate(record, content)
    return _encoded(take_store, stored.object_id, stored.object_suffix, is_new=True)


def _is_as_stored(entry: ManifestEntry, encoding: Encoding) -> bool:
    return (
        encoding.form is Form.WAV
        and encoding.sample_rate in (None, entry.sample_rate)
        and encoding.bit_depth in (None, entry.bit_depth)
    )


def _encoded(take_store: TakeStore, object_id: str, suffix: str, *, is_new: bool) -> EncodedClip:
    path = take_store.objects.path(object_id, suffix)
    return EncodedClip(object_id=object_id, suffix=suffix, path=path, is_new=is_new)

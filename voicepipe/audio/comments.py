"""What a compressed clip says about its own making: named texts, and the Vorbis comment block.

The same facts that a WAV carries (`metadata`), under the names that players show where there is
one, and every fact by its own name besides. Ogg and FLAC files hold them in one block of bytes
(this module), MP3 files in ID3 frames (`id3`).

Source: Ogg Vorbis I specification, section 5 (comment field and header).
"""

from __future__ import annotations

import struct
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Final

from voicepipe.audio.metadata import STATEMENTS, ClipMetadata

if TYPE_CHECKING:
    from collections.abc import Mapping

FACT_PREFIX: Final = "VOICEPIPE_"
"""Before the name of every fact of `ClipMetadata`."""
MOST_COMMENTS: Final = 1_000
_LENGTH: Final = struct.Struct("<I")


class CommentError(ValueError):
    """Bytes that are no comment block."""


def comments_of(metadata: ClipMetadata) -> dict[str, str]:
    """Lay the facts out under names, empty ones left out."""
    clean = metadata.writable()
    shown = {
        "TITLE": clean.line,
        "ARTIST": clean.voice,
        "GENRE": "Speech",
        "LANGUAGE": clean.language,
        "COMMENT": clean.statement,
        "DESCRIPTION": clean.text,
    }
    facts = {f"{FACT_PREFIX}{name.upper()}": value for name, value in asdict(clean).items()}
    return {name: value for name, value in (shown | facts).items() if value}


def metadata_in(comments: Mapping[str, str]) -> ClipMetadata | None:
    """Read the facts back.

    Returns:
        None when the file carries none of ours.
    """
    facts = {
        field.name: comments.get(f"{FACT_PREFIX}{field.name.upper()}", "")
        for field in fields(ClipMetadata)
    }
    if facts["source"] not in STATEMENTS:
        return None
    return ClipMetadata(**facts)


def write_comments(vendor: bytes, comments: Mapping[str, str]) -> bytes:
    """Write a comment block, without the framing that Vorbis puts around it."""
    entries = [f"{name}={value}".encode() for name, value in comments.items()]
    parts = [_LENGTH.pack(len(vendor)), vendor, _LENGTH.pack(len(entries))]
    for entry in entries:
        parts += [_LENGTH.pack(len(entry)), entry]
    return b"".join(parts)


def read_comments(block: bytes) -> tuple[bytes, dict[str, str]]:
    """Read a comment block.

    Returns:
        The encoder's own name, and the comments by upper-case name; of two of one name the first.

    Raises:
        CommentError: It is none, or holds more than `MOST_COMMENTS`.
    """
    vendor, at = _text(block, 0)
    count, at = _number(block, at)
    if count > MOST_COMMENTS:
        raise CommentError(f"{count} comments are declared, the limit is {MOST_COMMENTS}")
    comments: dict[str, str] = {}
    for _ in range(count):
        entry, at = _text(block, at)
        name, _, value = entry.decode("utf-8", "replace").partition("=")
        comments.setdefault(name.upper(), value)
    return vendor, comments


def _number(block: bytes, at: int) -> tuple[int, int]:
    if at + _LENGTH.size > len(block):
        raise CommentError("a comment block is cut short")
    return int(_LENGTH.unpack_from(block, at)[0]), at + _LENGTH.size


def _text(block: bytes, at: int) -> tuple[bytes, int]:
    size, at = _number(block, at)
    if at + size > len(block):
        raise CommentError("a comment block is cut short")
    return block[at : at + size], at + size

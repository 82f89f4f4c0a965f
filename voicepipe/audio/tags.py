"""Metadata as WAV chunks: `LIST/INFO`, `bext` and `iXML`, written and read back.

Three, because each kind of tool reads one: file managers and players read INFO, broadcast and
audio workstations read bext, editors and game tools read iXML, which holds every fact by name.
Text is UTF-8, as all current readers of INFO expect; bext is ASCII by its specification.

Source: EBU Tech 3285 v1 (bext), iXML specification 1.61, RIFF INFO (see `riff`).
"""

from __future__ import annotations

import struct
from dataclasses import asdict, fields
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from voicepipe.audio.metadata import STATEMENTS, ClipMetadata
from voicepipe.audio.riff import Chunk, is_wave, read_chunk, write_chunk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PROGRAM = "voicepipe"
_MAX_XML_BYTES = 1 << 20
_LONGEST_HEAD = 1 << 17
"""Bytes before the sound: every fact at its longest, in each of the three chunks."""
# Tech 3285 v1: 602 bytes before the coding history; UMID and reserved bytes are zero.
_BEXT = struct.Struct("<256s32s32s10s8sIIH64s190s")
_CHUNK_HEADER = struct.Struct("<4sI")
_FIRST_CHUNK = 12
"""Bytes before it: `RIFF`, the length, `WAVE`."""
_NO_DATE = b"0000-00-00"
_NO_TIME = b"00:00:00"


def metadata_chunks(
    metadata: ClipMetadata, *, sample_rate: int, bit_depth: int
) -> tuple[Chunk, ...]:
    """Write the facts as chunks that stand between `fmt ` and `data`.

    All are of even length: Godot 3 passes over the padding of none, and would hear nothing.
    """
    clean = metadata.writable()
    return (
        Chunk(id=b"bext", payload=_bext(clean, sample_rate=sample_rate, bit_depth=bit_depth)),
        Chunk(id=b"LIST", payload=_info(clean)),
        Chunk(id=b"iXML", payload=_ixml(clean)),
    )


def read_metadata(content: bytes) -> ClipMetadata | None:
    """Read the facts back out of a WAV's bytes.

    Returns:
        None when the file carries none of ours, or they have been damaged.

    Raises:
        RiffError: The bytes are not a whole WAVE file.
    """
    return _metadata_in(read_chunk(content, b"iXML"))


def read_metadata_of(path: Path) -> ClipMetadata | None:
    """Read the facts out of a WAV file without reading its sound.

    Returns:
        None when the chunks before the sound hold none of ours.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_LONGEST_HEAD)
    return _metadata_in(_ixml_before_sound(head))


def _ixml_before_sound(head: bytes) -> bytes | None:
    at = _FIRST_CHUNK
    while is_wave(head) and at + _CHUNK_HEADER.size <= len(head):
        name, size = _CHUNK_HEADER.unpack_from(head, at)
        start = at + _CHUNK_HEADER.size
        if name == b"data" or start + size > len(head):
            return None
        if name == b"iXML":
            return head[start : start + size]
        at = start + size + size % 2
    return None


def _metadata_in(payload: bytes | None) -> ClipMetadata | None:
    if payload is None:
        return None
    facts = _parse_ixml(payload)
    names = {field.name for field in fields(ClipMetadata)}
    if set(facts) != names or facts["source"] not in STATEMENTS:
        return None
    return ClipMetadata(**facts)


def read_info(content: bytes) -> dict[str, str]:
    """Read the entries of `LIST/INFO`, such as `INAM`; empty when there is none.

    Raises:
        RiffError: The bytes are not a whole WAVE file.
    """
    payload = read_chunk(content, b"LIST")
    if payload is None or payload[:4] != b"INFO":
        return {}
    entries: dict[str, str] = {}
    at = 4
    while at + 8 <= len(payload):
        size = int(struct.unpack_from("<I", payload, at + 4)[0])
        value = payload[at + 8 : at + 8 + size].split(b"\0", 1)[0]
        entries[payload[at : at + 4].decode("latin-1")] = value.decode("utf-8", "replace")
        at += 8 + size + size % 2
    return entries


def _info(metadata: ClipMetadata) -> bytes:
    origin = "Recorded speech" if metadata.source == "recorded" else "Synthetic speech"
    entries: Mapping[str, str] = {
        "INAM": metadata.line,
        "IART": metadata.voice,
        "ICMT": metadata.statement,
        "IGNR": origin,
        "IKEY": "; ".join(
            f"{name}={value}"
            for name, value in (
                ("speaker", metadata.speaker),
                ("source", metadata.source),
                ("engine", metadata.engine),
                ("consent", metadata.consent),
            )
            if value
        ),
        "ILNG": metadata.language,
        "ISBJ": metadata.text,
        "ISFT": _PROGRAM,
    }
    parts = [
        write_chunk(Chunk(id=name.encode(), payload=value.encode("utf-8") + b"\0"))
        for name, value in entries.items()
        if value
    ]
    return b"INFO" + b"".join(parts)


def _bext(metadata: ClipMetadata, *, sample_rate: int, bit_depth: int) -> bytes:
    description = f"{metadata.line} [{metadata.language}] {metadata.statement}"
    history = f"A=PCM,F={sample_rate},W={bit_depth},M=mono,T={_PROGRAM};{metadata.source}\r\n"
    head = _BEXT.pack(
        _ascii(description, 256),
        _ascii(_PROGRAM, 32),
        _ascii(metadata.line, 32),
        _NO_DATE,
        _NO_TIME,
        0,
        0,
        1,  # version
        b"",
        b"",
    )
    return head + _even(_ascii(history, len(history)), b"\r\n")


def _ascii(text: str, limit: int) -> bytes:
    return text.encode("ascii", "replace")[:limit]


def _ixml(metadata: ClipMetadata) -> bytes:
    facts = "".join(
        f"<{name.upper()}>{escape(value, quote=False)}</{name.upper()}>"
        for name, value in asdict(metadata).items()
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>1.61</IXML_VERSION>'
        f"<NOTE>{escape(metadata.statement, quote=False)}</NOTE>"
        "<TRACK_LIST><TRACK_COUNT>1</TRACK_COUNT><TRACK><CHANNEL_INDEX>1</CHANNEL_INDEX>"
        "<INTERLEAVE_INDEX>1</INTERLEAVE_INDEX>"
        f"<NAME>{escape(metadata.speaker, quote=False)}</NAME></TRACK></TRACK_LIST>"
        f"<VOICEPIPE>{facts}</VOICEPIPE></BWFXML>\n"
    )
    return _even(document.encode("utf-8"), b"\n")


def _even(payload: bytes, end: bytes) -> bytes:
    """Put a space before the end where that makes a length even."""
    return payload if len(payload) % 2 == 0 else payload.removesuffix(end) + b" " + end


def _parse_ixml(payload: bytes) -> dict[str, str]:
    # Declarations are how XML attacks; ours has none, and another program's is not worth the risk.
    if len(payload) > _MAX_XML_BYTES or b"<!" in payload:
        return {}
    try:
        root = ElementTree.fromstring(payload.rstrip(b"\0"))  # noqa: S314 - no DTD gets this far
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    ours = root.find("VOICEPIPE")
    return {} if ours is None else {part.tag.lower(): part.text or "" for part in ours}

"""ID3v2.4 tags in front of an MP3: text frames, written and read back.

Source: ID3 tag version 2.4.0, main structure and native frames (id3.org, 2000).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD_BYTES: Final = 10
_HAS_FOOTER: Final = 0x10
_MAGIC: Final = b"ID3\x04\x00\x00"
_UTF8: Final = b"\x03"
_FRAMES: Final = {"TITLE": b"TIT2", "ARTIST": b"TPE1", "GENRE": b"TCON"}
_USER_TEXT: Final = b"TXXX"
_COMMENT: Final = b"COMM"
_NO_LANGUAGE: Final = b"und"


def write_id3(comments: Mapping[str, str]) -> bytes:
    """Write a tag: known names as their own frames, any other as a named text (`TXXX`)."""
    body = b"".join(_frame(name, value) for name, value in comments.items())
    return _MAGIC + _synchsafe(len(body)) + body


def read_id3(content: bytes) -> dict[str, str]:
    """Read the texts of a tag at the beginning of a file; empty when there is none of ours."""
    if not content.startswith(_MAGIC) or len(content) < _HEAD_BYTES:
        return {}
    end = min(len(content), _HEAD_BYTES + _size(content[6:_HEAD_BYTES]))
    names = {frame: name for name, frame in _FRAMES.items()}
    comments: dict[str, str] = {}
    at = _HEAD_BYTES
    while at + _HEAD_BYTES <= end:
        frame, size = content[at : at + 4], _size(content[at + 4 : at + 8])
        payload = content[at + _HEAD_BYTES : min(end, at + _HEAD_BYTES + size)]
        at += _HEAD_BYTES + size
        if payload[:1] != _UTF8:
            continue
        if frame in names:
            comments[names[frame]] = payload[1:].decode("utf-8", "replace")
        elif frame == _COMMENT:
            comments["COMMENT"] = payload[4:].partition(b"\0")[2].decode("utf-8", "replace")
        elif frame == _USER_TEXT:
            name, _, value = payload[1:].decode("utf-8", "replace").partition("\0")
            comments[name] = value
    return comments


def id3_size(content: bytes) -> int:
    """Give the bytes that a tag of any version takes at the beginning of a file; 0: there is none.

    Source: ID3 tag version 2.4.0, section 3.1 (the size leaves the head and the footer out).
    """
    if not content.startswith(b"ID3") or len(content) < _HEAD_BYTES:
        return 0
    footer = _HEAD_BYTES if content[5] & _HAS_FOOTER else 0
    return _HEAD_BYTES + _size(content[6:_HEAD_BYTES]) + footer


def _frame(name: str, value: str) -> bytes:
    text = value.encode()
    if name in _FRAMES:
        frame, payload = _FRAMES[name], _UTF8 + text
    elif name == "COMMENT":
        frame, payload = _COMMENT, _UTF8 + _NO_LANGUAGE + b"\0" + text
    else:
        frame, payload = _USER_TEXT, _UTF8 + name.encode() + b"\0" + text
    return frame + _synchsafe(len(payload)) + b"\0\0" + payload


def _synchsafe(size: int) -> bytes:
    """Write 28 bits, seven to a byte."""
    assert size < 1 << 28
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _size(content: bytes) -> int:
    size = 0
    for byte in content:
        size = size << 7 | byte & 0x7F
    return size

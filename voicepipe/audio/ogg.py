"""Ogg files as pages: a serial number of our choice, and comments of our own.

libsndfile draws the serial number of a stream by chance, so the same sound gives other bytes each
time. Here pages are read, numbered anew, and summed again. One logical stream a file.

Source: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg), Vorbis I specification, section 4.2.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from voicepipe.audio.comments import CommentError, read_comments, write_comments

_HEAD: Final = struct.Struct("<4sBBqIIIB")
_MAGIC: Final = b"OggS"
_CONTINUED: Final = 0x01
_NO_PACKET_ENDS: Final = -1
_MOST_LACES: Final = 255
_FULL_LACE: Final = 255
_OPUS_TAGS: Final = b"OpusTags"
_VORBIS_COMMENT: Final = b"\x03vorbis"
_VORBIS_FRAMING: Final = b"\x01"
_REVERSED_BITS: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class OggError(ValueError):
    """Bytes that are no Ogg stream of Vorbis or Opus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    flags: int
    granule: int
    laces: bytes
    body: bytes


def write_ogg(content: bytes, *, serial: int, comments: dict[str, str]) -> bytes:
    """Give an Ogg file another serial number and other comments; the sound stays as it is.

    Args:
        content: A whole Ogg Vorbis or Opus file.
        serial: Of the stream, 32 bits.
        comments: Take the place of those it has.

    Raises:
        OggError: It is no such file.
    """
    pages = _pages(content)
    headers, n_pages = _header_packets(pages)
    begun = [pages[0], *_paged([_with_comments(headers[0], comments), *headers[1:]])]
    return b"".join(
        _page_bytes(page, serial, number) for number, page in enumerate(begun + pages[n_pages:])
    )


def read_ogg_comments(content: bytes) -> dict[str, str]:
    """Read the comments of an Ogg Vorbis or Opus file.

    Raises:
        OggError: It is no such file.
    """
    return _comments(_header_packets(_pages(content))[0][0])[1]


def _pages(content: bytes) -> list[_Page]:
    pages: list[_Page] = []
    at = 0
    while at < len(content):
        if len(content) < at + _HEAD.size:
            raise OggError("the last page is not whole")
        magic, _, flags, granule, _, _, _, n_laces = _HEAD.unpack_from(content, at)
        start = at + _HEAD.size
        laces = content[start : start + n_laces]
        body = content[start + n_laces : start + n_laces + sum(laces)]
        if magic != _MAGIC or len(laces) < n_laces or len(body) < sum(laces):
            raise OggError(f"byte {at} begins no whole page")
        pages.append(_Page(flags=flags, granule=granule, laces=laces, body=body))
        at = start + n_laces + len(body)
    if len(pages) < 2:
        raise OggError("there are no pages after the first")
    return pages


def _header_packets(pages: list[_Page]) -> tuple[list[bytes], int]:
    """Give the packets after the first (comments, and Vorbis' tables), and how many pages so far.

    Sound begins on a page of its own in both codecs.
    """
    wanted = 1 if pages[0].body.startswith(b"OpusHead") else 2
    packets: list[bytes] = []
    current = b""
    for number, page in enumerate(pages[1:], start=2):
        at = 0
        for lace in page.laces:
            current += page.body[at : at + lace]
            at += lace
            if lace < _FULL_LACE:
                packets.append(current)
                current = b""
        if len(packets) == wanted and not current:
            return packets, number
        if len(packets) >= wanted:
            break
    raise OggError("its headers are not those of Vorbis or Opus")


def _comments(packet: bytes) -> tuple[bytes, dict[str, str]]:
    for magic in (_OPUS_TAGS, _VORBIS_COMMENT):
        if packet.startswith(magic):
            try:
                return read_comments(packet[len(magic) :])
            except CommentError as error:
                raise OggError(str(error)) from error
    raise OggError("its second packet holds no comments")


def _with_comments(packet: bytes, comments: dict[str, str]) -> bytes:
    vendor, _ = _comments(packet)
    block = write_comments(vendor, comments)
    if packet.startswith(_OPUS_TAGS):
        return _OPUS_TAGS + block
    return _VORBIS_COMMENT + block + _VORBIS_FRAMING


def _paged(packets: list[bytes]) -> list[_Page]:
    """Cut packets into pages of at most 255 laces."""
    laces = b"".join(
        bytes([_FULL_LACE]) * (len(packet) // _FULL_LACE) + bytes([len(packet) % _FULL_LACE])
        for packet in packets
    )
    body = b"".join(packets)
    pages: list[_Page] = []
    at, is_continued = 0, False
    for first in range(0, len(laces), _MOST_LACES):
        some = laces[first : first + _MOST_LACES]
        size = sum(some)
        has_end = any(lace < _FULL_LACE for lace in some)
        pages.append(
            _Page(
                flags=_CONTINUED if is_continued else 0,
                granule=0 if has_end else _NO_PACKET_ENDS,
                laces=some,
                body=body[at : at + size],
            )
        )
        at += size
        is_continued = some[-1] == _FULL_LACE
    return pages


def _page_bytes(page: _Page, serial: int, number: int) -> bytes:
    head = (_MAGIC, 0, page.flags, page.granule, serial, number)
    blank = _HEAD.pack(*head, 0, len(page.laces)) + page.laces + page.body
    return _HEAD.pack(*head, _checksum(blank), len(page.laces)) + blank[_HEAD.size :]


def _checksum(content: bytes) -> int:
    """CRC-32 with the bits of each byte and of the sum the other way round than zlib's, from 0."""
    reflected = zlib.crc32(content.translate(_REVERSED_BITS), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return int(f"{reflected:032b}"[::-1], 2)

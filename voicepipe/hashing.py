"""Canonical JSON and sha256: the arithmetic of identity.

Two records are the same exactly when their canonical JSON is the same bytes.
This module knows nothing of what it hashes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Union

import orjson

from voicepipe.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Json = Union[None, bool, int, float, str, "Sequence[Json]", "Mapping[str, Json]"]

_CHUNK_BYTES = 1 << 20
SHORT_DIGITS = 12
"""Hex digits of a shortened hash: 48 bits, for telling a change, never for addressing bytes."""


def canonical_json(value: Json) -> bytes:
    """Write a value the one way that does not depend on insertion order or platform.

    Returns:
        UTF-8 bytes: keys sorted, no spaces. NaN and infinities become null.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_of_bytes(content: bytes) -> str:
    """Hash bytes; 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_pieces(pieces: Iterable[bytes]) -> str:
    """Hash bytes that come in pieces; 64 lower-case hex digits."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def sha256_of_json(value: Json) -> str:
    """Hash a value by its canonical JSON; 64 lower-case hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def short_hash(value: Json) -> str:
    """Hash a value to a short fingerprint, to tell whether an input changed."""
    return sha256_of_json(value)[:SHORT_DIGITS]


def seed_of_hash(digest: str, *, bits: int) -> int:
    """Derive a seed from a hash: the last bits of its first digits.

    Args:
        digest: 64 hex digits.
        bits: How many the seed has.
    """
    return int(digest[: -(-bits // 4)], 16) & ((1 << bits) - 1)


def sha256_of_file(path: Path) -> str:
    """Hash a file's bytes without holding them all; 64 lower-case hex digits.

    Raises:
        OSError: It cannot be read, or is no ordinary file.
    """
    digest = hashlib.sha256()
    with open_regular(path) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

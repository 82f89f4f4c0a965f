"""Where everything lies under the output folder.

Knows paths and which names are lawful; opens nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicepipe.documents.portable import RESERVED_PATTERN
from voicepipe.errors import CorruptObject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HASH_PATTERN = r"[0-9a-f]{64}"
VERSION_PATTERN = r"v[0-9]{4,9}"
BANK_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
FILE_PATTERN = r"(?:[\w+=,@-][\w .+=,@~()'-]{0,120}/){2}[\w+=,@-][\w .+=,@~()'-]{0,200}\.wav"
"""`<lang>/<scene>/<line>.wav`: no colon, backslash, leading dot, leading space or parent folder."""

_HASH = re.compile(HASH_PATTERN)
_HEX_DIGITS = b"0123456789abcdef"
_FILES = re.compile(rf"(?:{FILE_PATTERN}\n)*")
_BANK = re.compile(BANK_PATTERN)
_RESERVED = re.compile(
    rf"(?:^|/){RESERVED_PATTERN}(?:\.[^/\n]*)?(?:/|$)|[ .](?:/|$)",
    re.IGNORECASE | re.MULTILINE,
)
"""Names of devices, and names that end in a dot or a space: Windows has no such files."""

OBJECT_SUFFIX = ".wav"
"""Of takes and clips."""
KINDS_OF_OBJECT = (
    OBJECT_SUFFIX,
    ".flac",
    ".json",
    ".mp3",
    ".npz",
    ".ogg",
    ".opus",
    ".png",
    ".svg",
    ".txt",
    ".webp",
)
"""What the store keeps, told apart by its suffix; all of it addressed and verified alike."""
RECORD_SUFFIX = ".json"


def is_hash(text: str) -> bool:
    """Tell whether a text is a whole sha256 in lower-case hex."""
    return _HASH.fullmatch(text) is not None


def checked_hash(text: str) -> str:
    """Let only whole hashes become file names.

    Raises:
        CorruptObject: It is not 64 lower-case hex digits.
    """
    if not is_hash(text):
        raise CorruptObject(f'"{text[:80]}" is not a key of the store (64 hex digits)')
    return text


def are_hashes(texts: Sequence[str]) -> bool:
    """Tell whether all texts are hashes, at the speed of C loops."""
    digits = "".join(texts).encode("ascii", "replace")
    return set(map(len, texts)) <= {64} and not digits.translate(None, _HEX_DIGITS)


def hashes_among(names: Sequence[str]) -> set[str]:
    """Give those names that are hashes."""
    return set(names) if are_hashes(names) else {name for name in names if is_hash(name)}


def are_clip_files(texts: Sequence[str]) -> bool:
    """Tell whether all paths can be published as `<lang>/<scene>/<line>.wav` on every system."""
    joined = "".join([f"{text}\n" for text in texts])
    return (
        joined.count("\n") == len(texts)
        and _FILES.fullmatch(joined) is not None
        and _RESERVED.search(joined) is None
    )


def is_bank_name(text: str) -> bool:
    """Tell whether a name can be a folder on every system."""
    return _BANK.fullmatch(text) is not None and _RESERVED.search(text) is None


def objects_folder(out: Path) -> Path:
    """Content-addressed bytes."""
    return out / "objects"


def quarantine_folder(out: Path) -> Path:
    """What was found damaged, kept for a person to look at."""
    return out / "quarantine"


def work_folder(out: Path) -> Path:
    """Locks and files being written."""
    return out / "work"


def inflight_folder(out: Path) -> Path:
    """Marks of what worker processes hold at this moment."""
    return work_folder(out) / "inflight"


def bank_folder(out: Path, bank: str) -> Path:
    """The versions of one bank."""
    return out / "banks" / bank


def fan_out(folder: Path, key: str, suffix: str) -> Path:
    """Place a key in one of 256 folders.

    Raises:
        CorruptObject: The key is not a hash.
    """
    checked_hash(key)
    return folder / f"{key[:2]}/{key}{suffix}"

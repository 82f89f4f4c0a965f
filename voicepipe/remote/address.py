"""Where a shared store lies: an address that may be shown to anybody."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from voicepipe.errors import UsageError
from voicepipe.hashing import sha256_of_bytes
from voicepipe.settings_values import STORE_SCHEMES

_FORMS: Final = "s3://bucket/prefix, gs://bucket/prefix or file:///folder"
_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")
_QUERY = re.compile(r"(://[^?\s]*)\?\S*")
_PLAIN = re.compile(r"[A-Za-z0-9._ ()+=,~/:@\\-]*")
"""No wildcards: file systems of buckets would expand them."""


def redacted(text: str) -> str:
    """Take user names, passwords and queries out of every address in a text."""
    return _QUERY.sub(r"\1", _USER_INFO.sub("…@", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """One shared store. Holds no secret."""

    url: str
    scheme: str
    """One of `STORE_SCHEMES`."""
    root: str
    """What its file system calls it: `bucket/prefix`, or the folder's path."""

    @property
    def digest(self) -> str:
        """A short name for it that can be a file's."""
        return sha256_of_bytes(self.url.encode())[:16]

    @property
    def bucket(self) -> str:
        """The bucket; of a folder, the folder."""
        return self.root if self.scheme == "file" else self.root.split("/")[0]

    def __str__(self) -> str:
        return self.url


def parse_address(text: str) -> StoreAddress:
    """Read an address a person gave.

    Args:
        text: `s3://bucket/prefix`, `gs://bucket/prefix`, `file:///folder`.

    Raises:
        UsageError: Another form, or one that carries credentials: they belong in the environment,
            where no file and no log keeps them. The message does not repeat them.
    """
    shown = redacted(text)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise UsageError(f'"{shown}" is not an address', remedy=f"write {_FORMS}") from error
    if parts.scheme not in STORE_SCHEMES or "::" in text:
        raise UsageError(f'"{shown}" is not the address of a store', remedy=f"write {_FORMS}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f'the store "{shown}" is given with credentials or options in its address',
            remedy="leave them out; "
            "credentials are read from the environment (docs/how-to/cluster.md)",
        )
    root = _folder(parts.netloc, parts.path) if parts.scheme == "file" else _place(text)
    if not root or _PLAIN.fullmatch(root) is None or ".." in root.split("/"):
        raise UsageError(f'"{shown}" does not name a place', remedy=f"write {_FORMS}")
    return StoreAddress(
        url=f"{parts.scheme}://{root}" if parts.scheme != "file" else Path(root).as_uri(),
        scheme=parts.scheme,
        root=root,
    )


def _place(text: str) -> str:
    _, _, rest = text.partition("://")
    return "/".join(part for part in rest.split("/") if part)


def _folder(host: str, path: str) -> str:
    if host not in ("", "localhost"):
        return ""
    path = unquote(path)
    if os.name == "nt":
        path = path.lstrip("/")
    return str(Path(path)) if Path(path).is_absolute() else ""

"""Reading one text file of the project, and refusing what no project needs.

Knows nothing of what the text means.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from voicepipe.diagnostics import Diagnostic, SourceSpan
from voicepipe.documents.codes import (
    FORBIDDEN_CHARACTER,
    NOT_UTF8,
    OUTSIDE_PROJECT,
    TOO_LARGE,
    UNREADABLE,
)
from voicepipe.documents.findings import finding

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A hundred thousand lines in five languages are about 20 MB."""
MAX_VALUE_LENGTH: Final = 1_000_000
"""Code points in one scalar or cell."""

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
# What YAML 1.1 calls non-printable, and the line breaks that only some programs know.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BYTE_ORDER_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_SAVE_AS_UTF8: Final = 'save it as UTF-8; spreadsheets call it "CSV UTF-8"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A text file as it is, its place in the project with it."""

    path: str
    """Relative to the project root, with forward slashes."""
    text: str
    """Line ends as in the file; without the byte order mark."""
    has_bom: bool = False
    """The file starts with a UTF-8 byte order mark; keep it when the file is written again."""

    def lines(self) -> list[str]:
        """The lines without their ends: LF, CRLF and CR end a line, nothing else does."""
        return _LINE_BREAK.split(self.text)

    def span(self, line: int = 1, column: int = 1, length: int = 1) -> SourceSpan:
        """A place in this file."""
        return SourceSpan(path=self.path, line=line, column=column, length=max(1, length))


def read_source(
    root: Path, path: str, *, max_bytes: int = MAX_FILE_BYTES, at: SourceSpan | None = None
) -> tuple[SourceFile | None, tuple[Diagnostic, ...]]:
    """Read a file of the project.

    Args:
        root: The project root.
        path: Relative to the root, with forward slashes.
        max_bytes: The most the file may hold.
        at: Where the path is named, for a file some other file asks for; the file itself otherwise.

    Returns:
        The file; or None and the reason, when it is missing, lies outside the project (through a
        symbolic link too), is no ordinary file, is too large, or is not text.
    """
    place = at or SourceSpan(path=path)
    refusal = path_problem(root, path, at=place)
    if refusal is not None:
        return None, (refusal,)
    try:
        content = _read_bytes(root / path, max_bytes)
    except OSError as error:
        return None, (finding(UNREADABLE, place, f"{path}: {_reason(error)}"),)
    if content is None:
        message = f"{path} is larger than {max_bytes / 2**20:g} MiB"
        return None, (finding(TOO_LARGE, place, message, "split it, one scene a file"),)
    return decode_source(path, content)


def path_problem(root: Path, path: str, *, at: SourceSpan) -> Diagnostic | None:
    """Say why a path may not be used, when it leads out of the project.

    Args:
        root: The project root.
        path: As the user wrote it.
        at: Where the user wrote it.

    Returns:
        None for a path inside the project, whether or not anything is there.
    """
    pure = PurePosixPath(path.replace("\\", "/"))
    remedy = "keep it inside the project, and name it from the project root"
    if "\0" in path:
        return finding(OUTSIDE_PROJECT, at, "a path with a NUL byte in it", remedy)
    if pure.is_absolute() or Path(path).is_absolute() or re.match(r"[A-Za-z]:", path):
        return finding(OUTSIDE_PROJECT, at, f'"{path}" is an absolute path', remedy)
    if ".." in pure.parts:
        return finding(OUTSIDE_PROJECT, at, f'"{path}" leads upwards with ".."', remedy)
    try:
        real = (root / path).resolve()
    except (OSError, RuntimeError) as error:  # a loop of links is RuntimeError before 3.13
        return finding(UNREADABLE, at, f'"{path}" cannot be followed: {error}')
    if not real.is_relative_to(root.resolve()):
        return finding(OUTSIDE_PROJECT, at, f'"{path}" is a link out of the project', remedy)
    return None


def forbidden_character(text: str) -> re.Match[str] | None:
    """Find the first control character or unusual line break that no text of a project holds."""
    return _FORBIDDEN.search(text)


def decode_source(path: str, content: bytes) -> tuple[SourceFile | None, tuple[Diagnostic, ...]]:
    """Turn a file's bytes into text.

    Returns:
        The text; or None and the place of the first byte that is not UTF-8, or of every line's
        first character that no text holds (at most ten of them).
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            message = f"{path} is {encoding} text, not UTF-8"
            return None, (finding(NOT_UTF8, SourceSpan(path=path), message, _SAVE_AS_UTF8),)
    has_bom = content.startswith(b"\xef\xbb\xbf")
    body = content[3:] if has_bom else content
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8")
        message = f"the byte 0x{body[error.start]:02x} here is not UTF-8"
        return None, (finding(NOT_UTF8, _place(path, before), message, _SAVE_AS_UTF8),)
    source = SourceFile(path=path, text=text, has_bom=has_bom)
    problems = _forbidden_characters(source)
    return (None, problems) if problems else (source, ())


def _forbidden_characters(source: SourceFile) -> tuple[Diagnostic, ...]:
    if not _FORBIDDEN.search(source.text):
        return ()
    found = []
    for number, line in enumerate(source.lines(), start=1):
        match = _FORBIDDEN.search(line)
        if match is not None:
            message = f"the character U+{ord(match[0]):04X} may not stand in a text file"
            span = source.span(number, match.start() + 1)
            found.append(finding(FORBIDDEN_CHARACTER, span, message, "remove it"))
        if len(found) == 10:
            break
    return tuple(found)


def _place(path: str, before: str) -> SourceSpan:
    lines = _LINE_BREAK.split(before)
    return SourceSpan(path=path, line=len(lines), column=len(lines[-1]) + 1)


def _read_bytes(path: Path, max_bytes: int) -> bytes | None:
    """Read an ordinary file, or None when it is too large.

    Raises:
        OSError: It is missing, may not be read, or is not an ordinary file.
    """
    # Opening a named pipe waits for a writer unless told not to.
    descriptor = os.open(
        path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not an ordinary file")
        content = stream.read(max_bytes + 1)
    return content if len(content) <= max_bytes else None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()

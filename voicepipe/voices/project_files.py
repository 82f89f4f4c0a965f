"""Hashing the files that voices name, each once, with every reason they cannot be read."""

from __future__ import annotations

import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from voicepipe.documents.source import path_problem
from voicepipe.hashing import sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.diagnostics import CodeInfo, SourceSpan
    from voicepipe.documents.findings import Findings

MAX_FILE_BYTES: Final = 128 * 1024 * 1024
"""Ten seconds of sound are 2 MB, a scanned contract 20."""


class ProjectFiles:
    """The files of one project, as far as voices name them."""

    def __init__(self, root: Path, findings: Findings) -> None:
        self._root = root
        self._findings = findings
        self._known: dict[str, tuple[str, str]] = {}

    @contextmanager
    def reporting_to(self, findings: Findings) -> Iterator[None]:
        """Report what cannot be read to somebody else for a while."""
        before, self._findings = self._findings, findings
        try:
            yield
        finally:
            self._findings = before

    def sha256(self, path: str, span: SourceSpan, code: CodeInfo) -> str | None:
        """Hash a file.

        Args:
            path: As the user wrote it, from the project root.
            span: Where.
            code: What to report under when it cannot be read.

        Returns:
            64 hex digits, or None when it cannot be read, which has been reported.
        """
        outside = path_problem(self._root, path, at=span)
        if outside is not None:
            self._findings.extend([outside])
            return None
        if path not in self._known:
            self._known[path] = self._hash(path)
        digest, reason = self._known[path]
        if reason:
            remedy = "correct the path, or put the file there"
            self._findings.add(code, span, f'"{path}": {reason}', remedy)
            return None
        return digest

    def _hash(self, path: str) -> tuple[str, str]:
        """The hash and an empty reason, or nothing and the reason why not."""
        file = self._root / path
        try:
            status = file.stat()
            if not stat.S_ISREG(status.st_mode):
                return "", "not an ordinary file"
            if status.st_size > MAX_FILE_BYTES:
                return "", f"{status.st_size} bytes; the limit is {MAX_FILE_BYTES}"
            return sha256_of_file(file), ""
        except OSError as error:
            return "", (error.strerror or str(error)).lower()

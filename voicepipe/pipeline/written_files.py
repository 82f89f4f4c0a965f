"""Files beside a bank, in a folder that the user named: only what changed is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import write_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class WrittenFiles:
    """Writes below one folder, and counts."""

    folder: Path
    n_written: int = 0
    n_unchanged: int = 0

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole, in one step; one that holds just this is left alone.

        Args:
            name: Below the folder, with forward slashes.
            content: All of it.

        Raises:
            EnvironmentFault: It cannot be written, or a folder on the way is a link.
        """
        path = self.folder / name
        refuse_links(self.folder, path.parent)
        if _holds(path, content):
            self.n_unchanged += 1
            return
        write_file(path, content, remedy="name a folder that you may write to")
        self.n_written += 1


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError:  # writing it says what is wrong
        return False

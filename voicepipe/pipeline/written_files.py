"""Files beside a bank, in a folder that the user named: only what changed is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import replace_file
from voicepipe.errors import EnvironmentFault

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
        try:
            refuse_links(self.folder, path.parent)
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.read_bytes() == content:
                self.n_unchanged += 1
                return
            replace_file(path, content)
        except OSError as error:
            raise EnvironmentFault(
                f"{path} cannot be written: {error.strerror or error}",
                remedy="name a folder that you may write to",
            ) from error
        self.n_written += 1

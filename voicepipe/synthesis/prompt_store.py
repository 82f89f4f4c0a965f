"""Prompts on disk: what the encoders made of a voice's clips, so that they listen only once.

A prompt belongs to one voice and leaves with its consent. Torch-free: the files are opened by
`prompt`, found and removed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.bank.faults import fault_of
from voicepipe.bank.files import remove_file, write_atomic
from voicepipe.regular_files import open_regular, read_regular

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "prompts"
SUFFIX: Final = ".safetensors"
_MAX_HEADER_BYTES = 1 << 20
_LARGEST = 1 << 28
"""Bytes of a prompt; more is none of ours, and is made again."""
_LENGTH_BYTES = 8


class PromptStore:
    """The prompts of one project.

    Args:
        out: The output folder.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self.folder = out / FOLDER

    def path(self, key: str) -> Path:
        """Where a prompt lies or would lie."""
        return self.folder / f"{key}{SUFFIX}"

    def read(self, key: str) -> bytes | None:
        """Read a prompt's bytes; None when there is none."""
        try:
            return read_regular(self.path(key), limit=_LARGEST)
        except OSError:
            return None

    def write(self, key: str, content: bytes) -> None:
        """Store a prompt, whole or not at all.

        Raises:
            EnvironmentFault: The folder cannot be written.
        """
        write_atomic(self._out, self.path(key), content)

    def of_voice(self, voice: str) -> list[Path]:
        """List the files of a voice's prompts, sorted."""
        return [p for p in sorted(self.folder.glob(f"*{SUFFIX}")) if _voice_of(p) == voice]

    def discard_voice(self, voice: str) -> int:
        """Remove every prompt of a voice.

        Returns:
            How many there were.

        Raises:
            EnvironmentFault: One cannot be removed.
        """
        removed = 0
        for path in self.of_voice(voice):
            try:
                remove_file(path, within=self._out)
            except OSError as error:
                raise fault_of(error, path) from error
            removed += 1
        return removed


def _voice_of(path: Path) -> str:
    # A safetensors file: eight bytes of length, that much JSON, then the values.
    try:
        with open_regular(path) as stream:
            length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
            if length > _MAX_HEADER_BYTES:
                return ""
            header = orjson.loads(stream.read(length))
        return str(header["__metadata__"]["voice"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return ""

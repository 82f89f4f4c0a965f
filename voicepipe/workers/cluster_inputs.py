"""What a render reads, on its way to machines that share no disk: model files and clips of voices.

They travel through the cluster's own memory, in pieces, and lie on a node only while the render
runs: nothing of a voice stays behind in a bucket.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from voicepipe.bank.faults import explained
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_file
from voicepipe.model_store.library import WEIGHTS_NAME
from voicepipe.settings import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from voicepipe.workers.jobs import ClipJob

_PIECE_BYTES: Final = 64 << 20
"""A node's share of the cluster's memory may be small beside a model."""
_WEIGHTS_SUFFIX: Final = ".safetensors"
_DESCRIPTION_SUFFIX: Final = ".json"
"""Of the file beside weights that says what they are."""
_PREFIX: Final = "voicepipe-node-"
_LEFTOVER_S: Final = 2 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file of the project, somewhere in the cluster's memory."""

    path: str
    """From the project root, with slashes."""
    sha256: str
    pieces: tuple[Any, ...]
    """What Ray calls the pieces, in order."""


def files_read(jobs: Sequence[ClipJob], root: Path, models: Iterable[Path] = ()) -> dict[str, str]:
    """List what jobs read.

    Args:
        jobs: All to be rendered.
        root: The project.
        models: What whoever listens to the clips reads, besides the clips of the voices.

    Returns:
        Path from the root → sha256: of the model files and clips the jobs name, of clips that
        theirs are compared with, of what lies beside models and says what they are, of the models
        of those who listen, and of the project's settings.

    Raises:
        EnvironmentFault: A file cannot be read.
    """
    named = {
        path: digest
        for job in jobs
        if job.request is not None
        for digest, path in job.request.files.items()
    }
    named |= _clips_compared(jobs, root)
    read_too = [name for path in named for name in _beside(root, path)]
    read_too += [path.relative_to(root).as_posix() for path in models]
    for path in (*read_too, SETTINGS_FILE):
        with explained(root / path):
            if path not in named and (root / path).is_file():
                named[path] = sha256_of_file(root / path)
    return named


def _clips_compared(jobs: Sequence[ClipJob], root: Path) -> dict[str, str]:
    voices = {
        voice
        for job in jobs
        if job.expected is not None and job.request is not None
        for voice in job.expected.line.voices
    }
    return {
        clip.path.relative_to(root).as_posix(): clip.sha256
        for voice in voices
        for clip in (*voice.clips, *voice.sounds)
    }


def _beside(root: Path, path: str) -> list[str]:
    """Name the small files that are read with a model: of one in the library, its whole folder."""
    place = PurePosixPath(path)
    if place.suffix != _WEIGHTS_SUFFIX:
        return []
    if place.name != WEIGHTS_NAME:
        return [str(place.with_suffix(_DESCRIPTION_SUFFIX))]
    folder = root / place.parent
    with explained(folder):
        return sorted(item.relative_to(root).as_posix() for item in folder.rglob("*"))


def put_files(named: Mapping[str, str], root: Path, put: Callable[[bytes], Any]) -> list[InputFile]:
    """Put files into the cluster's memory.

    Args:
        named: Path from the root → sha256.
        root: The project.
        put: `ray.put`.

    Raises:
        EnvironmentFault: A file cannot be read.
    """
    found = []
    for path, digest in sorted(named.items()):
        with explained(root / path), (root / path).open("rb") as stream:
            pieces = tuple(put(piece) for piece in iter(lambda: stream.read(_PIECE_BYTES), b""))
        found.append(InputFile(path=path, sha256=digest, pieces=pieces))
    return found


def node_folder(run: str) -> Path:
    """Have a folder on this node, for this run alone."""
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{run}"
    with explained(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def lay_out(files: Iterable[InputFile], folder: Path, get: Callable[[Any], bytes]) -> None:
    """Write files into a folder of this node; those that lie there already stay.

    Args:
        files: From the cluster's memory.
        folder: Stands for the project root. Other workers of this node may be at it as well.
        get: `ray.get`.

    Raises:
        EnvironmentFault: The disk is full; or a file is not what it was when the render began.
    """
    for file in files:
        target = folder / file.path
        if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
            raise EnvironmentFault(f'"{file.path}" leads out of the project')
        if target.is_file():  # it was verified before it got its name
            continue
        part = target.with_name(f"{target.name}.{secrets.token_hex(6)}.part")
        with explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("xb") as stream:
                    for piece in file.pieces:
                        stream.write(get(piece))
                if sha256_of_file(part) != file.sha256:
                    raise EnvironmentFault(
                        f"{file.path}: the file changed while the render began",
                        remedy="run it again",
                    )
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)


def forget_run(run: str) -> None:
    """Remove what a run laid out on this node, and what lost runs left there days ago."""
    here = Path(tempfile.gettempdir())
    oldest = time.time() - _LEFTOVER_S
    for folder in here.glob(f"{_PREFIX}*"):
        try:
            is_ours = folder.name == f"{_PREFIX}{run}" or folder.stat().st_mtime < oldest
        except OSError:  # another worker was faster
            continue
        if is_ours:
            shutil.rmtree(folder, ignore_errors=True)

"""What was made of a voice's recordings, and taking it down with the voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.faults import fault_of
from voicepipe.bank.files import remove_tree
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.model_removal import voices_naming

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.model_store.lock import LockedModel
    from voicepipe.settings import Settings


FOLDER = "training"
"""Under the output folder; one folder a voice in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedModels:
    """What left with a voice."""

    models: tuple[str, ...] = ()
    """Names in the library, sorted."""
    folder: bool = False
    """Whether features, states and previews of a training were removed."""
    users: tuple[str, ...] = ()
    """Other voices whose files name one of the models; they render no more."""


NO_MODELS = RemovedModels()


def training_folder(out: Path, voice: str) -> Path:
    """Where training keeps everything of a voice."""
    return out / FOLDER / voice


def trained_on(root: Path, voice: str) -> tuple[LockedModel, ...]:
    """List the models that were made of a voice's recordings, also by way of another one.

    Raises:
        InputError: The lock is broken.
    """
    models = ModelLibrary(root).models()
    found = {m.name: m for m in models if m.trained is not None and m.trained.voice == voice}
    while True:
        # A model that was trained on top of one of these holds that person's voice, too.
        more = {
            m.name: m
            for m in models
            if m.name not in found and m.trained is not None and m.trained.base in found
        }
        if not more:
            return tuple(found[name] for name in sorted(found))
        found |= more


def files_of_trainings(root: Path, settings: Settings, voice: str) -> list[tuple[str, Path]]:
    """List every file of the models trained on a voice, and all that its trainings kept.

    Returns:
        Kind and path, `remove_trained_models` removes them.

    Raises:
        InputError: The lock is broken.
    """
    library, folder = ModelLibrary(root), training_folder(root / settings.out, voice)
    places = [("model", library.folder / model.name) for model in trained_on(root, voice)]
    if folder.name == voice:
        places.append(("training", folder))
    return [
        (kind, path)
        for kind, place in places
        if place.is_dir() and not place.is_symlink()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def remove_trained_models(root: Path, settings: Settings, voice: str) -> RemovedModels:
    """Remove every model trained on a voice, and all that its trainings kept.

    The files go first, then their entries in the lock: whatever interrupts it, doing it again
    finishes it.

    Raises:
        InputError: The lock is broken.
        EnvironmentFault: Something cannot be removed.
    """
    library = ModelLibrary(root)
    names = tuple(model.name for model in trained_on(root, voice))
    users = tuple(name for name in voices_naming(root, settings, names) if name != voice)
    for name in names:
        library.discard(name)
    out = root / settings.out
    folder = training_folder(out, voice)
    is_there = folder.name == voice and folder.is_dir()
    if is_there:
        try:
            remove_tree(folder, within=out)
        except OSError as error:
            raise fault_of(error, folder) from error
    return RemovedModels(models=names, folder=is_there, users=users)

"""Which models a bench loads, as a worker would: a voice's own, or a formula's. Imports torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicepipe.benchmarking.keys import formula_key, models_key
from voicepipe.errors import UsageError
from voicepipe.formula_models.families import adopt_formula_pair
from voicepipe.formula_models.sizes import TINY_SIZES, formula_sizes
from voicepipe.model_store.library import FOLDER_NAME, WEIGHTS_NAME, ModelLibrary
from voicepipe.synthesis.file_hashes import FileHashes
from voicepipe.synthesis.model_cache import Needed
from voicepipe.synthesis.voice_models import ModelFinder

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.model.precision import Precision
    from voicepipe.voices.voice import Voice

SIZES: Final = ("full", "tiny")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchModels:
    """Models on disk, and what to call them."""

    root: Path
    """Where the paths in `needed` begin."""
    needed: Needed
    name: str
    key: str
    size: str
    candidates: int = 1
    """Answers that a voice draws for each one it keeps."""


def formula_pair(folder: Path, precision: Precision, *, family: str, size: str) -> BenchModels:
    """Write a family's formula pair, which never ends a line by itself, into a folder.

    Args:
        folder: Empty; it becomes the root of a library.
        precision: Of the semantic stage.
        family: As `formula_sizes` takes it; ignored for the tiny size.
        size: One of `SIZES`.

    Raises:
        UsageError: No such family or size.
        EnvironmentFault: The folder cannot be written.
    """
    if size not in SIZES:
        raise UsageError(f'there is no size "{size}"', remedy=f"sizes are {', '.join(SIZES)}")
    is_tiny = size == "tiny"
    sizes = TINY_SIZES if is_tiny else formula_sizes(family)
    pair = adopt_formula_pair(ModelLibrary(folder), replace(sizes, eos_gain=0.0))
    hashes = {role: model.files[WEIGHTS_NAME].sha256 for role, model in pair.items()}
    paths = {
        hashes[role]: f"{FOLDER_NAME}/{model.name}/{WEIGHTS_NAME}" for role, model in pair.items()
    }
    kind = sizes.family.value
    return BenchModels(
        root=folder,
        needed=Needed(models=hashes, files=paths, precision=precision),
        name=f"formula {kind}{', tiny' if is_tiny else ''}",
        key=formula_key(f"tiny-{kind}" if is_tiny else kind),
        size=size,
    )


def voice_pair(root: Path, out: Path, voice: Voice, precision: Precision) -> BenchModels:
    """Find a voice's models.

    Args:
        root: The project.
        out: Its output folder, where hashes are remembered.
        voice: As its file says.
        precision: Of the semantic stage.

    Raises:
        UsageError: It does not name a whole set of models, or its sampling is faulty.
        InputError: The lock is broken.
    """
    found = ModelFinder(root, FileHashes(out)).find(voice.model)
    if found.faults:
        fault = found.faults[0]
        raise UsageError(f'voice "{voice.id}": {fault.message}', remedy=fault.remedy)
    try:
        settings = found.take_settings(voice.sampling)
    except ValueError as error:
        message = f'voice "{voice.id}": {error}'
        raise UsageError(message, remedy="voicepipe explain VP617") from error
    hashes = {role: file.sha256 for role, file in found.files.items()}
    return BenchModels(
        root=root,
        needed=Needed(
            models=hashes,
            files={file.sha256: file.path for file in found.files.values()},
            precision=precision,
        ),
        name=f"voice {voice.id}",
        key=models_key(hashes),
        size="full",
        candidates=settings.candidates,
    )

"""Which published models a training begins with: names to pinned files (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.model.config import Family
from voicepipe.model.encoders.timbre import PACKAGE, installed_weights, weights_remedy
from voicepipe.model_store.library import ModelLibrary
from voicepipe.synthesis.file_hashes import FileHashes
from voicepipe.synthesis.voice_models import (
    BASE,
    GPT,
    LISTENERS,
    SOVITS,
    ModelFault,
    ModelFinder,
)
from voicepipe.training.stage_names import ACOUSTIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.pipeline.train.checks import TrainingVoice
    from voicepipe.synthesis.voice_models import ModelFile

DEFAULT_BASE = "v2proplus"
"""The family of the best published timbre that trains whole, without a vocoder of its own."""
_TRAINED_WHOLE = frozenset({Family.V1, Family.V2, Family.V2_PRO, Family.V2_PRO_PLUS, Family.TINY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """The files a training listens and begins with."""

    files: Mapping[str, ModelFile]
    """By role."""
    symbols: str
    """Version of their symbol table."""
    languages: frozenset[str] | None
    """Languages whose phonemes they have heard; None where nothing says so."""

    @property
    def models(self) -> dict[str, str]:
        """Role → sha256."""
        return {role: file.sha256 for role, file in self.files.items()}

    @property
    def is_embedded(self) -> bool:
        """Whether they are of the smallest family."""
        return self.files[SOVITS].family is Family.TINY

    @property
    def paths(self) -> dict[str, str]:
        """The files' hashes → paths from the project root."""
        return {file.sha256: file.path for file in self.files.values()}


def find_bases(subject: TrainingVoice, base: str, stages: Sequence[str]) -> Bases:
    """Find the models to begin with.

    Args:
        subject: Its voice's file names models, where `base` does not.
        base: A published family; empty: what the voice's file says, and v2ProPlus otherwise.
        stages: To be trained.

    Raises:
        UsageError: A model has no such name, or its family cannot be trained.
        EnvironmentFault: A model is not on this machine.
    """
    table = dict(subject.voice.model)
    if base or not (BASE in table or {GPT, SOVITS} <= table.keys()):
        table = {role: name for role, name in table.items() if role in LISTENERS}
        table[BASE] = base or DEFAULT_BASE
    table = {role: _untrained(subject, name) for role, name in table.items()}
    found = ModelFinder(subject.root, FileHashes(subject.out)).find(table)
    if found.faults:
        raise UsageError(found.faults[0].message, remedy=found.faults[0].remedy)
    sovits = found.files[SOVITS]
    if ACOUSTIC in stages and (sovits.is_lora or sovits.family not in _TRAINED_WHOLE):
        kind = "a LoRA" if sovits.is_lora else sovits.family.value
        raise UsageError(
            f'the acoustic stage of "{sovits.name}" ({kind}) cannot be trained',
            remedy="train tiny, v1, v2, v2pro or v2proplus: --base tiny; or --stages semantic",
        )
    if found.away:
        names = ", ".join(sorted(file.name for file in found.away))
        raise EnvironmentFault(
            f"not on this machine: {names}", remedy=f"voicepipe models pull {names}"
        )
    return Bases(files=found.files, symbols=found.symbols, languages=found.languages)


def find_critics(subject: TrainingVoice, name: str) -> ModelFile:
    """Find the critics that the acoustic stage begins with.

    Args:
        subject: Its project has them.
        name: In the library, or a path in the project.

    Raises:
        UsageError: There is no such model, or it holds no critics.
        EnvironmentFault: It is not on this machine.
    """
    found = ModelFinder(subject.root, FileHashes(subject.out)).file("critics", name)
    if isinstance(found, ModelFault):
        raise UsageError(found.message, remedy=found.remedy)
    if found.family is not Family.DISCRIMINATOR:
        raise UsageError(
            f'critics: "{name}" is a {found.family.value} model, and must be a discriminator',
            remedy="give what the file s2D… beside the base was imported as: voicepipe models ls",
        )
    if not found.is_here:
        raise EnvironmentFault(
            f"not on this machine: {found.name}",
            remedy=f"voicepipe models import FILE --name {found.name}",
        )
    return found


def find_timbre_weights() -> Path:
    """Find what tells speakers apart, which the smallest family's acoustic stage learns by.

    Raises:
        EnvironmentFault: Its package is not installed.
    """
    path = installed_weights()
    if path is None:
        raise EnvironmentFault(
            f"{PACKAGE} is not installed, whose network tells the acoustic stage how like its "
            "speaker it is",
            remedy=weights_remedy(),
        )
    return path


def _untrained(subject: TrainingVoice, name: str) -> str:
    """Go back from a model that was trained here to the one it began with."""
    models = {model.name: model for model in ModelLibrary(subject.root).models()}
    seen: set[str] = set()
    while name in models and name not in seen:
        trained = models[name].trained
        if trained is None:
            break
        seen.add(name)
        name = trained.base
    return name

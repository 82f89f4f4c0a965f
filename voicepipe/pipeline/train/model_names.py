"""What the models of a training are called in the project's library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.errors import UsageError
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import is_model_name
from voicepipe.training.stage_names import ROLES

if TYPE_CHECKING:
    from voicepipe.pipeline.train.checks import TrainingVoice


def model_name(subject: TrainingVoice, stage: str, name: str) -> str:
    """Name the model of a stage: `noah-gpt`, `noah-sovits`."""
    return f"{name or subject.voice.id}-{ROLES[stage]}"


def require_name(subject: TrainingVoice, stage: str, name: str) -> None:
    """Refuse a name that is no name, or that a model has which is not this voice's own.

    Raises:
        UsageError: Another name must be given.
    """
    wanted = model_name(subject, stage, name)
    if not is_model_name(wanted):
        raise UsageError(
            f'"{wanted}" cannot be a model\'s name', remedy="give --name with letters and digits"
        )
    models = {model.name: model for model in ModelLibrary(subject.root).models()}
    there = models.get(wanted)
    if there is None or (there.trained is not None and there.trained.voice == subject.voice.id):
        return
    raise UsageError(
        f'the library has a model "{wanted}" that was not trained for this voice',
        remedy="give the new one another name: --name NAME",
    )

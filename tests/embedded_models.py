"""The models that come with voicepipe, in a project of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.pull import pull_model
from voicepipe.model_store.registry import find_published

if TYPE_CHECKING:
    from pathlib import Path


def pull_embedded(project: Path) -> ModelLibrary:
    """Bring them in; nothing listens where a download would be asked for."""
    library = ModelLibrary(project)
    for model in find_published(["tiny"]):
        pull_model(library, model, endpoint="http://127.0.0.1:9")
    return library

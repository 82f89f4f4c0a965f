"""Clearing up what commands that were killed left among the user's files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from voicepipe.documents.replacing import sweep_parts
from voicepipe.model_store.library import ModelLibrary

if TYPE_CHECKING:
    from voicepipe.settings import Settings


def sweep_leftovers(root: Path, settings: Settings) -> tuple[str, ...]:
    """Remove half-written files beside scripts, voices and the models' lock, and models half made.

    Only names that voicepipe gives, and only what no living process works on; links are not
    followed.

    Returns:
        The names removed.
    """
    folders = [root, root / settings.voices]
    for here, inner, _ in os.walk(root / settings.scripts, followlinks=False):
        inner[:] = [name for name in inner if not name.startswith(".")]
        folders.append(Path(here))
    swept = [name for folder in folders for name in sweep_parts(folder)]
    return (*swept, *ModelLibrary(root).sweep())

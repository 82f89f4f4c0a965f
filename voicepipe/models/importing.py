"""Files and folders from anywhere into the project's library.

Imports torch, through the converter.
"""

from __future__ import annotations

import shutil
import unicodedata
from typing import TYPE_CHECKING, Final

from voicepipe.errors import CheckpointError, UsageError
from voicepipe.models.convert import DESCRIPTION_NAME, WEIGHTS_NAME, convert_checkpoint
from voicepipe.models.lock import LockedModel, Source, Trained, Trust, is_model_name

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.model.config import Family
    from voicepipe.models.library import ModelLibrary

WEIGHT_SUFFIXES: Final = (".ckpt", ".pth", ".pt", ".bin", ".safetensors")
COMPANION_NAMES: Final = (
    "config.json",
    "preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
)
"""Files that the transformers library keeps beside weights."""
_LIBRARY_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def import_models(
    library: ModelLibrary, path: Path, *, name: str = "", family: Family | None = None
) -> tuple[LockedModel, ...]:
    """Hash, convert and pin a weight file, a transformers folder, or a folder of weight files.

    Args:
        library: The project's.
        path: A weight file; a folder with `config.json` and weights beside it, which is one
            model; or a folder of weight files, each of which becomes a model of its own.
        name: What to call it; taken from the file's or folder's name if empty.
        family: What it holds, where the file alone cannot tell.

    Raises:
        UsageError: The name cannot be one, or is given for several files.
        CheckpointError: A file is not there, or cannot be read as weights.
    """
    if not path.is_dir():
        return (import_file(library, path, name=name, family=family),)
    for weights in (path / known for known in _LIBRARY_WEIGHTS):
        if (path / "config.json").is_file() and weights.is_file():
            companions = tuple(c for c in (path / n for n in COMPANION_NAMES) if c.is_file())
            return (
                import_file(
                    library, weights, name=name or path.name, family=family, companions=companions
                ),
            )
    files = sorted(p for p in path.iterdir() if p.is_file() and p.suffix in WEIGHT_SUFFIXES)
    if not files:
        msg = f"{path}: no weight file in this folder ({', '.join(WEIGHT_SUFFIXES)})"
        raise CheckpointError(msg, remedy="give the folder that holds the files")
    if name and len(files) > 1:
        msg = f"{path} holds {len(files)} weight files, and one name was given"
        raise UsageError(msg, remedy="import them one by one, or leave out --name")
    return tuple(import_file(library, file, name=name, family=family) for file in files)


def import_file(
    library: ModelLibrary,
    path: Path,
    *,
    name: str = "",
    family: Family | None = None,
    companions: tuple[Path, ...] = (),
    source: Source | None = None,
    trained: Trained | None = None,
) -> LockedModel:
    """Hash, convert and pin one weight file.

    Args:
        library: The project's.
        path: The file.
        name: What to call it; taken from the file's name if empty.
        family: What it holds, where it alone cannot tell.
        companions: JSON or text files that belong with it.
        source: Where it came from, if not from this machine.
        trained: Whose recordings it was made of, if it was trained here.

    Raises:
        UsageError: The name cannot be one.
        CheckpointError: The file cannot be read as weights.
    """
    wanted = _model_name(name or path.stem)
    built = library.prepare(wanted)
    try:
        converted = convert_checkpoint(path, built, family=family, companions=companions)
        local = Source(file=path.name, sha256=converted.source_sha256, trust=Trust.LOCAL)
        return library.adopt(
            wanted,
            built,
            family=converted.family.value,
            lora_rank=converted.lora_rank,
            source=source or local,
            trained=trained,
        )
    finally:
        shutil.rmtree(built, ignore_errors=True)


def _model_name(text: str) -> str:
    name = unicodedata.normalize("NFC", text)
    if is_model_name(name) and name not in (WEIGHTS_NAME, DESCRIPTION_NAME):
        return name
    msg = f'"{text}" cannot be a model\'s name'
    raise UsageError(
        msg,
        remedy="give --name with letters, digits and . _ + = @ - only, beginning with "
        "a letter or digit, at most 80",
    )

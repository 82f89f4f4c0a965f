"""Files and folders from anywhere into the project's library.

Imports torch, through the converter.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import CheckpointError, UsageError
from voicepipe.model.config import Family
from voicepipe.model_store.convert import DESCRIPTION_NAME, WEIGHTS_NAME, convert_checkpoint
from voicepipe.model_store.lock import LockedModel, Source, Trained, Trust, is_model_name

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.model_store.library import ModelLibrary

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    path: Path
    stem: str
    """What the model is called if nobody says."""
    companions: tuple[Path, ...] = ()


def import_models(
    library: ModelLibrary,
    *paths: Path,
    name: str = "",
    family: Family | None = None,
    replace: bool = False,
) -> tuple[LockedModel, ...]:
    """Hash, convert and pin weight files, transformers folders, or folders of weight files.

    Files of one stem, as the two halves of a voice have, are called `STEM-gpt` and `STEM-sovits`
    when they come together.

    Args:
        library: The project's.
        paths: Each a weight file; a folder with `config.json` and weights beside it, which is one
            model; or a folder of weight files, each of which becomes a model of its own.
        name: What to call it; taken from the file's or folder's name if empty.
        family: What it holds, where the file alone cannot tell.
        replace: A model of the same name may be replaced by another one.

    Raises:
        UsageError: The name cannot be one, is given for several files, or is another model's.
        CheckpointError: A file is not there, or cannot be read as weights.
    """
    found = [file for path in paths for file in _weight_files(path)]
    if name and len(found) > 1:
        msg = f"{len(found)} weight files, and one name was given"
        raise UsageError(msg, remedy="import them one by one, or leave out --name")
    stems = Counter(_folded(file.stem) for file in found)
    return tuple(
        import_file(
            library,
            file.path,
            name=name or file.stem,
            adds_role=stems[_folded(file.stem)] > 1,
            family=family,
            companions=file.companions,
            replace=replace,
        )
        for file in found
    )


def _weight_files(path: Path) -> list[_Found]:
    if not path.is_dir():
        return [_Found(path=path, stem=path.stem)]
    for weights in (path / known for known in _LIBRARY_WEIGHTS):
        if (path / "config.json").is_file() and weights.is_file():
            companions = tuple(c for c in (path / n for n in COMPANION_NAMES) if c.is_file())
            return [_Found(path=weights, stem=path.name, companions=companions)]
    files = sorted(p for p in path.iterdir() if p.is_file() and p.suffix in WEIGHT_SUFFIXES)
    if not files:
        msg = f"{path}: no weight file in this folder ({', '.join(WEIGHT_SUFFIXES)})"
        raise CheckpointError(msg, remedy="give the folder that holds the files")
    return [_Found(path=file, stem=file.stem) for file in files]


def import_file(
    library: ModelLibrary,
    path: Path,
    *,
    name: str = "",
    adds_role: bool = False,
    family: Family | None = None,
    companions: tuple[Path, ...] = (),
    source: Source | None = None,
    trained: Trained | None = None,
    replace: bool = False,
) -> LockedModel:
    """Hash, convert and pin one weight file.

    Args:
        library: The project's.
        path: The file.
        name: What to call it; taken from the file's name if empty.
        adds_role: The name gets `-gpt` or `-sovits` behind it, by what the file turns out to hold.
        family: What it holds, where it alone cannot tell.
        companions: JSON or text files that belong with it.
        source: Where it came from, if not from this machine.
        trained: Whose recordings it was made of, if it was trained here.
        replace: A model of the same name may be replaced by another one, as a model that is pulled
            or trained here always may.

    Raises:
        UsageError: The name cannot be one, or is another model's.
        CheckpointError: The file cannot be read as weights.
    """
    wanted = _model_name(name or path.stem)
    built = library.prepare(wanted)
    try:
        converted = convert_checkpoint(path, built, family=family, companions=companions)
        local = Source(file=path.name, sha256=converted.source_sha256, trust=Trust.LOCAL)
        if adds_role:
            wanted = _model_name(f"{wanted}-{_role(converted.family)}")
        if source is None and trained is None and not replace:
            _refuse_another(library, wanted, local)
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


def _role(family: Family) -> str:
    if family is Family.SEMANTIC:
        return "gpt"
    return "sovits" if family.is_acoustic else family.value.lower()


def _refuse_another(library: ModelLibrary, name: str, source: Source) -> None:
    for held in library.models():
        is_same = held.name == name and held.source.sha256 == source.sha256
        # One folder on disks that do not tell capitals apart.
        if _folded(held.name) == _folded(name) and not is_same:
            raise UsageError(
                f'{library.lock_path.name} names a model "{held.name}" already: '
                f"{held.family}, from {held.source.file}",
                remedy=f"give {source.file} another name with --name, or say --replace",
            )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()

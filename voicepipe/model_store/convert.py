"""Any supported weight file to safetensors with its description beside it: never a pickle again.

Half precision stays half; values and names are the file's own. Imports torch.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.errors import CheckpointError, EnvironmentFault
from voicepipe.model.checkpoints.json_files import read_json
from voicepipe.model.checkpoints.reading import SIDECAR_SCHEMA, load_checkpoint
from voicepipe.model_store.weights_file import write_weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model.config import Family

WEIGHTS_NAME: Final = "model.safetensors"
DESCRIPTION_NAME: Final = "model.json"

TOKENIZER_NAME: Final = "tokenizer.json"
VOCABULARY_NAME: Final = "vocab.txt"

_MAX_COMPANION_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What one file became."""

    family: Family
    lora_rank: int | None
    source_sha256: str
    """Hash of the original file."""
    files: tuple[Path, ...]
    """Weights, description, and copies of what belongs with them."""


def convert_checkpoint(
    source: Path,
    folder: Path,
    *,
    family: Family | None = None,
    companions: Sequence[Path] = (),
) -> Converted:
    """Write a weight file's contents into a folder in our own form.

    Args:
        source: Any file `load_checkpoint` reads.
        folder: Made if it is not there; files of the same names are replaced.
        family: What the file holds, where it alone cannot tell.
        companions: JSON or text files to copy along, such as a tokenizer. A vocabulary that is
            only inside `tokenizer.json` is written out as `vocab.txt` too.

    Raises:
        CheckpointError: The source cannot be read as weights.
        EnvironmentFault: The folder cannot be written.
    """
    checkpoint = load_checkpoint(source, family=family)
    documents = {companion.name: _read_companion(companion) for companion in companions}
    vocabulary = None
    if TOKENIZER_NAME in documents and VOCABULARY_NAME not in documents:
        vocabulary = _vocabulary(documents[TOKENIZER_NAME], folder=source.parent)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        weights = folder / WEIGHTS_NAME
        # safetensors takes no views and no shared memory.
        tensors = {key: value.clone().contiguous() for key, value in checkpoint.tensors.items()}
        write_weights(weights, tensors)
        description = folder / DESCRIPTION_NAME
        description.write_bytes(_describe(checkpoint) + b"\n")
        copies = [folder / companion.name for companion in companions]
        for companion, copy in zip(companions, copies, strict=True):
            shutil.copyfile(companion, copy)
        if vocabulary is not None:
            copies.append(folder / VOCABULARY_NAME)
            copies[-1].write_text(vocabulary, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{folder}: {error.strerror or error}"
        raise EnvironmentFault(msg, remedy="check the folder's permissions and space") from error
    return Converted(
        family=checkpoint.family,
        lora_rank=checkpoint.lora_rank,
        source_sha256=checkpoint.source_sha256,
        files=(weights, description, *copies),
    )


def _describe(checkpoint: Checkpoint) -> bytes:
    document = {
        "schema": SIDECAR_SCHEMA,
        "family": checkpoint.family.value,
        "lora_rank": checkpoint.lora_rank,
        "info": checkpoint.info,
        "source": checkpoint.path.name,
        "source_sha256": checkpoint.source_sha256,
        "config": checkpoint.config,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def _read_companion(path: Path) -> object:
    if path.suffix == ".json":
        return read_json(path, max_bytes=_MAX_COMPANION_BYTES)
    try:
        if path.stat().st_size > _MAX_COMPANION_BYTES:
            msg = f"{path}: larger than {_MAX_COMPANION_BYTES} bytes"
            raise CheckpointError(msg)
        return path.read_bytes().decode()
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise CheckpointError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path}: not UTF-8 text ({error.reason} at byte {error.start})"
        raise CheckpointError(msg) from error


def _vocabulary(tokenizer: object, *, folder: Path) -> str | None:
    """The word pieces of a tokenizer, one a line in the order of their ids; None if it has none."""
    model = tokenizer.get("model") if isinstance(tokenizer, dict) else None
    if not isinstance(model, dict) or model.get("type") != "WordPiece":
        return None
    ids = model.get("vocab")
    is_whole = isinstance(ids, dict) and sorted(map(str, ids.values())) == sorted(
        map(str, range(len(ids)))
    )
    if not isinstance(ids, dict) or not is_whole or any("\n" in piece for piece in ids):
        msg = f"{folder / TOKENIZER_NAME}: its vocabulary has gaps or is no vocabulary"
        raise CheckpointError(msg)
    return "".join(f"{piece}\n" for piece in sorted(ids, key=lambda piece: int(ids[piece])))

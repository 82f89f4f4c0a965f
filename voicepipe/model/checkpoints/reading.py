"""Weight files in, plain tensors and plain configuration out; nothing in a file is ever run.

The only reader of checkpoints. It takes the community's files as they are:
`.ckpt` (semantic, keys prefixed `model.`), `.pth` (acoustic, configuration as a
pickled `utils.HParams`, a family code over the zip magic), the bare state dicts
of vocoders and speaker models, and safetensors with a JSON file beside them. It
knows nothing of what the weights compute.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from safetensors import SafetensorError
from safetensors.torch import load_file as load_safetensors

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.families import header_family, recognise
from voicepipe.model.checkpoints.mapped_files import mapped_file
from voicepipe.model.checkpoints.plain_config import plain_config, plain_text
from voicepipe.model.checkpoints.safetensors_header import read_header
from voicepipe.model.checkpoints.stored_tensors import read_tensors
from voicepipe.model.checkpoints.weight_containers import Archive, LegacyFile, is_legacy
from voicepipe.model.checkpoints.weights import check_rank, check_tensors
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from voicepipe.model.checkpoints.mapped_files import MappedFile
    from voicepipe.model.checkpoints.weight_containers import WeightContainer

SIDECAR_SCHEMA: Final = 1
"""Version of the JSON file beside converted weights."""

_ZIP_MAGIC = b"PK"
_MAX_SIDECAR_BYTES = 1 << 20
_IMPORT_AGAIN = "import the original again: voicepipe models import FILE"
_DAMAGE = (RuntimeError, ValueError, TypeError, LookupError, MemoryError, OSError)
"""What the safetensors library raises beside its own error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One weight file, read and checked."""

    path: Path
    sha256: str
    """Hash of the file's bytes: its identity in every take key and lock."""
    source_sha256: str
    """Hash of the file it was converted from; the same as `sha256` if it never was."""
    n_bytes: int
    family: Family
    lora_rank: int | None
    """Rank of the low-rank changes, if the file holds changes to a base and not a whole model."""
    config: Mapping[str, Any]
    """The file's own configuration, as JSON types."""
    tensors: Mapping[str, Tensor]
    """By community key name, without the `model.` prefix of semantic files; on the CPU, in the
    file's own precision, all values finite."""
    info: str
    """What the trainer wrote, such as the epoch."""

    @property
    def is_lora(self) -> bool:
        """Whether a base of the same family is needed to use it."""
        return self.lora_rank is not None


def load_checkpoint(path: Path, *, family: Family | None = None) -> Checkpoint:
    """Read a weight file of any supported kind.

    Args:
        path: `.ckpt`, `.pth`, `.pt`, `.bin`, or `.safetensors` with its `.json` beside it.
        family: What it is, where the file alone cannot tell (whole v3 or v4 fine-tunes).

    Raises:
        CheckpointError: The file cannot be read, is damaged, holds anything but weights, or
            belongs to no known family. The message names the file, and the key if there is one.
    """
    with mapped_file(path) as buffer:
        digest = hashlib.sha256(buffer).hexdigest()
        if path.suffix == ".safetensors":
            return _read_converted(path, buffer, digest, stated=family)
        return _read_pickled(path, buffer, digest, stated=family)


def _read_pickled(
    path: Path, buffer: MappedFile, sha256: str, *, stated: Family | None
) -> Checkpoint:
    head = bytes(buffer[:2])
    if header_family(head) is not None:
        buffer[:2] = _ZIP_MAGIC
    if is_legacy(head):
        container: WeightContainer = LegacyFile(buffer, path)
    elif bytes(buffer[:2]) == _ZIP_MAGIC:
        container = Archive(buffer, path)
    else:
        msg = f"{path}: begins with {head!r}, which no weight file does"
        raise CheckpointError(msg, remedy="give a .ckpt, .pth or .safetensors file")
    weights, extras = _find_weights(container.root, path=path)
    read = read_tensors(weights, container, path=path)
    tensors = check_tensors(read, path=path, n_bytes=len(buffer))
    if all(key.startswith("model.") for key in tensors):
        tensors = {key.removeprefix("model."): value for key, value in tensors.items()}
    return _assemble(
        path=path,
        sha256=sha256,
        source_sha256=sha256,
        n_bytes=len(buffer),
        head=head,
        config=plain_config(extras.get("config"), path=path),
        tensors=tensors,
        info=extras.get("info", ""),
        lora_rank=extras.get("lora_rank"),
        stated=stated,
    )


def _read_converted(
    path: Path, buffer: MappedFile, sha256: str, *, stated: Family | None
) -> Checkpoint:
    read_header(path)  # which bounds what the library makes of it
    try:
        weights = load_safetensors(path)
    except (SafetensorError, *_DAMAGE) as error:
        msg = f"{path}: not a whole safetensors file ({_first_line(error)})"
        raise CheckpointError(msg, remedy=_IMPORT_AGAIN) from error
    tensors = check_tensors(weights, path=path, n_bytes=len(buffer))
    sidecar = _read_sidecar(path.with_suffix(".json"))
    checkpoint = _assemble(
        path=path,
        sha256=sha256,
        source_sha256=str(sidecar.get("source_sha256") or sha256),
        n_bytes=len(buffer),
        head=_ZIP_MAGIC,
        config=plain_config(sidecar.get("config"), path=path.with_suffix(".json")),
        tensors=tensors,
        info=sidecar.get("info", ""),
        lora_rank=sidecar.get("lora_rank"),
        stated=stated or _claimed_family(sidecar, path=path),
    )
    needs_config = checkpoint.family is Family.SEMANTIC or checkpoint.family.is_acoustic
    if needs_config and not sidecar:
        msg = f"{path}: its description {path.with_suffix('.json').name} is not beside it"
        raise CheckpointError(msg, remedy=_IMPORT_AGAIN)
    return checkpoint


def _claimed_family(sidecar: Mapping[str, Any], *, path: Path) -> Family | None:
    if not sidecar:
        return None
    try:
        return Family(sidecar.get("family"))
    except ValueError as error:
        msg = f"{path.with_suffix('.json')}: family is {sidecar.get('family')!r}, which is unknown"
        raise CheckpointError(msg, remedy=_IMPORT_AGAIN) from error


def _assemble(
    *,
    path: Path,
    sha256: str,
    source_sha256: str,
    n_bytes: int,
    head: bytes,
    config: dict[str, Any],
    tensors: dict[str, Tensor],
    info: object,
    lora_rank: object,
    stated: Family | None,
) -> Checkpoint:
    shapes = {key: tuple(value.shape) for key, value in tensors.items()}
    found = recognise(
        shapes, path=path, head=head, config=config, sha256=source_sha256, stated=stated
    )
    return Checkpoint(
        path=path,
        sha256=sha256,
        source_sha256=source_sha256,
        n_bytes=n_bytes,
        family=found,
        lora_rank=check_rank(lora_rank, shapes, path=path),
        config=config,
        tensors=tensors,
        info=plain_text(info),
    )


def _find_weights(root: object, *, path: Path) -> tuple[Mapping[Any, Any], Mapping[str, Any]]:
    if not isinstance(root, dict):
        msg = f"{path}: holds a {type(root).__name__} where named weights should be"
        raise CheckpointError(msg)
    for key in ("weight", "generator"):
        if isinstance(root.get(key), dict):
            return root[key], root
    if "state_dict" in root or isinstance(root.get("model"), dict):
        msg = f"{path}: a training state, not a finished model"
        raise CheckpointError(
            msg, remedy="give the file from the weights folder: GPT_weights* or SoVITS_weights*"
        )
    return root, {}


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_SIDECAR_BYTES:
            msg = f"{path}: larger than {_MAX_SIDECAR_BYTES} bytes"
            raise CheckpointError(msg, remedy=_IMPORT_AGAIN)
        sidecar = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise CheckpointError(msg, remedy="check its permissions") from error
    except orjson.JSONDecodeError as error:
        msg = f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg})"
        raise CheckpointError(msg, remedy=_IMPORT_AGAIN) from error
    if not isinstance(sidecar, dict) or sidecar.get("schema") != SIDECAR_SCHEMA:
        msg = f"{path}: not the description of converted weights, schema {SIDECAR_SCHEMA}"
        raise CheckpointError(msg, remedy=_IMPORT_AGAIN)
    return sidecar


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]

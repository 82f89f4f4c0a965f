"""A training's weights as the community's files, and in the project's own library.

`.ckpt` (semantic) and `.pth` (acoustic): `weight`, `config` and `info` in one zip of plain tensors
and plain values, half precision, without the posterior encoder; the Pro families carry their code
in place of the zip's first two bytes. Files hold dictionaries, lists, texts and numbers and nothing
else, so whoever reads them needs none of our code, and readers that run nothing can read them.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `process_ckpt.py` and `s1_train.py`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import write_file
from voicepipe.errors import CheckpointError, UsageError
from voicepipe.model.config import HEADER_FAMILIES, Family
from voicepipe.model_store.importing import import_file
from voicepipe.training.loops.loop import BEST_NAME, STATES_NAME
from voicepipe.training.loops.state import load_state

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model_store.library import ModelLibrary
    from voicepipe.model_store.lock import LockedModel, Trained
    from voicepipe.training.loops.loop import Trainee

_PREFIX = "model."
_TRAINING_ONLY = "enc_q."
_CODED = (Family.V2_PRO, Family.V2_PRO_PLUS)
"""Families whose community files say what they are; readers of the others expect a plain zip."""


def chosen_weights(trainee: Trainee, folder: Path) -> tuple[int, Mapping[str, Tensor]]:
    """Give the weights to publish: the best that validation found, or else the last.

    Args:
        trainee: What was trained in the folder; its weights change to those of the last state
            when there was no validation.
        folder: Of the training.

    Returns:
        How many steps they took, and the weights by the names of community files.

    Raises:
        UsageError: The folder holds no state, or another training's.
        EnvironmentFault: A state cannot be read.
    """
    best = load_state(folder / BEST_NAME, trainee.identity)
    if best is not None:
        return best.step, best.tensors
    last = load_state(folder / STATES_NAME, trainee.identity)
    if last is None:
        raise UsageError(f"{folder}: nothing was trained here yet", remedy="train first")
    trainee.restore(last.tensors)
    return last.step, trainee.weights()


def export_weights(
    weights: Mapping[str, Tensor],
    base: Checkpoint,
    path: Path,
    *,
    info: str,
    config: Mapping[str, Any] | None = None,
) -> Path:
    """Write a fine-tune as a community file, whole or not at all.

    Args:
        weights: By the names of community files, as a trainee's `weights` gives them.
        base: What was trained; its family and names are the file's.
        path: `.ckpt` for a semantic stage, `.pth` for an acoustic one.
        info: A note for readers, such as the number of steps.
        config: The file's; None: the base's.

    Raises:
        CheckpointError: The weights are not those of the base's network, or do not fit half
            precision.
        UsageError: The path has another suffix.
        EnvironmentFault: It cannot be written.
    """
    suffix = ".ckpt" if base.family is Family.SEMANTIC else ".pth"
    if path.suffix != suffix:
        raise UsageError(f"{path}: a {base.family.value} model goes into a {suffix} file")
    published = {k: t for k, t in weights.items() if not k.startswith(_TRAINING_ONLY)}
    _check_names(published, base, path)
    document = {
        "weight": {name: _halved(name, tensor, path) for name, tensor in published.items()},
        "config": _plain(base.config if config is None else config),
        "info": info,
    }
    buffer = io.BytesIO()
    torch.save(document, buffer)
    content = buffer.getvalue()
    if base.family in _CODED:
        code = next(c for c, family in HEADER_FAMILIES.items() if family == (base.family, False))
        content = code + content[len(code) :]
    refuse_links(path.parent, path)
    write_file(path, content)
    return path


def register_model(
    library: ModelLibrary, path: Path, *, name: str, base: Checkpoint, trained: Trained
) -> LockedModel:
    """Bring an exported file into the project's library and pin it in `models.lock`.

    Args:
        library: The project's.
        path: What `export_weights` wrote.
        name: What voices call it.
        base: What was trained.
        trained: On whose recordings, under whose word.
    """
    return import_file(library, path, name=name, family=base.family, trained=trained)


def _check_names(weights: Mapping[str, Tensor], base: Checkpoint, path: Path) -> None:
    """Refuse to write what readers would refuse to read."""
    prefix = _PREFIX if base.family is Family.SEMANTIC else ""
    wanted = _shapes({prefix + name: tensor for name, tensor in base.tensors.items()})
    found = _shapes(weights)
    different = sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )
    if different:
        msg = f"{path}: {different[0]} and {len(different) - 1} more are not as in {base.path}"
        raise CheckpointError(msg, remedy="give the base that was trained")


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Shapes by name, as if every length and direction were one weight again."""
    return {
        name.removesuffix("_v") if name.endswith(".weight_v") else name: tuple(tensor.shape)
        for name, tensor in tensors.items()
        if not name.startswith(_TRAINING_ONLY) and not name.endswith(".weight_g")
    }


def _halved(name: str, tensor: Tensor, path: Path) -> Tensor:
    half = tensor.detach().cpu().half()
    if not torch.isfinite(half).all():
        msg = f"{path}: {name} does not fit half precision"
        raise CheckpointError(msg, remedy="the training diverged; export an earlier state")
    return half


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Copy a configuration into plain dictionaries and lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value

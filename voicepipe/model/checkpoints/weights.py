"""Named tensors: are they valid, do they fit a network, what do low-rank changes add to them.

Knows names, shapes and values, but neither files nor families.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.safetensors_header import MAX_TENSORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from torch import nn

_KEY: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_MAX_KEY: Final = 256
_LORA_KEY: Final = re.compile(r"(?P<layer>.+)\.lora_(?P<side>[AB])(\.default)?\.weight")
_MAX_RANK: Final = 1024
_SHOWN: Final = 3
_DTYPES: Final = frozenset(
    {torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64, torch.int32}
    | {torch.int16, torch.int8, torch.uint8, torch.bool}
)


class _NoFirstWeights(TorchFunctionMode):
    """Leaves out the drawing of first weights: on tensors without memory it costs seconds."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the function gives
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == torch.nn.init.__name__:
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)


@contextmanager
def shapes_only() -> Iterator[None]:
    """Build networks without memory or first weights, for tensors of a file to be put in.

    A configuration cannot make us allocate what the file does not hold.
    """
    with torch.device("meta"), _NoFirstWeights():
        yield


def check_tensors(weights: Mapping[Any, Any], *, path: Path, n_bytes: int) -> dict[str, Tensor]:
    """Refuse weights that are not plain, finite, named tensors the size of their file.

    Args:
        weights: What a file holds where weights should be.
        path: For messages.
        n_bytes: Size of the file.

    Raises:
        CheckpointError: Names the first key that is wrong, and how.
    """
    if not weights:
        msg = f"{path}: holds no weights"
        raise CheckpointError(msg)
    if len(weights) > MAX_TENSORS:
        msg = f"{path}: {len(weights)} weights; the limit is {MAX_TENSORS}"
        raise CheckpointError(msg)
    checked: dict[str, Tensor] = {}
    total = 0
    for key, value in weights.items():
        if not isinstance(key, str) or len(key) > _MAX_KEY or not _KEY.fullmatch(key):
            msg = f"{path}: {str(key)[:80]!r} cannot be the name of a weight"
            raise CheckpointError(msg)
        if not isinstance(value, Tensor):
            msg = f"{path}: {key} is a {type(value).__name__}, and must be a tensor"
            raise CheckpointError(msg)
        total += _check_tensor(key, value, path=path)
        # Twice, because one tensor may go under two names.
        if total > 2 * n_bytes:
            msg = f"{path}: up to {key} its weights add up to over twice its {n_bytes} bytes"
            raise CheckpointError(msg)
        checked[key] = value.detach()
    _check_values(checked, path=path)
    return checked


def _check_values(tensors: Mapping[str, Tensor], *, path: Path) -> None:
    for key, value in tensors.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            msg = f"{path}: {key} holds a NaN or an infinity"
            raise CheckpointError(msg, remedy="its training diverged; use an earlier epoch")


def check_rank(rank: object, shapes: Mapping[str, tuple[int, ...]], *, path: Path) -> int | None:
    """Say the rank of a file of low-rank changes, or None for a whole model.

    Raises:
        CheckpointError: The rank is missing or not a rank, or the matrices have another.
    """
    matrices = {key: shape for key, shape in shapes.items() if ".lora_A." in key}
    if not matrices:
        return None
    if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= _MAX_RANK:
        msg = f"{path}: lora_rank is {rank!r}, and must be a number from 1 to {_MAX_RANK}"
        raise CheckpointError(msg)
    for key, shape in matrices.items():
        if len(shape) != 2 or shape[0] != rank:
            msg = f"{path}: {key} has shape {shape}, and lora_rank is {rank}"
            raise CheckpointError(msg)
    return rank


def load_strictly(
    module: nn.Module,
    tensors: Mapping[str, Tensor],
    *,
    source: Path,
    dtype: torch.dtype = torch.float32,
    ignored_prefixes: tuple[str, ...] = (),
) -> None:
    """Put weights into a module, each in its place, none missing and none left over.

    Args:
        module: May have been built on the `meta` device.
        tensors: By the module's own key names.
        source: The file they come from, for messages.
        dtype: What floating-point weights become.
        ignored_prefixes: Keys of the file that begin so are left out, such as `enc_q.`, the
            posterior encoder, which whole files have, fine-tunes lack and rendering never needs.

    Raises:
        CheckpointError: A key is missing, surplus or of another shape.
    """
    wanted = module.state_dict()
    given = {key: value for key, value in tensors.items() if not key.startswith(ignored_prefixes)}
    missing = sorted(wanted.keys() - given.keys())
    if missing:
        msg = f"{source}: lacks {_name_some(missing)}"
        raise CheckpointError(msg, remedy="the file is of another family, or was cut down")
    surplus = sorted(given.keys() - wanted.keys())
    if surplus:
        msg = f"{source}: has no place for {_name_some(surplus)}"
        raise CheckpointError(msg, remedy="the file is of another family")
    for key, value in given.items():
        if value.shape != wanted[key].shape:
            msg = (
                f"{source}: {key} has shape {tuple(value.shape)}, "
                f"and must have {tuple(wanted[key].shape)}"
            )
            raise CheckpointError(msg, remedy="the file's configuration and weights disagree")
    converted = {
        key: value.to(dtype) if value.is_floating_point() else value for key, value in given.items()
    }
    module.load_state_dict(converted, assign=True)


def merge_lora(
    base: Mapping[str, Tensor], changes: Mapping[str, Tensor], *, rank: int, source: Path
) -> dict[str, Tensor]:
    """Add low-rank changes to a base: W + B @ A, since alpha equals the rank in these files.

    Args:
        base: A whole model's weights; not changed.
        changes: A LoRA file's weights: pairs `lora_A`, `lora_B` on the attention's query, key,
            value and output projections, and whole weights that replace the base's.
        rank: The file's `lora_rank`.
        source: The LoRA file, for messages.

    Returns:
        A whole model's weights under the base's names; changed ones are float32.

    Raises:
        CheckpointError: A pair is broken, of another rank, or changes a weight the base lacks.

    Source: Hu et al., 2021, equation 3; key names as peft writes them.
    """
    merged = dict(base)
    pairs: dict[str, dict[str, Tensor]] = {}
    for key, value in changes.items():
        match = _LORA_KEY.fullmatch(key)
        if match:
            pairs.setdefault(match["layer"], {})[match["side"]] = value
            continue
        target = _base_name(key)
        _require_same_shape(target, base, value.shape, source=source, key=key)
        merged[target] = value
    for layer, pair in pairs.items():
        target = f"{_base_name(layer)}.weight"
        if len(pair) != 2:
            msg = f"{source}: {layer} has lora_{next(iter(pair))} without its other half"
            raise CheckpointError(msg)
        down, up = pair["A"], pair["B"]
        if down.ndim != 2 or up.ndim != 2 or down.shape[0] != rank or up.shape[1] != rank:
            msg = f"{source}: {layer} is not of rank {rank}"
            raise CheckpointError(msg)
        shape = torch.Size((up.shape[0], down.shape[1]))
        _require_same_shape(target, base, shape, source=source, key=layer)
        merged[target] = merged[target].float() + up.float() @ down.float()
    return merged


def _base_name(key: str) -> str:
    return key.replace(".base_model.model.", ".", 1).replace(".base_layer.", ".", 1)


def _require_same_shape(
    target: str, base: Mapping[str, Tensor], shape: torch.Size, *, source: Path, key: str
) -> None:
    if target not in base:
        msg = f"{source}: {key} changes {target}, which the base does not have"
        raise CheckpointError(msg, remedy="give the base of the same family")
    if base[target].shape != shape:
        msg = f"{source}: {key} is {tuple(shape)}, and {target} is {tuple(base[target].shape)}"
        raise CheckpointError(msg, remedy="give the base of the same family")


def _check_tensor(key: str, value: Tensor, *, path: Path) -> int:
    is_plain = value.layout is torch.strided and value.device.type == "cpu"
    if not is_plain or value.dtype not in _DTYPES:
        msg = f"{path}: {key} is a {value.layout} tensor of {value.dtype}, not a plain one"
        raise CheckpointError(msg)
    n_bytes = value.numel() * value.element_size()
    if n_bytes > value.untyped_storage().nbytes():
        msg = (
            f"{path}: {key} claims shape {tuple(value.shape)}, {n_bytes} bytes, "
            f"and brings {value.untyped_storage().nbytes()}"
        )
        raise CheckpointError(msg)
    return n_bytes


def _name_some(keys: list[str]) -> str:
    rest = len(keys) - _SHOWN
    return ", ".join(keys[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
